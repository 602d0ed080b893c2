use std::io;
use std::path::PathBuf;

/// A result with our error.
pub type Result<T> = std::result::Result<T, ReportError>;

/// What goes wrong with a run folder.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ReportError {
    /// There is no such run folder, or it is not one.
    #[error("{} is not the folder of a run: {reason}", .path.display())]
    NotARun {
        /// The folder.
        path: PathBuf,
        /// What is missing.
        reason: &'static str,
    },

    /// A file can not be read.
    #[error("cannot read {}: {source}", .path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },

    /// A file does not hold what it should.
    #[error("{}{}: expected {expected}, found {found}", .path.display(), on_line(.line))]
    Format {
        /// The file.
        path: PathBuf,
        /// The line, from 1, in a file of lines.
        line: Option<usize>,
        /// What should be there.
        expected: &'static str,
        /// What is there.
        found: String,
    },

    /// A file can not be written.
    #[error(transparent)]
    Write(#[from] selvedge_atomic::Error),

    /// The log of the steps can not be read or written.
    #[error(transparent)]
    Log(#[from] selvedge_train::TrainError),

    /// A model file can not be read.
    #[error(transparent)]
    Model(#[from] selvedge_nn::NnError),

    /// An image of the test set can not be had.
    #[error(transparent)]
    Data(#[from] selvedge_data::Error),

    /// A picture can not be painted.
    #[error("cannot paint {picture}: {reason}")]
    Paint {
        /// The picture.
        picture: &'static str,
        /// What the painter says.
        reason: String,
    },

    /// There is nothing to compare.
    #[error("a comparison needs at least two runs, found {found}")]
    TooFewRuns {
        /// How many there are.
        found: usize,
    },
}

fn on_line(line: &Option<usize>) -> String {
    line.map_or_else(String::new, |line| format!(", line {line}"))
}
