use std::fmt;
use std::sync::Arc;

use tch::Tensor;

use crate::{Apply, Draws, Result};

type Function = dyn Fn(&Tensor) -> Result<Tensor> + Send + Sync;

/// A function as a step; torchvision's `Lambda`.
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
    function: Arc<Function>,
}

impl Lambda {
    /// A step that hands the batch to `function`; [`Error::other`](crate::Error::other) carries its error.
    pub fn new(function: impl Fn(&Tensor) -> Result<Tensor> + Send + Sync + 'static) -> Self {
        Self { function: Arc::new(function) }
    }
}

impl Apply for Lambda {
    fn apply_with(&self, images: &Tensor, _: &Draws<'_>) -> Result<Tensor> {
        (self.function)(images)
    }
}

impl PartialEq for Lambda {
    /// Whether both are the same function, not whether two functions do the same.
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.function, &other.function)
    }
}

impl fmt::Debug for Lambda {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Lambda").finish_non_exhaustive()
    }
}
