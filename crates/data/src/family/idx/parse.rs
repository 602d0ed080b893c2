use std::io::{self, ErrorKind, Read};
use std::path::Path;

use super::Idx;
use crate::{Error, Result};

/// The type of the values.
#[derive(Debug, Clone, Copy)]
pub(super) struct Element {
    /// How the magic number names it.
    code: u8,
    /// In bytes.
    width: usize,
}

pub(super) const BYTES: Element = Element { code: 0x08, width: 1 };
pub(super) const INTEGERS: Element = Element { code: 0x0c, width: 4 };

/// How much of a file that is only looked at is in memory.
const PIECE: usize = 128 * 1024;

/// What is known about the length of the file, its header included, before it is read.
pub(super) enum Length {
    Exactly(u64),
    AtMost(u64),
}

/// One file being read.
pub(super) struct Parser<'a, R> {
    pub(super) path: &'a Path,
    pub(super) reader: R,
    pub(super) element: Element,
    pub(super) rank: u8,
    pub(super) length: Length,
}

impl<R: Read> Parser<'_, R> {
    pub(super) fn parse(mut self) -> Result<Idx> {
        let dimensions = self.dimensions()?;
        let asked = self.check_length(&dimensions)?;
        let mut values = Vec::new();
        if values.try_reserve_exact(asked).is_err() {
            let expected = "dimensions that fit into memory".to_owned();
            return Err(self.wrong("header", expected, asked_text(asked, &dimensions)));
        }
        values.resize(asked, 0);
        let found = self.fill(&mut values)?;
        self.check_end(asked, found, &dimensions)?;
        Ok(Idx { dimensions, values })
    }

    /// Goes through the file in pieces, without keeping them.
    pub(super) fn check(mut self) -> Result<()> {
        let dimensions = self.dimensions()?;
        let asked = self.check_length(&dimensions)?;
        let mut piece = vec![0; asked.min(PIECE)];
        let mut found = 0;
        while found < asked {
            let wanted = piece.len().min(asked - found);
            let count = self.fill(&mut piece[..wanted])?;
            found += count;
            if count < wanted {
                break;
            }
        }
        self.check_end(asked, found, &dimensions)
    }

    fn check_end(&mut self, asked: usize, found: usize, dimensions: &[usize]) -> Result<()> {
        if found < asked {
            return Err(self.wrong("body", asked_text(asked, dimensions), format!("{found} bytes")));
        }
        // Reading to the end also has gzip compare its checksum.
        if self.fill(&mut [0])? > 0 {
            return Err(self.wrong("body", asked_text(asked, dimensions), "more bytes than that".to_owned()));
        }
        Ok(())
    }

    fn header_length(&self) -> usize {
        4 + 4 * usize::from(self.rank)
    }

    fn dimensions(&mut self) -> Result<Vec<usize>> {
        let mut header = vec![0; self.header_length()];
        let found = self.fill(&mut header)?;
        let magic = [0, 0, self.element.code, self.rank];
        if found >= 4 && header[..4] != magic {
            return Err(self.wrong("magic number", hex(&magic), hex(&header[..4])));
        }
        if found < header.len() {
            let (expected, found) = (format!("{} bytes", header.len()), format!("{found} bytes"));
            return Err(self.wrong("header", expected, found));
        }
        let (words, _) = header[4..].as_chunks();
        Ok(words.iter().map(|word| u32::from_be_bytes(*word) as usize).collect())
    }

    /// The length of the body that the dimensions ask for, where the file can have it.
    fn check_length(&self, dimensions: &[usize]) -> Result<usize> {
        let header = self.header_length();
        let product =
            dimensions.iter().try_fold(self.element.width, |product, &length| product.checked_mul(length));
        let Some((asked, total)) = product.and_then(|asked| Some((asked, asked.checked_add(header)? as u64)))
        else {
            let found = format!("{dimensions:?}");
            return Err(self.wrong("header", "dimensions whose product is possible".to_owned(), found));
        };
        let asked_text = asked_text(asked, dimensions);
        match self.length {
            Length::Exactly(length) if length != total => {
                Err(self.wrong("body", asked_text, format!("{} bytes", length.saturating_sub(header as u64))))
            }
            Length::AtMost(possible) if possible < total => Err(self.wrong(
                "header",
                format!("at most {possible} bytes, as the file is so short"),
                asked_text,
            )),
            _ => Ok(asked),
        }
    }

    /// Reads until the buffer is full or the reader at its end; returns the number of bytes read.
    fn fill(&mut self, buffer: &mut [u8]) -> Result<usize> {
        let mut filled = 0;
        while filled < buffer.len() {
            match self.reader.read(&mut buffer[filled..]) {
                Ok(0) => break,
                Ok(count) => filled += count,
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(self.unreadable(error)),
            }
        }
        Ok(filled)
    }

    fn unreadable(&self, error: io::Error) -> Error {
        match error.kind() {
            // So says the decoder.
            ErrorKind::InvalidData | ErrorKind::InvalidInput | ErrorKind::UnexpectedEof => {
                self.wrong("gzip data", "a whole gzip file".to_owned(), error.to_string())
            }
            _ => Error::io(self.path)(error),
        }
    }

    fn wrong(&self, what: &'static str, expected: String, found: String) -> Error {
        Error::Format { path: self.path.to_path_buf(), what, expected, found }
    }
}

fn asked_text(asked: usize, dimensions: &[usize]) -> String {
    format!("{asked} bytes for the dimensions {dimensions:?}")
}

pub(super) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
