use serde::{Deserialize, Serialize};
use tch::Tensor;

use crate::transform::{rows, value_range};
use crate::{Apply, Draws, Result, Transform};

/// Steps one after the other; torchvision's `Compose`.
///
/// Differs from torchvision: [`validate`](Apply::validate), which the loader calls, refuses a step that takes floats from
/// 0 to 1, such as [`ColorJitter`](crate::ColorJitter) and [`RandomInvert`](crate::RandomInvert), behind a
/// [`Normalize`](crate::Normalize) that makes others of them. torchvision cuts them off at 0 and 1 without a word.
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
        chain(&self.transforms, first, images, draws)
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

    fn validate(&self) -> Result<()> {
        self.transforms.iter().try_for_each(Apply::validate)?;
        value_range::check(&self.transforms)
    }

    fn is_pointwise(&self) -> bool {
        self.transforms.iter().all(Apply::is_pointwise)
    }

    fn varies_in_size(&self) -> bool {
        self.transforms.iter().any(Apply::varies_in_size)
    }
}

/// The steps from number `first` on, one after the other. From a step on that makes several sizes of one, the
/// images of a batch go through the rest one by one.
pub(super) fn chain(steps: &[Transform], first: usize, images: &Tensor, draws: &Draws<'_>) -> Result<Tensor> {
    let mut images = images.shallow_clone();
    for (number, step) in steps.iter().enumerate().skip(first) {
        if step.varies_in_size() && draws.indices().len() > 1 {
            return rows::each(&images, draws, |image, draws| chain(steps, number, image, draws));
        }
        images = step.apply_with(&images, &draws.step(number))?;
    }
    Ok(images)
}
