use std::fmt;
use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

/// What a file is by its first bytes, whatever its name says.
///
/// ```
/// use selvedge_torch::FileFormat;
///
/// assert_eq!(FileFormat::of(b"PK\x03\x04\0\0"), FileFormat::Zip);
/// assert_eq!(FileFormat::of(b"\x10\0\0\0\0\0\0\0{}"), FileFormat::Safetensors);
/// assert_eq!(FileFormat::of(b"\x93NUMPY\x01\0").to_string(), "an array of NumPy (.npy)");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum FileFormat {
    /// A zip archive, as `torch.save` has written since PyTorch 1.6.
    Zip,
    /// Safetensors.
    Safetensors,
    /// What `torch.save` wrote before PyTorch 1.6, and writes with `_use_new_zipfile_serialization=False`.
    LegacyTorch,
    /// A tar archive, as `torch.save` wrote before PyTorch 0.2.
    Tar,
    /// A pickle without tensors of PyTorch.
    Pickle,
    /// An array of NumPy.
    Npy,
    /// HDF5, as Keras writes.
    Hdf5,
    /// GGUF, as llama.cpp reads.
    Gguf,
    /// Something packed by gzip.
    Gzip,
    /// A page for a browser, as a failed download leaves.
    Html,
    /// What Git leaves in place of a large file that was not fetched.
    LfsPointer,
    /// Nothing at all.
    Empty,
    /// None of these.
    Unknown,
}

/// As many bytes as tell the formats apart.
const LENGTH: usize = 512;

/// The number at the beginning of a file of `torch.save` before PyTorch 1.6, as a pickle of protocol 2: an integer of ten
/// bytes.
const LEGACY: &[u8] = b"\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19";

impl FileFormat {
    /// The format of a file that begins with these bytes; 512 are enough.
    #[must_use]
    pub fn of(start: &[u8]) -> Self {
        match start {
            [] => Self::Empty,
            [b'P', b'K', 3, 4, ..] => Self::Zip,
            [0x80, _, rest @ ..] if rest.starts_with(LEGACY) => Self::LegacyTorch,
            // The header is an object of JSON behind its length.
            [_, _, _, _, _, _, _, _, b'{', ..] => Self::Safetensors,
            [0x80, 2..=5, ..] => Self::Pickle,
            [0x93, b'N', b'U', b'M', b'P', b'Y', ..] => Self::Npy,
            [0x89, b'H', b'D', b'F', ..] => Self::Hdf5,
            [b'G', b'G', b'U', b'F', ..] => Self::Gguf,
            [0x1f, 0x8b, ..] => Self::Gzip,
            _ if start.get(257..262) == Some(b"ustar") => Self::Tar,
            _ if start.starts_with(b"version https://git-lfs") => Self::LfsPointer,
            _ if is_html(start) => Self::Html,
            _ => Self::Unknown,
        }
    }

    /// The format of a file.
    ///
    /// # Errors
    ///
    /// When the file cannot be read.
    pub fn of_file(path: impl AsRef<Path>) -> io::Result<Self> {
        let mut start = Vec::with_capacity(LENGTH);
        File::open(path)?.take(LENGTH as u64).read_to_end(&mut start)?;
        Ok(Self::of(&start))
    }

    /// What to do with such a file where tensors are expected, if there is something to do.
    #[must_use]
    pub fn advice(self) -> Option<&'static str> {
        match self {
            Self::LegacyTorch | Self::Tar => {
                Some("load it in Python and save it again by torch.save, with PyTorch 1.6 or later")
            }
            Self::Pickle => Some("load it in Python and save it again by torch.save"),
            Self::Gzip => Some("unpack it first"),
            Self::Html | Self::LfsPointer | Self::Empty => Some("download it again"),
            _ => None,
        }
    }
}

fn is_html(start: &[u8]) -> bool {
    let text = start.trim_ascii_start();
    let begins = |with: &[u8]| text.get(..with.len()).is_some_and(|begin| begin.eq_ignore_ascii_case(with));
    begins(b"<!doctype html") || begins(b"<html")
}

impl fmt::Display for FileFormat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Zip => "a zip file, as torch.save writes",
            Self::Safetensors => "a safetensors file",
            Self::LegacyTorch => "a file of torch.save in the format from before PyTorch 1.6",
            Self::Tar => "a tar archive, as torch.save wrote before PyTorch 0.2",
            Self::Pickle => "a bare pickle",
            Self::Npy => "an array of NumPy (.npy)",
            Self::Hdf5 => "an HDF5 file",
            Self::Gguf => "a GGUF file",
            Self::Gzip => "a file packed by gzip",
            Self::Html => "a page of HTML",
            Self::LfsPointer => "a pointer of Git LFS to the file, without the file",
            Self::Empty => "an empty file",
            Self::Unknown => "a file of another format",
        })
    }
}
