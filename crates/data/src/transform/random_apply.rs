use serde::{Deserialize, Serialize};
use tch::Tensor;

use super::compose;
use crate::transform::chance::heads;
use crate::transform::{limits, rows, written};
use crate::{Apply, Draws, Result, Transform};

/// Does some steps, one after the other, to each image with a probability; torchvision's `RandomApply`.
///
/// Differs from PyTorch: each image of a batch has a draw of its own.
///
/// ```
/// use selvedge_data::{RandomApply, RandomInvert};
///
/// let sometimes = RandomApply { p: 0.3, ..RandomApply::new([RandomInvert { p: 1.0 }.into()]) };
/// let json = r#"{"transforms":[{"type":"RandomInvert","p":1.0}],"p":0.3}"#;
/// assert_eq!(serde_json::to_string(&sometimes)?, json);
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RandomApply {
    /// The steps, at least one. No default, as in PyTorch.
    pub transforms: Vec<Transform>,
    /// The probability for each image. Default: 0.5.
    #[serde(default = "written::half")]
    pub p: f64,
}

impl RandomApply {
    /// These steps, for half of the images.
    #[must_use]
    pub fn new(transforms: impl Into<Vec<Transform>>) -> Self {
        Self { transforms: transforms.into(), p: 0.5 }
    }
}

impl Apply for RandomApply {
    fn apply_with(&self, images: &Tensor, draws: &Draws<'_>) -> Result<Tensor> {
        self.validate()?;
        let chosen = heads(self.p, draws);
        let indices: Vec<usize> = chosen.iter().map(|&row| draws.indices()[row]).collect();
        rows::changed(images, &chosen, |images| {
            compose::chain(&self.transforms, 0, images, &draws.of(&indices))
        })
    }

    fn validate(&self) -> Result<()> {
        limits::some("RandomApply.transforms", &self.transforms)?;
        limits::probability("RandomApply.p", self.p)?;
        self.transforms.iter().try_for_each(Apply::validate)
    }

    fn varies_in_size(&self) -> bool {
        self.transforms.iter().any(Apply::varies_in_size)
    }
}
