use serde::{Deserialize, Serialize};

/// Which images a network is measured with after each epoch.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum HeldOut {
    /// The test set.
    #[default]
    Test,
    /// A part of the training set that is held back.
    Validation,
}

impl HeldOut {
    /// The word for it: `test` or `validation`.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Test => "test",
            Self::Validation => "validation",
        }
    }

    /// The same at the beginning of a sentence.
    pub(crate) fn capital(self) -> &'static str {
        match self {
            Self::Test => "Test",
            Self::Validation => "Validation",
        }
    }
}

/// What the images that are held out gave, in an [`Epoch`](crate::Epoch): the keys tell which images they were.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Measured {
    /// Of the test set.
    Test {
        /// The mean over the images.
        #[serde(deserialize_with = "crate::number::or_nan")]
        test_loss: f64,
        /// The share of them that is recognised.
        #[serde(deserialize_with = "crate::number::or_nan")]
        test_accuracy: f64,
    },
    /// Of what was held back of the training set.
    Validation {
        /// The mean over the images.
        #[serde(deserialize_with = "crate::number::or_nan")]
        validation_loss: f64,
        /// The share of them that is recognised.
        #[serde(deserialize_with = "crate::number::or_nan")]
        validation_accuracy: f64,
    },
}

impl Measured {
    /// The figures of those images.
    #[must_use]
    pub fn on(held_out: HeldOut, loss: f64, accuracy: f64) -> Self {
        match held_out {
            HeldOut::Test => Self::Test { test_loss: loss, test_accuracy: accuracy },
            HeldOut::Validation => Self::Validation { validation_loss: loss, validation_accuracy: accuracy },
        }
    }

    /// Which images they were.
    #[must_use]
    pub fn held_out(self) -> HeldOut {
        match self {
            Self::Test { .. } => HeldOut::Test,
            Self::Validation { .. } => HeldOut::Validation,
        }
    }

    /// The mean over the images.
    #[must_use]
    pub fn loss(self) -> f64 {
        match self {
            Self::Test { test_loss: loss, .. } | Self::Validation { validation_loss: loss, .. } => loss,
        }
    }

    /// The share of the images that is recognised.
    #[must_use]
    pub fn accuracy(self) -> f64 {
        match self {
            Self::Test { test_accuracy: share, .. } | Self::Validation { validation_accuracy: share, .. } => {
                share
            }
        }
    }
}
