use std::fmt;

use serde::{Deserialize, Serialize};

/// Which part of a dataset: what is learnt from, or what is tested on.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Split {
    /// The images to learn from; torchvision's `train=True`.
    #[default]
    Train,
    /// The images to test on; torchvision's `train=False`.
    Test,
}

impl fmt::Display for Split {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Train => "train",
            Self::Test => "test",
        })
    }
}
