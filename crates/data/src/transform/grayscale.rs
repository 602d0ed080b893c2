use serde::{Deserialize, Serialize};
use tch::Tensor;

use crate::transform::chance::with_probability;
use crate::{Apply, Draws, Error, Result, functional};

/// Takes the colour out of each image: `0.2989 R + 0.587 G + 0.114 B`; torchvision's `Grayscale`.
///
/// # Shapes
///
/// `[N, 1 or 3, H, W]` to `[N, num_output_channels, H, W]`.
///
/// ```
/// use selvedge_data::{Apply, Grayscale};
/// use tch::{Device, Kind, Tensor};
///
/// let images = Tensor::rand([8, 3, 24, 24], (Kind::Float, Device::Cpu));
/// let step = Grayscale::default();
/// assert_eq!(step.apply(&images)?.size(), [8, 1, 24, 24]);
/// # Ok::<(), selvedge_data::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Grayscale {
    /// 1, or 3 that are alike. Default: 1.
    pub num_output_channels: i64,
}

impl Default for Grayscale {
    fn default() -> Self {
        Self { num_output_channels: 1 }
    }
}

impl Apply for Grayscale {
    fn apply_with(&self, images: &Tensor, _: &Draws<'_>) -> Result<Tensor> {
        self.validate()?;
        functional::rgb_to_grayscale(images, self.num_output_channels)
    }

    fn validate(&self) -> Result<()> {
        match self.num_output_channels {
            1 | 3 => Ok(()),
            other => Err(Error::option("Grayscale.num_output_channels", "1 or 3", other)),
        }
    }
}

with_probability! {
    /// Takes the colour out of each image with a probability, and keeps its channels; torchvision's
    /// `RandomGrayscale`.
    ///
    /// # Shapes
    ///
    /// `[N, 1 or 3, H, W]`, unchanged.
    ///
    /// Differs from PyTorch: each image of a batch has a draw of its own.
    ///
    /// ```
    /// use selvedge_data::{Apply, RandomGrayscale};
    /// use tch::{Device, Kind, Tensor};
    ///
    /// let images = Tensor::rand([8, 3, 24, 24], (Kind::Float, Device::Cpu));
    /// let step = RandomGrayscale { p: 0.3 };
    /// assert_eq!(step.apply(&images)?.size(), [8, 3, 24, 24]);
    /// # Ok::<(), selvedge_data::Error>(())
    /// ```
    RandomGrayscale, 0.1, |images| functional::rgb_to_grayscale(images, images.size()[1])
}
