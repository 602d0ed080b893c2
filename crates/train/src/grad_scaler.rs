use selvedge_torch::foreach;
use serde::{Deserialize, Serialize};
use tch::{Device, Kind, Tensor};

use crate::TrainError;
use crate::clip::gradients;
use crate::domain::Domain;

/// Keeps the gradients of a loss in half precision from vanishing: the loss is multiplied by a scale before the
/// backward pass, the gradients are divided by it after. A step whose gradients overflow is left out and makes the
/// scale smaller, many good ones in a row make it larger. PyTorch's `torch.amp.GradScaler`.
///
/// It is its own configuration and its own state: as JSON it is what `state_dict()` gives in PyTorch.
///
/// ```
/// use selvedge_train::GradScaler;
/// use tch::{Kind, Tensor};
///
/// let weight = Tensor::from_slice(&[3.0f32]).set_requires_grad(true);
/// let mut scaler = GradScaler { scale: 1e38, ..GradScaler::default() };
/// for expected in [false, true] {
///     selvedge_torch::clear_gradient(&weight);
///     scaler.scaled(&weight.square().sum(Kind::Float)).backward();
///     let finite = scaler.unscale(&[weight.shallow_clone()]);
///     assert_eq!(finite, expected);
///     scaler.update(finite);
/// }
/// assert_eq!(weight.grad().double_value(&[0]), 6.0);
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct GradScaler {
    /// What the loss is multiplied by, positive; PyTorch's `init_scale` at first. Default: 65536.
    pub scale: f64,
    /// The factor of the scale after `growth_interval` good steps in a row, above 1. Default: 2.
    pub growth_factor: f64,
    /// The factor of the scale after a step that overflowed, between 0 and 1. Default: 0.5.
    pub backoff_factor: f64,
    /// How many good steps make the scale grow, positive. Default: 2000.
    pub growth_interval: u64,
    /// How many there were in a row; 0 at first.
    #[serde(rename = "_growth_tracker")]
    pub growth_tracker: u64,
}

impl Default for GradScaler {
    fn default() -> Self {
        Self {
            scale: 65536.0,
            growth_factor: 2.0,
            backoff_factor: 0.5,
            growth_interval: 2000,
            growth_tracker: 0,
        }
    }
}

impl GradScaler {
    /// Whether each option has a value that it can have.
    ///
    /// # Errors
    ///
    /// When one has not.
    pub fn validate(&self) -> Result<(), TrainError> {
        const DOMAIN: Domain = Domain("GradScaler");
        DOMAIN.positive("scale", self.scale)?;
        DOMAIN.finite("scale", self.scale)?;
        DOMAIN.require(self.growth_factor > 1.0, "growth_factor", "a number above 1", self.growth_factor)?;
        let backs_off = self.backoff_factor > 0.0 && self.backoff_factor < 1.0;
        DOMAIN.require(backs_off, "backoff_factor", "a number between 0 and 1", self.backoff_factor)?;
        DOMAIN.require(
            self.growth_interval > 0,
            "growth_interval",
            "a number from 1 on",
            self.growth_interval,
        )
    }

    /// The loss to start the backward pass from.
    pub fn scaled(&self, loss: &Tensor) -> Tensor {
        loss * self.scale
    }

    /// Divides the gradients of the parameters by the scale, and tells whether all are finite, which waits for the
    /// device.
    ///
    /// # Panics
    ///
    /// When a gradient is sparse.
    #[must_use]
    #[track_caller]
    pub fn unscale(&self, parameters: &[Tensor]) -> bool {
        const UNIT: &str = "GradScaler";
        let _no_grad = tch::no_grad_guard();
        // Rounded as in PyTorch, where the scale is an f32 on the device.
        let inverse = f64::from((1.0 / self.scale) as f32);
        let mut largest = Vec::new();
        for list in gradients::apart(&gradients::of(parameters)) {
            gradients::done(UNIT, foreach::mul_scalar_(&list, inverse));
            // One value for each gradient, and the largest is finite only when all are.
            let norms = gradients::done(UNIT, foreach::norm(&list, f64::INFINITY));
            largest.extend(norms.iter().map(|norm| norm.to_device(Device::Cpu).to_kind(Kind::Double)));
        }
        largest.is_empty() || Tensor::stack(&largest, 0).isfinite().all().int64_value(&[]) == 1
    }

    /// Makes the scale what the next step needs, after one that was finite or was not.
    pub fn update(&mut self, finite: bool) {
        let times = |factor: f64| f64::from((self.scale * factor) as f32);
        if !finite {
            self.scale = times(self.backoff_factor);
            self.growth_tracker = 0;
            return;
        }
        self.growth_tracker += 1;
        if self.growth_tracker == self.growth_interval {
            self.growth_tracker = 0;
            let larger = times(self.growth_factor);
            if larger.is_finite() {
                self.scale = larger;
            }
        }
    }
}
