use serde::{Deserialize, Serialize};
use tch::Tensor;

use crate::transform::chance::heads;
use crate::transform::functional::{horizontal_flip, vertical_flip};
use crate::transform::limits;
use crate::{Apply, Draws, Result};

macro_rules! random_flip {
    ($(#[$doc:meta])* $name:ident, $flip:path) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
        #[serde(default, deny_unknown_fields)]
        pub struct $name {
            /// The probability for each image. Default: 0.5.
            pub p: f64,
        }

        impl Default for $name {
            fn default() -> Self {
                Self { p: 0.5 }
            }
        }

        impl Apply for $name {
            fn apply_with(&self, images: &Tensor, draws: &Draws<'_>) -> Result<Tensor> {
                self.validate()?;
                flip(images, &heads(self.p, draws), $flip)
            }

            fn validate(&self) -> Result<()> {
                limits::probability(concat!(stringify!($name), ".p"), self.p)
            }
        }
    };
}

random_flip! {
    /// Mirrors each image left to right with a probability; torchvision's `RandomHorizontalFlip`.
    ///
    /// # Shapes
    ///
    /// `[N, C, H, W]`, unchanged.
    ///
    /// Differs from PyTorch: each image of a batch has a draw of its own.
    ///
    /// ```
    /// use selvedge_data::{Apply, RandomHorizontalFlip};
    /// use tch::Tensor;
    ///
    /// let images = Tensor::from_slice(&[1_u8, 2, 3]).view([1, 1, 1, 3]);
    /// let flipped = RandomHorizontalFlip { p: 1.0 }.apply(&images)?;
    /// assert_eq!(flipped, images.flip([-1]));
    /// # Ok::<(), selvedge_data::Error>(())
    /// ```
    RandomHorizontalFlip, horizontal_flip
}

random_flip! {
    /// Mirrors each image top to bottom with a probability; torchvision's `RandomVerticalFlip`.
    ///
    /// # Shapes
    ///
    /// `[N, C, H, W]`, unchanged.
    ///
    /// Differs from PyTorch: each image of a batch has a draw of its own.
    ///
    /// ```
    /// use selvedge_data::{Apply, RandomVerticalFlip};
    /// use tch::{Device, Kind, Tensor};
    ///
    /// let images = Tensor::rand([8, 3, 24, 24], (Kind::Float, Device::Cpu));
    /// let step = RandomVerticalFlip { p: 0.3 };
    /// assert_eq!(step.apply(&images)?.size(), [8, 3, 24, 24]);
    /// # Ok::<(), selvedge_data::Error>(())
    /// ```
    RandomVerticalFlip, vertical_flip
}

/// Flips these rows. One pass that chooses between the images and their mirrors is faster than taking the
/// rows out and putting them back.
fn flip(images: &Tensor, rows: &[usize], flip: fn(&Tensor) -> Result<Tensor>) -> Result<Tensor> {
    let flipped = flip(images)?;
    let mut chosen = vec![false; images.size()[0] as usize];
    rows.iter().for_each(|&row| chosen[row] = true);
    let chosen = Tensor::from_slice(&chosen).to_device(images.device()).view([-1, 1, 1, 1]);
    Ok(flipped.where_self(&chosen, images))
}
