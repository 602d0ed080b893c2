use serde::{Deserialize, Serialize};

use crate::transform::{distribution, limits};
use crate::{Batch, Draws, Mix, Result, functional};

/// Blends each image, and its label, with the one before it in the batch; torchvision's `MixUp`, "mixup:
/// Beyond Empirical Risk Minimization" (Zhang et al.).
///
/// `output = λ * image + (1 - λ) * other`, with λ of Beta(α, α).
///
/// # Shapes
///
/// Images: `[N, C, H, W]` floats, unchanged. Labels: `[N]` or `[N, num_classes]` to `[N, num_classes]`.
///
/// Differs from PyTorch: each image of a batch has a λ of its own.
///
/// ```
/// use selvedge_data::{Batch, Draws, Mix, MixUp};
/// use tch::Tensor;
///
/// let images = Tensor::from_slice(&[0.0_f32, 1.0]).view([2, 1, 1, 1]);
/// let batch = Batch { images, labels: Tensor::from_slice(&[3_i64, 7]) };
/// let mix_up = MixUp { num_classes: Some(10), ..MixUp::default() };
/// let mixed = mix_up.mix(&batch, &Draws::new(0, 0, &[0, 1]))?;
/// // The share of the second image is what is bright in it.
/// assert_eq!(mixed.labels.double_value(&[1, 7]), mixed.images.double_value(&[1, 0, 0, 0]));
/// # Ok::<(), selvedge_data::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct MixUp {
    /// α: the larger, the nearer λ is to a half. Default: 1.
    pub alpha: f64,
    /// The number of classes, for labels that are class numbers. Default: none.
    pub num_classes: Option<i64>,
}

impl Default for MixUp {
    fn default() -> Self {
        Self { alpha: 1.0, num_classes: None }
    }
}

impl Mix for MixUp {
    fn mix(&self, batch: &Batch, draws: &Draws<'_>) -> Result<Batch> {
        self.validate()?;
        let shares: Vec<f64> =
            draws.images().map(|mut random| distribution::beta(&mut random, self.alpha)).collect();
        Ok(Batch {
            images: functional::mix_up(&batch.images, &shares)?,
            labels: functional::mix_labels(&batch.labels, &shares, self.num_classes)?,
        })
    }

    fn validate(&self) -> Result<()> {
        limits::positive("MixUp.alpha", self.alpha)?;
        limits::at_least("MixUp.num_classes", self.num_classes.unwrap_or(1), 1)
    }
}
