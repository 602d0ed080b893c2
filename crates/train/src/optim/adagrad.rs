use selvedge_torch::{FusedAdagrad, GradientScaling, count_steps};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use tch::Tensor;

use crate::TrainError;
use crate::domain::Domain;
use crate::optim::parameter_state::parameter_state;
use crate::optim::update_rule::{column, gradients, kernel, parameters, rates};
use crate::optim::{DeviceStep, Slot, UpdateRule};

/// Gradients divided by the root of the sum of all their squares so far: `torch.optim.Adagrad`.
///
/// ```text
/// g ← g + weight_decay · θ
/// s ← s + g²
/// θ ← θ − lr / (1 + (t − 1) · lr_decay) · g / (√s + eps)
/// ```
///
/// Duchi, Hazan and Singer, "Adaptive Subgradient Methods for Online Learning and Stochastic Optimization".
///
/// Differs from PyTorch: every step is the fused kernel (`fused=True` there), on CPU and on CUDA; sparse
/// gradients are refused.
///
/// ```
/// use selvedge_train::optim::{Adagrad, Optimizer};
/// use tch::Tensor;
///
/// let weight = Tensor::from_slice(&[1.0f32, -2.0]).set_requires_grad(true);
/// let mut optimizer = Optimizer::new(vec![weight.shallow_clone()], Adagrad { lr: 0.5, ..Adagrad::default() })?;
/// let _ = optimizer.step_with(|| {
///     let loss = weight.square().sum(tch::Kind::Float);
///     loss.backward();
///     loss
/// });
/// assert!((weight.double_value(&[0]) - 0.5).abs() < 1e-6);
/// # Ok::<(), selvedge_train::TrainError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Adagrad {
    /// The learning rate. Default: 1e-2.
    pub lr: f64,
    /// How fast the learning rate falls. Default: 0.
    pub lr_decay: f64,
    /// The weight decay (L2 penalty). Default: 0.
    pub weight_decay: f64,
    /// What the sums of squares of the group start at; in PyTorch they start at that of the constructor for all groups.
    /// Default: 0.
    pub initial_accumulator_value: f64,
    /// Added to the denominator. Default: 1e-10.
    pub eps: f64,
    /// Whether to climb instead of descend. Default: `false`.
    pub maximize: bool,
}

impl Default for Adagrad {
    fn default() -> Self {
        let FusedAdagrad { lr, lr_decay, eps, weight_decay, maximize } = FusedAdagrad::default();
        Self { lr, lr_decay, weight_decay, initial_accumulator_value: 0.0, eps, maximize }
    }
}

parameter_state! {
    /// What [`Adagrad`] keeps for a parameter, from the start.
    pub struct AdagradState {
        /// The number of steps.
        step: DeviceStep,
        /// The sum of squared gradients, s.
        sum: Tensor,
    }
}

impl UpdateRule for Adagrad {
    const NAME: &'static str = "Adagrad";
    const FIXED: &'static [(&'static str, Value)] =
        &[("foreach", Value::Null), ("differentiable", Value::Bool(false)), ("fused", Value::Null)];
    const EAGER: bool = true;
    const ELEMENTWISE: bool = true;
    type State = AdagradState;

    fn validate(&self) -> Result<(), TrainError> {
        let domain = Domain(Self::NAME);
        domain.finite_not_negative(&[
            ("lr", self.lr),
            ("lr_decay", self.lr_decay),
            ("weight_decay", self.weight_decay),
            ("initial_accumulator_value", self.initial_accumulator_value),
        ])?;
        // Sums that begin above 0 stay so.
        if self.initial_accumulator_value as f32 > 0.0 {
            return domain.finite_not_negative(&[("eps", self.eps)]);
        }
        domain.epsilon(self.eps)
    }

    rates!(lr);

    fn start(&self, parameter: &Tensor) -> AdagradState {
        AdagradState {
            step: DeviceStep::start(parameter),
            sum: parameter.full_like(self.initial_accumulator_value),
        }
    }

    fn update(&self, slots: &mut [Slot<'_, AdagradState>]) {
        let steps = column(slots, |state| &state.step.0);
        let sums = column(slots, |state| &state.sum);
        kernel(Self::NAME, count_steps(&steps));
        let Self { lr, lr_decay, weight_decay, eps, maximize, .. } = *self;
        let fused = FusedAdagrad { lr, lr_decay, eps, weight_decay, maximize };
        let (parameters, gradients) = (parameters(slots), gradients(slots));
        kernel(Self::NAME, fused.step(&parameters, &gradients, &sums, &steps, GradientScaling::default()));
    }
}
