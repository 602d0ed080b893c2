use serde::{Deserialize, Serialize};
use tch::Tensor;

use crate::{Apply, Draws, Error, Result};

/// Shifts and scales each channel: `output = (input - mean) / std`; torchvision's `Normalize`.
///
/// # Shapes
///
/// `[N, C, H, W]`, unchanged, or `[N, crops, C, H, W]`. `mean` and `std` have C values, or one for all channels.
///
/// Differs from torchvision: three values on grey images are refused; torchvision makes images of three channels there, as
/// [`Grayscale`](crate::Grayscale) with `num_output_channels: 3` does before this step.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Normalize {
    /// The mean of each channel. No default, as in PyTorch.
    pub mean: Vec<f64>,
    /// The standard deviation of each channel. No default, as in PyTorch.
    pub std: Vec<f64>,
}

impl Normalize {
    /// A normalisation by the mean and standard deviation of each channel.
    #[must_use]
    pub fn new(mean: &[f64], std: &[f64]) -> Self {
        Self { mean: mean.to_vec(), std: std.to_vec() }
    }

    fn check(&self, images: &Tensor) -> Result<()> {
        let size = images.size();
        if size.len() < 4 || !images.is_floating_point() {
            return Err(Error::Shape {
                what: "Normalize".to_owned(),
                expected: "floats of shape [N, C, H, W] (ToTensor comes first)".to_owned(),
                found: format!("{:?} of shape {size:?}", images.kind()),
            });
        }
        let channels = size[size.len() - 3];
        for (option, values) in [("Normalize.mean", &self.mean), ("Normalize.std", &self.std)] {
            if values.len() != 1 && values.len() as i64 != channels {
                return Err(Error::option(option, format!("1 or {channels} values"), values.len()));
            }
        }
        Ok(())
    }
}

impl Apply for Normalize {
    fn apply_with(&self, images: &Tensor, _: &Draws<'_>) -> Result<Tensor> {
        self.validate()?;
        self.check(images)?;
        let per_channel = |values: &[f64]| {
            let values = Tensor::from_slice(values).to_kind(images.kind()).to_device(images.device());
            values.view([-1, 1, 1])
        };
        Ok((images - per_channel(&self.mean)) / per_channel(&self.std))
    }

    fn validate(&self) -> Result<()> {
        for (option, values) in [("Normalize.mean", &self.mean), ("Normalize.std", &self.std)] {
            if let Some(value) = values.iter().find(|value| !value.is_finite()) {
                return Err(Error::option(option, "finite numbers", value));
            }
        }
        // PyTorch asks the same of the f32 that a tiny std becomes.
        match self.std.iter().find(|&&value| value as f32 == 0.0) {
            Some(value) => Err(Error::option("Normalize.std", "numbers that are not zero", value)),
            None => Ok(()),
        }
    }

    fn is_pointwise(&self) -> bool {
        true
    }
}
