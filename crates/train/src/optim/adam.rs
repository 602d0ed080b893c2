use selvedge_torch::{AdamState as KernelState, FusedAdam, GradientScaling, count_steps};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use tch::Tensor;

use crate::TrainError;
use crate::domain::Domain;
use crate::optim::parameter_state::parameter_state;
use crate::optim::update_rule::{column, gradients, kernel, parameters, rates};
use crate::optim::{DeviceStep, Slot, UpdateRule};

/// Steps scaled by averages of the gradient and of its square: `torch.optim.Adam`.
///
/// ```text
/// g ← g + weight_decay · θ
/// m ← β₁m + (1 − β₁)g        m̂ = m / (1 − β₁ᵗ)
/// v ← β₂v + (1 − β₂)g²       v̂ = v / (1 − β₂ᵗ)
/// θ ← θ − lr · m̂ / (√v̂ + eps)
/// ```
///
/// With `amsgrad`, v̂ is made of the largest v so far.
///
/// Kingma and Ba, "Adam: A Method for Stochastic Optimization"; Reddi and others, "On the Convergence of Adam
/// and Beyond".
///
/// Differs from PyTorch: every step is the fused kernel (`fused=True` there), on CPU and on CUDA.
///
/// ```
/// use selvedge_train::optim::{Adam, Optimizer};
/// use tch::Tensor;
///
/// let weight = Tensor::from_slice(&[1.0f32, -2.0]).set_requires_grad(true);
/// let mut optimizer = Optimizer::new(vec![weight.shallow_clone()], Adam { lr: 0.1, ..Adam::default() })?;
/// let before = optimizer.step_with(|| {
///     let loss = weight.square().sum(tch::Kind::Float);
///     loss.backward();
///     loss
/// });
/// assert_eq!(f64::try_from(before).unwrap(), 5.0);
/// assert!(weight.square().sum(tch::Kind::Float).double_value(&[]) < 5.0);
/// println!("{}", optimizer.defaults());
/// # Ok::<(), selvedge_train::TrainError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Adam {
    /// The learning rate. Default: 1e-3.
    pub lr: f64,
    /// The decay of the averages of the gradient and of its square, β₁ and β₂. Default: (0.9, 0.999).
    pub betas: (f64, f64),
    /// Added to the denominator. Default: 1e-8.
    pub eps: f64,
    /// The weight decay (L2 penalty). Default: 0.
    pub weight_decay: f64,
    /// Whether the denominator uses the largest average so far; the fused kernel may leave a NaN out of it. Default: `false`.
    pub amsgrad: bool,
    /// Whether to climb instead of descend. Default: `false`.
    pub maximize: bool,
    /// Whether the weight decay shrinks the parameters, as [`AdamW`](crate::optim::AdamW)'s does, instead of
    /// adding to the gradient. Default: `false`.
    pub decoupled_weight_decay: bool,
}

impl Default for Adam {
    fn default() -> Self {
        let FusedAdam { lr, betas, eps, weight_decay, amsgrad, maximize, decoupled_weight_decay } =
            FusedAdam::default();
        Self { lr, betas, eps, weight_decay, amsgrad, maximize, decoupled_weight_decay }
    }
}

impl Adam {
    fn fused(&self) -> FusedAdam {
        let Self { lr, betas, eps, weight_decay, amsgrad, maximize, decoupled_weight_decay } = *self;
        FusedAdam { lr, betas, eps, weight_decay, amsgrad, maximize, decoupled_weight_decay }
    }
}

parameter_state! {
    /// What [`Adam`] and [`AdamW`](crate::optim::AdamW) keep for a parameter.
    pub struct AdamState {
        /// The number of steps.
        step: DeviceStep,
        /// The average of the gradient, m.
        exp_avg: Tensor,
        /// The average of its square, v.
        exp_avg_sq: Tensor,
        /// The largest v so far, with `amsgrad`.
        max_exp_avg_sq: Option<Tensor>,
    }
}

impl UpdateRule for Adam {
    const NAME: &'static str = "Adam";
    const FIXED: &'static [(&'static str, Value)] = FUSED;
    const ELEMENTWISE: bool = true;
    type State = AdamState;

    fn validate(&self) -> Result<(), TrainError> {
        check(Self::NAME, self)
    }

    rates!(lr, betas.0);

    fn start(&self, parameter: &Tensor) -> AdamState {
        AdamState {
            step: DeviceStep::start(parameter),
            exp_avg: parameter.zeros_like(),
            exp_avg_sq: parameter.zeros_like(),
            max_exp_avg_sq: self.amsgrad.then(|| parameter.zeros_like()),
        }
    }

    fn update(&self, slots: &mut [Slot<'_, AdamState>]) {
        if self.amsgrad {
            // The option may have been switched on since the state was made.
            for slot in slots.iter_mut().filter(|slot| slot.state.max_exp_avg_sq.is_none()) {
                slot.state.max_exp_avg_sq = Some(slot.state.exp_avg_sq.copy());
            }
        }
        let steps = column(slots, |state| &state.step.0);
        kernel(Self::NAME, count_steps(&steps));
        let state = KernelState {
            exp_avgs: &column(slots, |state| &state.exp_avg),
            exp_avg_sqs: &column(slots, |state| &state.exp_avg_sq),
            max_exp_avg_sqs: &slots
                .iter()
                .filter_map(|slot| slot.state.max_exp_avg_sq.as_ref())
                .collect::<Vec<_>>(),
            steps: &steps,
        };
        let scaling = GradientScaling::default();
        kernel(Self::NAME, self.fused().step(&parameters(slots), &gradients(slots), state, scaling));
    }
}

/// The keys of PyTorch's optimizers that have a fused kernel.
pub(super) const FUSED: &[(&str, Value)] = &[
    ("foreach", Value::Null),
    ("capturable", Value::Bool(false)),
    ("differentiable", Value::Bool(false)),
    ("fused", Value::Null),
];

pub(super) fn check(name: &'static str, rule: &Adam) -> Result<(), TrainError> {
    let domain = Domain(name);
    domain.finite_not_negative(&[("lr", rule.lr), ("weight_decay", rule.weight_decay)])?;
    domain.epsilon(rule.eps)?;
    domain.betas(rule.betas)
}
