use serde::{Deserialize, Serialize};
use tch::Tensor;

use crate::{Compose, Normalize, Result, ToTensor};

/// Maps a batch of images to another.
pub trait Apply {
    /// The images after this step, given the images before it.
    ///
    /// # Shapes
    ///
    /// `[N, C, H, W]` to `[N, C′, H′, W′]`; bytes (u8) until a step such as [`ToTensor`] makes them f32.
    ///
    /// # Errors
    ///
    /// When the images are not such as the step takes, or an option has a value that it can not have.
    fn apply(&self, images: &Tensor) -> Result<Tensor>;

    /// Whether each value of the output depends on the value at the same place of the input and on its
    /// channel alone. The loader collapses such steps into one look-up.
    fn is_pointwise(&self) -> bool {
        false
    }
}

/// Any step that can stand in a [`Compose`], and in a configuration file:
/// `{"type": "Normalize", "mean": [0.5], "std": [0.5]}`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type")]
#[non_exhaustive]
pub enum Transform {
    /// See [`ToTensor`].
    ToTensor(ToTensor),
    /// See [`Normalize`].
    Normalize(Normalize),
    /// See [`Compose`].
    Compose(Compose),
}

impl Transform {
    fn step(&self) -> &dyn Apply {
        match self {
            Self::ToTensor(step) => step,
            Self::Normalize(step) => step,
            Self::Compose(step) => step,
        }
    }
}

impl Apply for Transform {
    fn apply(&self, images: &Tensor) -> Result<Tensor> {
        self.step().apply(images)
    }

    fn is_pointwise(&self) -> bool {
        self.step().is_pointwise()
    }
}

macro_rules! into_transform {
    ($($step:ident),*) => {$(
        impl From<$step> for Transform {
            fn from(step: $step) -> Self {
                Self::$step(step)
            }
        }
    )*};
}

into_transform!(ToTensor, Normalize, Compose);
