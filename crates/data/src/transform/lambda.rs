use std::fmt;
use std::sync::Arc;

use tch::Tensor;

use crate::{Apply, Draws, Result};

/// A function, or a step of your own, in a chain; torchvision's `Lambda`.
///
/// It is the one step that has no JSON: a chain with a `Lambda` does not print, and none is read.
///
/// ```
/// use selvedge_data::{Apply, Compose, Lambda, ToTensor};
/// use tch::Tensor;
///
/// let squares = Compose::new([ToTensor.into(), Lambda::new(|images| Ok(images.square())).into()]);
/// let images = Tensor::from_slice(&[51_u8]).view([1, 1, 1, 1]);
/// assert!((squares.apply(&images)?.double_value(&[0, 0, 0, 0]) - 0.04).abs() < 1e-7);
/// assert!(serde_json::to_string(&squares).is_err());
/// # Ok::<(), selvedge_data::Error>(())
/// ```
#[derive(Clone)]
pub struct Lambda {
    step: Arc<dyn Apply + Send + Sync>,
}

impl Lambda {
    /// A step that hands the batch to `function`; [`Error::other`](crate::Error::other) carries its error.
    pub fn new(function: impl Fn(&Tensor) -> Result<Tensor> + Send + Sync + 'static) -> Self {
        Self::of(Function(function))
    }

    /// A step of your own, such as one that draws.
    pub fn of(step: impl Apply + Send + Sync + 'static) -> Self {
        Self { step: Arc::new(step) }
    }
}

struct Function<F>(F);

impl<F: Fn(&Tensor) -> Result<Tensor>> Apply for Function<F> {
    fn apply_with(&self, images: &Tensor, _: &Draws<'_>) -> Result<Tensor> {
        (self.0)(images)
    }
}

impl Apply for Lambda {
    fn apply_with(&self, images: &Tensor, draws: &Draws<'_>) -> Result<Tensor> {
        self.step.apply_with(images, draws)
    }

    fn validate(&self) -> Result<()> {
        self.step.validate()
    }

    fn is_pointwise(&self) -> bool {
        self.step.is_pointwise()
    }

    fn varies_in_size(&self) -> bool {
        self.step.varies_in_size()
    }
}

impl PartialEq for Lambda {
    /// Whether both are the same step, not whether two steps do the same.
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.step, &other.step)
    }
}

impl fmt::Debug for Lambda {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Lambda").finish_non_exhaustive()
    }
}
