use std::fs::File;
use std::io::{BufReader, Read, Seek};
use std::path::Path;

use flate2::bufread::MultiGzDecoder;
use selvedge_fetch::{Sha256Digest, sha256};

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

/// Deflate can not make more of a byte than this many, so a header that asks for more is wrong.
const DEFLATE_RATIO: u64 = 1032;

impl Idx {
    /// Reads a file, gzip or not, that has to have `rank` dimensions.
    ///
    /// Nothing is allocated before the length that the header asks for is known to be there, or, for gzip, to
    /// be possible.
    ///
    /// # Errors
    ///
    /// When the file can not be read, has another magic number, another number of dimensions, fewer or more
    /// values than the header says, or corrupt gzip data.
    pub fn read(path: impl AsRef<Path>, rank: u8) -> Result<Self> {
        let path = path.as_ref();
        let io = || Error::io(path);
        let mut file = File::open(path).map_err(io())?;
        let length = file.metadata().map_err(io())?.len();
        let mut magic = [0; 2];
        let gzip = file.read_exact(&mut magic).is_ok() && magic == [0x1f, 0x8b];
        file.rewind().map_err(io())?;
        let reader = BufReader::new(file);
        if gzip {
            let possible = length.saturating_mul(DEFLATE_RATIO);
            Self::parse(path, MultiGzDecoder::new(reader), rank, Body::AtMost(possible))
        } else {
            Self::parse(path, reader, rank, Body::Exactly(length))
        }
    }

    fn parse(path: &Path, mut reader: impl Read, rank: u8, body: Body) -> Result<Self> {
        let wrong = |what, expected: String, found: String| Error::Format {
            path: path.to_path_buf(),
            what,
            expected,
            found,
        };
        let header_length = 4 + 4 * usize::from(rank);
        let mut header = vec![0; header_length];
        let found = fill(&mut reader, &mut header).map_err(|error| unreadable(path, error))?;
        let magic = [0, 0, 8, rank];
        if found >= 4 && header[..4] != magic {
            return Err(wrong("magic number", hex(&magic), hex(&header[..4])));
        }
        if found < header_length {
            return Err(wrong("header", format!("{header_length} bytes"), format!("{found} bytes")));
        }
        let dimensions: Vec<usize> = header[4..]
            .chunks_exact(4)
            .map(|word| u32::from_be_bytes([word[0], word[1], word[2], word[3]]) as usize)
            .collect();
        let asked = dimensions.iter().try_fold(1_usize, |product, &length| product.checked_mul(length));
        let total = asked.and_then(|asked| asked.checked_add(header_length));
        let asked_text = || {
            let asked =
                asked.map_or("more than the memory of any machine".to_owned(), |asked| asked.to_string());
            format!("{asked} values for the dimensions {dimensions:?}")
        };
        let (Some(asked), Some(total)) = (asked, total) else {
            return Err(wrong("header", "dimensions whose product is possible".to_owned(), asked_text()));
        };
        match body {
            Body::Exactly(length) if length != total as u64 => {
                let found = length - header_length as u64;
                return Err(wrong("body", asked_text(), format!("{found} bytes")));
            }
            Body::AtMost(possible) if possible < total as u64 => {
                return Err(wrong(
                    "header",
                    format!("at most {possible} bytes, as the file is so short"),
                    asked_text(),
                ));
            }
            _ => {}
        }
        let mut values = Vec::new();
        values
            .try_reserve_exact(asked)
            .map_err(|_| wrong("header", "dimensions that fit into memory".to_owned(), asked_text()))?;
        values.resize(asked, 0);
        let found = fill(&mut reader, &mut values).map_err(|error| unreadable(path, error))?;
        if found < asked {
            return Err(wrong("body", asked_text(), format!("{found} bytes")));
        }
        // Reading to the end also has gzip compare its checksum.
        if fill(&mut reader, &mut [0]).map_err(|error| unreadable(path, error))? > 0 {
            return Err(wrong("body", asked_text(), "more bytes than that".to_owned()));
        }
        Ok(Self { dimensions, values })
    }

    /// The length and the digest of the file as it would be without compression.
    pub(crate) fn sha256(&self) -> (usize, Sha256Digest) {
        let mut header = vec![0, 0, 8, self.dimensions.len() as u8];
        header.extend(self.dimensions.iter().flat_map(|&length| (length as u32).to_be_bytes()));
        let digest = sha256(header.chain(&*self.values)).expect("memory can be read");
        (header.len() + self.values.len(), digest)
    }
}

/// What is known about the length of the file, its header included, before it is read.
enum Body {
    Exactly(u64),
    AtMost(u64),
}

/// Reads until the buffer is full or the reader at its end; returns the number of bytes read.
fn fill(reader: &mut impl Read, buffer: &mut [u8]) -> std::io::Result<usize> {
    let mut filled = 0;
    while filled < buffer.len() {
        match reader.read(&mut buffer[filled..]) {
            Ok(0) => break,
            Ok(count) => filled += count,
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(filled)
}

fn unreadable(path: &Path, error: std::io::Error) -> Error {
    use std::io::ErrorKind::{InvalidData, InvalidInput, UnexpectedEof};
    match error.kind() {
        // So says the decoder.
        InvalidData | InvalidInput | UnexpectedEof => Error::Format {
            path: path.to_path_buf(),
            what: "gzip data",
            expected: "a whole gzip file".to_owned(),
            found: error.to_string(),
        },
        _ => Error::io(path)(error),
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
