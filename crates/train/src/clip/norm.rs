use selvedge_torch::foreach;
use serde::{Deserialize, Serialize};
use tch::{Device, Kind, Tensor};

use super::{gradients, norm_order};
use crate::TrainError;
use crate::domain::Domain;

/// Scales all gradients down together, so that their norm, as one vector, is at most `max_norm`. PyTorch's
/// `clip_grad_norm_`.
///
/// `gradient ← gradient · min(1, max_norm / (norm + 1e-6))`
///
/// ```
/// use selvedge_train::clip::ClipGradientNorm;
/// use tch::{Kind, Tensor};
///
/// let weight = Tensor::from_slice(&[3.0, 4.0]).set_requires_grad(true);
/// (weight.square() / 2.0).sum(Kind::Double).backward();
/// let norm = ClipGradientNorm { max_norm: 1.0, ..ClipGradientNorm::default() }.clip(&[weight.shallow_clone()])?;
/// assert_eq!(norm.double_value(&[]), 5.0);
/// assert!((weight.grad().double_value(&[0]) - 0.6).abs() < 1e-6);
/// # Ok::<(), selvedge_train::TrainError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ClipGradientNorm {
    /// The highest norm, not negative; 1 by default. PyTorch has no default.
    pub max_norm: f64,
    /// The order of the norm, positive; 2 by default. Infinity, in a file `"inf"`, takes the largest value.
    #[serde(with = "norm_order")]
    pub norm_type: f64,
    /// Whether a norm that is NaN or infinite is an error; false by default, and then the gradients become NaN
    /// or 0. Looking costs a wait for the device.
    pub error_if_nonfinite: bool,
}

impl Default for ClipGradientNorm {
    fn default() -> Self {
        Self { max_norm: 1.0, norm_type: 2.0, error_if_nonfinite: false }
    }
}

impl ClipGradientNorm {
    /// Whether each option has a value that it can have.
    ///
    /// # Errors
    ///
    /// When one has not.
    pub fn validate(&self) -> Result<(), TrainError> {
        const DOMAIN: Domain = Domain("ClipGradientNorm");
        DOMAIN.not_negative(&[("max_norm", self.max_norm)])?;
        DOMAIN.positive("norm_type", self.norm_type)
    }

    /// Clips the gradients of the parameters and returns the norm that they had, on the device of the first.
    /// Parameters without a gradient do not count.
    ///
    /// # Errors
    ///
    /// When the norm is NaN or infinite and `error_if_nonfinite` is set; the gradients are as they were.
    ///
    /// # Panics
    ///
    /// When a gradient is sparse.
    #[track_caller]
    pub fn clip(&self, parameters: &[Tensor]) -> Result<Tensor, TrainError> {
        const UNIT: &str = "ClipGradientNorm";
        let _no_grad = tch::no_grad_guard();
        let all = gradients::of(parameters);
        let Some(first) = all.first() else {
            return Ok(Tensor::zeros([0_i64; 0], (Kind::Float, Device::Cpu)));
        };
        let lists = gradients::apart(&all);
        let mut norms = Vec::with_capacity(all.len());
        for list in &lists {
            let of_list = gradients::done(UNIT, foreach::norm(list, self.norm_type));
            norms.extend(of_list.into_iter().map(|norm| norm.to_device(first.device())));
        }
        let of_norms = gradients::done(UNIT, foreach::norm(&[Tensor::stack(&norms, 0)], self.norm_type));
        let norm = of_norms[0].shallow_clone();
        if self.error_if_nonfinite && norm.isfinite().int64_value(&[]) == 0 {
            return Err(self.nonfinite(parameters, &norm));
        }
        // Multiplied even by 1: to look whether it is would wait for the device.
        let factor = ((&norm + 1e-6).reciprocal() * self.max_norm).clamp_max(1.0);
        for list in &lists {
            let factor = factor.to_device(list[0].device());
            gradients::done(UNIT, foreach::mul_tensor_(list, &factor));
        }
        Ok(norm)
    }

    fn nonfinite(&self, parameters: &[Tensor], norm: &Tensor) -> TrainError {
        let finite = |gradient: &Tensor| gradient.isfinite().all().int64_value(&[]) == 1;
        let place =
            parameters.iter().map(Tensor::grad).position(|gradient| gradient.defined() && !finite(&gradient));
        let cause = match place {
            Some(place) => format!("the gradient of parameter {place} is the first that is not finite"),
            None => "each gradient is finite, but their norm overflows".to_owned(),
        };
        TrainError::NonFiniteNorm { norm: norm.double_value(&[]), order: self.norm_type, cause }
    }
}
