use serde::{Deserialize, Serialize};
use tch::Tensor;

use crate::plan::{Chain, Look, Refusal, Through};
use crate::repr::python;
use crate::{Forward, Mode, Module, misuse, observe};

/// Makes one dimension of a range of dimensions. PyTorch: `torch.nn.Flatten`.
///
/// # Shapes
///
/// By default from `[N, ..]` to `[N, product of the others]`.
///
/// ```
/// use selvedge_nn::{Flatten, Forward, Mode};
/// use tch::{Device, Kind, Tensor};
///
/// let images = Tensor::zeros([64, 1, 28, 28], (Kind::Float, Device::Cpu));
/// assert_eq!(Flatten::default().forward(&images, Mode::Eval).size(), [64, 784]);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Module)]
#[serde(default, deny_unknown_fields)]
#[module(extra_repr)]
pub struct Flatten {
    /// The first of the dimensions; a negative one counts from the last. Default 1.
    #[module(skip)]
    pub start_dim: i64,
    /// The last of the dimensions. Default -1.
    #[module(skip)]
    pub end_dim: i64,
}

impl Default for Flatten {
    fn default() -> Self {
        Self { start_dim: 1, end_dim: -1 }
    }
}

impl Flatten {
    fn extra_repr(&self) -> String {
        python::arguments(&[("start_dim", &self.start_dim), ("end_dim", &self.end_dim)])
    }
}

impl Forward for Flatten {
    #[track_caller]
    fn forward(&self, input: &Tensor, _: Mode) -> Tensor {
        observe(self, misuse::torch(&self.to_string(), input, input.f_flatten(self.start_dim, self.end_dim)))
    }

    fn chain(&self, chain: &mut Chain) -> Result<(), Refusal> {
        chain.push("Flatten", Through(*self));
        Ok(())
    }
}

impl Look for Flatten {
    fn look(&self, input: &Tensor) -> Result<Tensor, String> {
        misuse::refused(input, input.f_flatten(self.start_dim, self.end_dim))
    }
}

/// Makes several dimensions of one. PyTorch: `torch.nn.Unflatten`.
///
/// # Shapes
///
/// With `dim` 1, from `[N, product of the sizes]` to `[N, sizes..]`.
///
/// ```
/// use selvedge_nn::{Forward, Mode, Unflatten};
/// use tch::{Device, Kind, Tensor};
///
/// let rows = Tensor::zeros([64, 784], (Kind::Float, Device::Cpu));
/// let images = Unflatten::new(1, [1, 28, -1]).forward(&rows, Mode::Eval);
/// assert_eq!(images.size(), [64, 1, 28, 28]);
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Module)]
#[serde(deny_unknown_fields)]
#[module(extra_repr)]
pub struct Unflatten {
    /// The dimension; a negative one counts from the last.
    #[module(skip)]
    pub dim: i64,
    /// What becomes of it; one size may be -1, to be inferred.
    #[module(skip)]
    pub unflattened_size: Vec<i64>,
}

impl Unflatten {
    /// Makes `unflattened_size` of the dimension `dim`.
    #[must_use]
    pub fn new(dim: i64, unflattened_size: impl Into<Vec<i64>>) -> Self {
        Self { dim, unflattened_size: unflattened_size.into() }
    }

    fn extra_repr(&self) -> String {
        python::arguments(&[("dim", &self.dim), ("unflattened_size", &self.unflattened_size)])
    }
}

impl Forward for Unflatten {
    #[track_caller]
    fn forward(&self, input: &Tensor, _: Mode) -> Tensor {
        observe(
            self,
            misuse::torch(&self.to_string(), input, input.f_unflatten(self.dim, &self.unflattened_size)),
        )
    }

    fn chain(&self, chain: &mut Chain) -> Result<(), Refusal> {
        chain.push("Unflatten", Through(self.clone()));
        Ok(())
    }
}

impl Look for Unflatten {
    fn look(&self, input: &Tensor) -> Result<Tensor, String> {
        misuse::refused(input, input.f_unflatten(self.dim, &self.unflattened_size))
    }
}
