use serde::{Deserialize, Serialize};
use tch::Tensor;

use crate::{Apply, Result, Transform};

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
}

impl Apply for Compose {
    fn apply(&self, images: &Tensor) -> Result<Tensor> {
        self.transforms.iter().try_fold(images.shallow_clone(), |images, step| step.apply(&images))
    }

    fn is_pointwise(&self) -> bool {
        self.transforms.iter().all(Apply::is_pointwise)
    }
}
