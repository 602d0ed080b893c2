//! Real files, and what may be done to them.

use std::fs;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};

use flate2::read::GzDecoder;
use flate2::write::GzEncoder;
use flate2::{Compression, Crc};
use proptest::prelude::*;

/// A file of the corpus and what is done to it.
#[derive(Debug, Clone)]
pub(crate) struct Damage {
    /// Its number, in the order of the names.
    file: u8,
    /// Whether the checksums around what is changed are made to fit again, so that a reader gets to it.
    mended: bool,
    changes: Vec<Change>,
}

/// Any damage.
pub(crate) fn damage() -> impl Strategy<Value = Damage> {
    (any::<u8>(), any::<bool>(), prop::collection::vec(change(), 0..8))
        .prop_map(|(file, mended, changes)| Damage { file, mended, changes })
}

/// A change at a place of a file, whose number is taken modulo the length.
#[derive(Debug, Clone)]
enum Change {
    Byte {
        at: u16,
        value: u8,
    },
    Bit {
        at: u16,
        bit: u8,
    },
    /// A number of four bytes, such as a length.
    Number {
        at: u16,
        which: u8,
    },
    Cut {
        at: u16,
    },
    Remove {
        at: u16,
        count: u8,
    },
    Repeat {
        at: u16,
        count: u8,
    },
    Insert {
        at: u16,
        bytes: [u8; 4],
    },
}

fn change() -> impl Strategy<Value = Change> {
    // Headers are at the start, and short.
    let at = || prop_oneof![0_u16..64, any::<u16>()];
    prop_oneof![
        (at(), any::<u8>()).prop_map(|(at, value)| Change::Byte { at, value }),
        (at(), any::<u8>()).prop_map(|(at, bit)| Change::Bit { at, bit }),
        (at(), any::<u8>()).prop_map(|(at, which)| Change::Number { at, which }),
        at().prop_map(|at| Change::Cut { at }),
        (at(), any::<u8>()).prop_map(|(at, count)| Change::Remove { at, count }),
        (at(), any::<u8>()).prop_map(|(at, count)| Change::Repeat { at, count }),
        (at(), any::<[u8; 4]>()).prop_map(|(at, bytes)| Change::Insert { at, bytes }),
    ]
}

/// Where lengths are on the edge.
const NUMBERS: [u32; 8] = [0, 1, 0xff, 0x100, 0xffff, 0x7fff_ffff, 0x8000_0000, u32::MAX];

impl Change {
    fn apply(&self, bytes: &mut Vec<u8>) {
        let length = bytes.len();
        if length == 0 {
            return;
        }
        let place = |at: &u16| usize::from(*at) % length;
        match self {
            Self::Byte { at, value } => bytes[place(at)] = *value,
            Self::Bit { at, bit } => bytes[place(at)] ^= 1 << (bit % 8),
            Self::Number { at, which } => {
                let number = NUMBERS[usize::from(*which) % NUMBERS.len()].to_be_bytes();
                bytes.iter_mut().skip(place(at)).zip(number).for_each(|(byte, value)| *byte = value);
            }
            Self::Cut { at } => bytes.truncate(place(at)),
            Self::Remove { at, count } => {
                bytes.drain(place(at)..length.min(place(at) + usize::from(*count)));
            }
            Self::Repeat { at, count } => {
                let piece = bytes[place(at)..length.min(place(at) + usize::from(*count))].to_vec();
                bytes.splice(place(at)..place(at), piece);
            }
            Self::Insert { at, bytes: inserted } => {
                bytes.splice(place(at)..place(at), *inserted);
            }
        }
    }
}

/// The files that are damaged, and a folder for the result.
pub(crate) struct Corpus {
    files: Vec<Vec<u8>>,
    folder: tempfile::TempDir,
}

impl Corpus {
    pub(crate) fn new(name: &str) -> Self {
        let folder: PathBuf = [env!("CARGO_MANIFEST_DIR"), "tests/fuzz/corpus", name].iter().collect();
        let mut paths: Vec<PathBuf> =
            fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
        paths.sort();
        let files = paths.into_iter().map(|path| fs::read(path).unwrap()).collect();
        Self { files, folder: tempfile::tempdir().unwrap() }
    }

    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// The files as they are.
    pub(crate) fn files(&self) -> &[Vec<u8>] {
        &self.files
    }

    /// The file after the damage.
    pub(crate) fn damaged(&self, damage: &Damage) -> Vec<u8> {
        let mut bytes = self.files[usize::from(damage.file) % self.files.len()].clone();
        let is_gzip = bytes.starts_with(&[0x1f, 0x8b]);
        if damage.mended && is_gzip {
            let mut content = Vec::new();
            GzDecoder::new(&*bytes).read_to_end(&mut content).unwrap();
            bytes = content;
        }
        damage.changes.iter().for_each(|change| change.apply(&mut bytes));
        if damage.mended && is_gzip {
            let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
            encoder.write_all(&bytes).unwrap();
            bytes = encoder.finish().unwrap();
        } else if damage.mended && bytes.starts_with(b"\x89PNG") {
            mend_png(&mut bytes);
        }
        bytes
    }
}

/// Gives each chunk the checksum of what is in it.
fn mend_png(bytes: &mut [u8]) {
    let mut at = 8;
    while let Some(length) = bytes.get(at..at + 4) {
        let length = u32::from_be_bytes(length.try_into().unwrap()) as usize;
        let Some(chunk) = (at + 8).checked_add(length).and_then(|end| bytes.get(at + 4..end)) else { return };
        let mut crc = Crc::new();
        crc.update(chunk);
        let end = at + 8 + length;
        let Some(place) = bytes.get_mut(end..end + 4) else { return };
        place.copy_from_slice(&crc.sum().to_be_bytes());
        at = end + 4;
    }
}
