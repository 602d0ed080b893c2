use std::io;
use std::path::{Path, PathBuf};

/// What can go wrong between a file on disk and a batch.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A file or folder could not be read or written.
    #[error("{}: {source}", path.display())]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },

    /// A file is not what its format says.
    #[error("{}: {what}: expected {expected}, found {found}", path.display())]
    Format {
        /// The file.
        path: PathBuf,
        /// The part that is wrong, such as `magic number`.
        what: &'static str,
        /// What would be right.
        expected: String,
        /// What is there.
        found: String,
    },

    /// A file is well-formed, but its content is not the published one.
    #[error(
        "{}: the SHA-256 of the {length} decompressed bytes is {found}, expected {expected}: the file is \
         damaged or another one; delete it and fetch it again",
        path.display()
    )]
    Checksum {
        /// The file.
        path: PathBuf,
        /// The number of decompressed bytes.
        length: usize,
        /// The digest of the published file.
        expected: String,
        /// The digest of this file.
        found: String,
    },

    /// The files of a dataset are in none of the places where they may be.
    #[error("{dataset} is not on this machine:{}\n{advice}", list(tried))]
    NotFound {
        /// The name of the dataset.
        dataset: &'static str,
        /// Each place, and what was wrong with it.
        tried: Vec<(String, String)>,
        /// What to do.
        advice: String,
    },

    /// No source of a dataset could give its files.
    #[error("{dataset} can not be had:{}\n{advice}", lines(tried))]
    Unavailable {
        /// The name of the dataset.
        dataset: &'static str,
        /// What was wrong with each source.
        tried: Vec<String>,
        /// What to do.
        advice: String,
    },

    /// A file could not be fetched or put into its place.
    #[error(transparent)]
    Fetch(#[from] selvedge_fetch::Error),

    /// An option has a value that it can not have.
    #[error("{option}: expected {expected}, found {found}")]
    Option {
        /// The option, such as `batch_size`.
        option: &'static str,
        /// The values that it can have.
        expected: String,
        /// The value that it has.
        found: String,
    },

    /// A sample could not be had.
    #[error("sample {index}: {source}")]
    Sample {
        /// Its number in the dataset.
        index: usize,
        /// Why.
        source: Box<Error>,
    },

    /// A dataset or a transform panicked.
    #[error("{what}: panicked: {message}")]
    Panic {
        /// What was being made, such as `sample 7`.
        what: String,
        /// What the panic said.
        message: String,
    },

    /// The images of a batch do not fit together, or not to the transform.
    #[error("{what}: expected {expected}, found {found}")]
    Shape {
        /// What was being made.
        what: String,
        /// The shape that was wanted.
        expected: String,
        /// The shape that is there.
        found: String,
    },

    /// The error of a dataset or transform from outside this crate.
    #[error(transparent)]
    Other(Box<dyn std::error::Error + Send + Sync>),
}

/// A result whose error is this crate's.
pub type Result<T, E = Error> = std::result::Result<T, E>;

impl Error {
    /// Carries any error through a [`Dataset`](crate::Dataset) or a transform of your own.
    pub fn other(error: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self::Other(error.into())
    }

    pub(crate) fn io(path: &Path) -> impl FnOnce(io::Error) -> Self {
        move |source| Self::Io { path: path.to_path_buf(), source }
    }

    /// For a sample that is not there.
    pub(crate) fn index(index: usize, len: usize) -> Self {
        let range = format!("below {len}, the length of the dataset");
        Self::Sample { index, source: Box::new(Self::option("index", range, index)) }
    }

    pub(crate) fn option(option: &'static str, expected: impl Into<String>, found: impl ToString) -> Self {
        Self::Option { option, expected: expected.into(), found: found.to_string() }
    }
}

/// A number of an option as text, with an exponent where its digits would fill a line.
pub(crate) fn number(value: f64) -> String {
    let size = value.abs();
    if size == 0.0 || (1e-6..1e16).contains(&size) { value.to_string() } else { format!("{value:e}") }
}

fn list(tried: &[(String, String)]) -> String {
    tried.iter().map(|(place, problem)| format!("\n  {place}: {problem}")).collect()
}

fn lines(tried: &[String]) -> String {
    tried.iter().map(|problem| format!("\n{problem}")).collect()
}
