mod parse;

use std::fs::File;
use std::io::{BufReader, Read, Seek};
use std::path::Path;

use flate2::bufread::MultiGzDecoder;
use selvedge_fetch::{Sha256Digest, sha256};

use self::parse::{BYTES, Element, INTEGERS, Length, Parser, hex};
use crate::{Error, Result};

/// The contents of an IDX file of bytes, the format of the MNIST family: a big-endian header (two zero bytes,
/// the type 8, the number of dimensions, each dimension) and the values.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Idx {
    /// The length of each dimension, such as `[60000, 28, 28]`.
    pub dimensions: Vec<usize>,
    /// The values, the last dimension fastest.
    pub values: Vec<u8>,
}

/// Deflate cannot make more of a byte than this many, so a header that asks for more is wrong.
const DEFLATE_RATIO: u64 = 1032;

impl Idx {
    /// Reads a file, gzip or not, that has to have `rank` dimensions.
    ///
    /// Nothing is allocated before the length that the header asks for is known to be there, or, for gzip, to
    /// be possible.
    ///
    /// # Errors
    ///
    /// When the file cannot be read, has another magic number, another number of dimensions, fewer or more
    /// values than the header says, or corrupt gzip data.
    pub fn read(path: impl AsRef<Path>, rank: u8) -> Result<Self> {
        Self::read_any(path.as_ref(), BYTES, rank)
    }

    /// Reads the first of each row of a file of rows of 32-bit numbers.
    pub(crate) fn read_first_of_records(path: &Path) -> Result<Self> {
        let Self { dimensions, values } = Self::read_any(path, INTEGERS, 2)?;
        let wrong = |found| Error::Format {
            path: path.to_path_buf(),
            what: "first of each row",
            expected: "0 to 255".to_owned(),
            found,
        };
        if dimensions[1] == 0 {
            return Err(wrong("empty rows".to_owned()));
        }
        let first = values.chunks_exact(4 * dimensions[1]).map(|row| match row {
            [0, 0, 0, value, ..] => Ok(*value),
            _ => Err(wrong(format!("the bytes {}", hex(&row[..4])))),
        });
        Ok(Self { dimensions: vec![dimensions[0]], values: first.collect::<Result<_>>()? })
    }

    /// Refuses a file that [`read`](Self::read) would refuse, without keeping its values in memory.
    pub(crate) fn check(path: &Path, rank: u8) -> Result<()> {
        Self::open(path, BYTES, rank, |parser| parser.check())
    }

    /// Refuses a file that is not rows of 32-bit numbers, without keeping them in memory.
    pub(crate) fn check_records(path: &Path) -> Result<()> {
        Self::open(path, INTEGERS, 2, |parser| parser.check())
    }

    /// The values are the bytes of the file, whatever the width of a value.
    fn read_any(path: &Path, element: Element, rank: u8) -> Result<Self> {
        Self::open(path, element, rank, |parser| parser.parse())
    }

    fn open<T>(
        path: &Path,
        element: Element,
        rank: u8,
        read: impl FnOnce(Parser<'_, Box<dyn Read>>) -> Result<T>,
    ) -> Result<T> {
        let io = || Error::io(path);
        let mut file = File::open(path).map_err(io())?;
        let length = file.metadata().map_err(io())?.len();
        let mut magic = [0; 2];
        let gzip = file.read_exact(&mut magic).is_ok() && magic == [0x1f, 0x8b];
        file.rewind().map_err(io())?;
        let reader = BufReader::new(file);
        if gzip {
            let length = Length::AtMost(length.saturating_mul(DEFLATE_RATIO));
            let reader: Box<dyn Read> = Box::new(MultiGzDecoder::new(reader));
            read(Parser { path, reader, element, rank, length })
        } else {
            let reader: Box<dyn Read> = Box::new(reader);
            read(Parser { path, reader, element, rank, length: Length::Exactly(length) })
        }
    }

    /// The length and the digest of the file as it would be without compression.
    pub(crate) fn sha256(&self) -> (usize, Sha256Digest) {
        let mut header = vec![0, 0, 8, self.dimensions.len() as u8];
        header.extend(self.dimensions.iter().flat_map(|&length| (length as u32).to_be_bytes()));
        let digest = sha256(header.chain(&*self.values)).expect("memory can be read");
        (header.len() + self.values.len(), digest)
    }
}
