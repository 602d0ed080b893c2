use serde::{Deserialize, Serialize};
use tch::Tensor;

use crate::{Compose, Draws, Normalize, Result, ToTensor};

/// Maps a batch of images to another.
pub trait Apply {
    /// The images after this step, given the images before it and what random steps draw from.
    ///
    /// # Shapes
    ///
    /// `[N, C, H, W]` to `[N, C′, H′, W′]`; bytes (u8) until a step such as [`ToTensor`] makes them f32.
    ///
    /// # Errors
    ///
    /// When the images are not such as the step takes, or an option has a value that it can not have.
    fn apply_with(&self, images: &Tensor, draws: &Draws<'_>) -> Result<Tensor>;

    /// [`apply_with`](Self::apply_with) where nothing random matters: random steps draw with the seed 0, in
    /// the epoch 0, for the images 0, 1, 2 and so on.
    ///
    /// # Errors
    ///
    /// As [`apply_with`](Self::apply_with).
    fn apply(&self, images: &Tensor) -> Result<Tensor> {
        let count = images.size().first().map_or(0, |&count| count as usize);
        let indices: Vec<usize> = (0..count).collect();
        self.apply_with(images, &Draws::new(0, 0, &indices))
    }

    /// Whether each value of the output depends on the value at the same place of the input and on its
    /// channel alone. The loader collapses such steps into one look-up.
    fn is_pointwise(&self) -> bool {
        false
    }
}

macro_rules! transforms {
    ($($step:ident),* $(,)?) => {
        /// Any step that can stand in a [`Compose`], and in a configuration file:
        /// `{"type": "Normalize", "mean": [0.5], "std": [0.5]}`.
        #[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
        #[serde(tag = "type")]
        #[non_exhaustive]
        pub enum Transform {
            $(#[doc = concat!("See [`", stringify!($step), "`].")] $step($step),)*
        }

        impl Transform {
            fn step(&self) -> &dyn Apply {
                match self {
                    $(Self::$step(step) => step,)*
                }
            }
        }

        $(impl From<$step> for Transform {
            fn from(step: $step) -> Self {
                Self::$step(step)
            }
        })*
    };
}

transforms!(Compose, Normalize, ToTensor);

impl Apply for Transform {
    fn apply_with(&self, images: &Tensor, draws: &Draws<'_>) -> Result<Tensor> {
        self.step().apply_with(images, draws)
    }

    fn is_pointwise(&self) -> bool {
        self.step().is_pointwise()
    }
}
