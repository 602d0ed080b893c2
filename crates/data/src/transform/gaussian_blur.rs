use serde::{Deserialize, Serialize};
use tch::Tensor;

use crate::transform::{limits, written};
use crate::{Apply, Draws, Error, ImageSize, Result, functional};

/// Blurs each image by a random amount; torchvision's `GaussianBlur`.
///
/// # Shapes
///
/// `[N, C, H, W]`, unchanged.
///
/// Differs from PyTorch: each image of a batch has a draw of its own. PyTorch takes a list for `kernel_size`
/// as width and height; in JSON so does this.
///
/// ```
/// use selvedge_data::{Apply, GaussianBlur};
/// use tch::{Device, Kind, Tensor};
///
/// let images = Tensor::rand([8, 3, 24, 24], (Kind::Float, Device::Cpu));
/// let step = GaussianBlur::new(5);
/// assert_eq!(step.apply(&images)?.size(), [8, 3, 24, 24]);
/// # Ok::<(), selvedge_data::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GaussianBlur {
    /// The rows and columns of the kernel, odd. No default, as in PyTorch.
    #[serde(with = "width_first")]
    pub kernel_size: ImageSize,
    /// The least and the largest standard deviation. In JSON, one number stands for both. Default: 0.1 to 2.
    #[serde(default = "sigma", deserialize_with = "written::same_twice")]
    pub sigma: [f64; 2],
}

fn sigma() -> [f64; 2] {
    [0.1, 2.0]
}

/// `[width, height]`, the order of torchvision's kernels.
mod width_first {
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    use crate::ImageSize;

    pub(super) fn serialize<S: Serializer>(size: &ImageSize, serializer: S) -> Result<S::Ok, S::Error> {
        [size.width, size.height].serialize(serializer)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<ImageSize, D::Error> {
        let ImageSize { height, width } = ImageSize::deserialize(deserializer)?;
        Ok(ImageSize { height: width, width: height })
    }
}

impl GaussianBlur {
    /// A blur with a kernel of this size.
    #[must_use]
    pub fn new(kernel_size: impl Into<ImageSize>) -> Self {
        Self { kernel_size: kernel_size.into(), sigma: sigma() }
    }
}

impl Apply for GaussianBlur {
    fn apply_with(&self, images: &Tensor, draws: &Draws<'_>) -> Result<Tensor> {
        self.validate()?;
        let [least, most] = self.sigma;
        let sigmas: Vec<_> = draws.images().map(|mut random| [random.between(least, most); 2]).collect();
        functional::gaussian_blur(images, self.kernel_size, &sigmas)
    }

    fn validate(&self) -> Result<()> {
        self.kernel_size.check("GaussianBlur.kernel_size")?;
        if self.kernel_size.height % 2 == 0 || self.kernel_size.width % 2 == 0 {
            return Err(Error::option("GaussianBlur.kernel_size", "odd numbers", self.kernel_size));
        }
        limits::range("GaussianBlur.sigma", self.sigma, f64::MIN_POSITIVE, f64::MAX)
    }
}
