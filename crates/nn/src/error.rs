use std::path::PathBuf;

use crate::StateDictDiff;

/// What goes wrong with what a user typed, downloaded or keeps in a file.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum NnError {
    /// An option has a value that the unit does not take.
    #[error("{unit}: {option} is {found}, expected {expected}")]
    Option {
        /// PyTorch's name of the unit.
        unit: &'static str,
        /// The name of the option.
        option: &'static str,
        /// What the unit takes.
        expected: String,
        /// The value.
        found: String,
    },
    /// A state dict is of another model.
    #[error("{0}")]
    StateDict(Box<StateDictDiff>),
    /// A value of a checkpoint is not a state dict.
    #[error("expected {expected}, found {found}")]
    Value {
        /// What it should be.
        expected: String,
        /// What it is.
        found: String,
    },
    /// A file of `torch.save` can not be read or written.
    #[error(transparent)]
    Torch(#[from] selvedge_torch::TorchError),
    /// A file can not be read.
    #[error("{}: can not read the file: {source}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
    /// A file can not be written; what stood there before is unharmed.
    #[error("{}: can not write the file: {source}", path.display())]
    Write {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
    /// A file does not hold what its format says.
    #[error("{}: expected {expected}, found {found}", path.display())]
    Format {
        /// The file.
        path: PathBuf,
        /// What should stand there.
        expected: String,
        /// What stands there.
        found: String,
    },
}

impl NnError {
    /// An option of a unit that has a value it does not take.
    pub(crate) fn option(
        unit: &'static str,
        option: &'static str,
        expected: impl Into<String>,
        found: impl ToString,
    ) -> Self {
        Self::Option { unit, option, expected: expected.into(), found: found.to_string() }
    }
}
