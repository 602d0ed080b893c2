//! What makes a downloaded file the right one.

use std::fmt;
use std::fs::File;
use std::path::Path;

use crate::{Error, Md5Digest, Result, Sha256Digest};

/// Looks at a file and says, if it is not the right one, what was expected and what was found.
pub type Check<'a> = dyn Fn(&Path) -> std::result::Result<(), String> + 'a;

/// What a downloaded file must be before it gets its name.
#[derive(Default)]
#[non_exhaustive]
pub enum Verify<'a> {
    /// Whole, as far as the server told its length.
    #[default]
    Length,
    /// These bytes.
    Sha256(Sha256Digest),
    /// These bytes, as far as an MD5 can tell.
    Md5(Md5Digest),
    /// What the function accepts; it gets the path of the file, which has not got its name yet. To check what
    /// is inside a compressed file, for example.
    With(Box<Check<'a>>),
}

impl<'a> Verify<'a> {
    /// [`Verify::With`] for a function.
    pub fn with(check: impl Fn(&Path) -> std::result::Result<(), String> + 'a) -> Self {
        Self::With(Box::new(check))
    }

    /// The outer error is the disk's, the inner one is the content's.
    pub(crate) fn check(&self, path: &Path) -> Result<std::result::Result<(), String>> {
        match self {
            Self::Length => Ok(Ok(())),
            Self::Sha256(digest) => {
                File::open(path).and_then(|file| digest.check(file)).map_err(Error::io("read", path))
            }
            Self::Md5(digest) => {
                File::open(path).and_then(|file| digest.check(file)).map_err(Error::io("read", path))
            }
            Self::With(check) => Ok(check(path)),
        }
    }
}

impl fmt::Debug for Verify<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Length => formatter.write_str("Length"),
            Self::Sha256(digest) => formatter.debug_tuple("Sha256").field(digest).finish(),
            Self::Md5(digest) => formatter.debug_tuple("Md5").field(digest).finish(),
            Self::With(_) => formatter.write_str("With(..)"),
        }
    }
}
