use serde::{Deserialize, Serialize};
use tch::Tensor;

use crate::{Apply, Draws, Result, Transform};

/// Steps one after the other; torchvision's `Compose`.
///
/// ```
/// use selvedge_data::{Compose, Normalize, ToTensor};
///
/// let transform = Compose::new([ToTensor.into(), Normalize::new(&[0.5], &[0.5]).into()]);
/// let json = r#"{"transforms":[{"type":"ToTensor"},{"type":"Normalize","mean":[0.5],"std":[0.5]}]}"#;
/// assert_eq!(serde_json::to_string(&transform)?, json);
/// assert_eq!(serde_json::from_str::<Compose>(json)?, transform);
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Compose {
    /// The steps, first to last. Default: none, which leaves the bytes as they are.
    pub transforms: Vec<Transform>,
}

impl Compose {
    /// These steps.
    #[must_use]
    pub fn new(transforms: impl Into<Vec<Transform>>) -> Self {
        Self { transforms: transforms.into() }
    }

    /// The steps from number `first` on. A step draws the same whether those before it ran or were collapsed.
    pub(crate) fn apply_from(&self, first: usize, images: &Tensor, draws: &Draws<'_>) -> Result<Tensor> {
        let mut steps = self.transforms.iter().enumerate().skip(first);
        steps.try_fold(images.shallow_clone(), |images, (number, step)| {
            step.apply_with(&images, &draws.step(number))
        })
    }

    /// The number of steps at the head of the chain that are pointwise.
    pub(crate) fn pointwise_steps(&self) -> usize {
        self.transforms.iter().take_while(|step| step.is_pointwise()).count()
    }
}

impl Apply for Compose {
    fn apply_with(&self, images: &Tensor, draws: &Draws<'_>) -> Result<Tensor> {
        self.apply_from(0, images, draws)
    }

    fn is_pointwise(&self) -> bool {
        self.transforms.iter().all(Apply::is_pointwise)
    }
}
