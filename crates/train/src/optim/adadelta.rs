use selvedge_torch::foreach;
use serde::{Deserialize, Serialize};
use tch::Tensor;

use crate::TrainError;
use crate::domain::Domain;
use crate::optim::parameter_state::parameter_state;
use crate::optim::update_rule::{column, count, directions, kernel, parameters, rates};
use crate::optim::{HostNumber, Slot, UpdateRule};

/// Steps in the units of the parameter, from averages of squared gradients and squared steps:
/// `torch.optim.Adadelta`.
///
/// ```text
/// g ← g + weight_decay · θ
/// v ← ρv + (1 − ρ)g²
/// Δ = √((u + eps) / (v + eps)) · g
/// u ← ρu + (1 − ρ)Δ²
/// θ ← θ − lr · Δ
/// ```
///
/// Zeiler, "ADADELTA: An Adaptive Learning Rate Method".
///
/// ```
/// use selvedge_train::optim::{Adadelta, Optimizer};
/// use tch::Tensor;
///
/// let weight = Tensor::from_slice(&[1.0f32, -2.0]).set_requires_grad(true);
/// let mut optimizer = Optimizer::new(vec![weight.shallow_clone()], Adadelta::default())?;
/// let _ = optimizer.step_with(|| {
///     let loss = weight.square().sum(tch::Kind::Float);
///     loss.backward();
///     loss
/// });
/// assert!(weight.double_value(&[0]) < 1.0);
/// # Ok::<(), selvedge_train::TrainError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Adadelta {
    /// The learning rate. Default: 1.
    pub lr: f64,
    /// The decay of the averages, ρ. Default: 0.9.
    pub rho: f64,
    /// Added under the roots. Default: 1e-6.
    pub eps: f64,
    /// The weight decay (L2 penalty). Default: 0.
    pub weight_decay: f64,
    /// Whether to climb instead of descend. Default: `false`.
    pub maximize: bool,
}

impl Default for Adadelta {
    fn default() -> Self {
        Self { lr: 1.0, rho: 0.9, eps: 1e-6, weight_decay: 0.0, maximize: false }
    }
}

parameter_state! {
    /// What [`Adadelta`] keeps for a parameter.
    pub struct AdadeltaState {
        /// The number of steps.
        step: HostNumber,
        /// The average of squared gradients, v.
        square_avg: Tensor,
        /// The average of squared steps, u.
        acc_delta: Tensor,
    }
}

impl UpdateRule for Adadelta {
    const NAME: &'static str = "Adadelta";
    const ELEMENTWISE: bool = true;
    type State = AdadeltaState;

    fn validate(&self) -> Result<(), TrainError> {
        let domain = Domain(Self::NAME);
        domain.finite_not_negative(&[("lr", self.lr), ("weight_decay", self.weight_decay)])?;
        domain.epsilon(self.eps)?;
        domain.require((0.0..=1.0).contains(&self.rho), "rho", "a number in [0, 1]", self.rho)
    }

    rates!(lr);

    fn start(&self, parameter: &Tensor) -> AdadeltaState {
        AdadeltaState {
            step: HostNumber(0.0),
            square_avg: parameter.zeros_like(),
            acc_delta: parameter.zeros_like(),
        }
    }

    fn update(&self, slots: &mut [Slot<'_, AdadeltaState>]) {
        let run = |result| kernel(Self::NAME, result);
        count(slots, |state| &mut state.step);
        let gradients = directions(slots, self.maximize, self.weight_decay);
        let squares = column(slots, |state| &state.square_avg);
        let moved = column(slots, |state| &state.acc_delta);
        let average = |averages: &[&Tensor], of: &[Tensor]| {
            run(foreach::mul_scalar_(averages, self.rho));
            run(foreach::addcmul_(averages, of, of, 1.0 - self.rho));
        };
        let shifted = |averages: &[&Tensor]| kernel(Self::NAME, foreach::add_scalar(averages, self.eps));
        average(&squares, &gradients);
        // One root, of the quotient.
        let steps = shifted(&moved);
        run(foreach::div_(&steps, &shifted(&squares)));
        run(foreach::sqrt_(&steps));
        run(foreach::mul_(&steps, &gradients));
        average(&moved, &steps);
        run(foreach::add_(&parameters(slots), &steps, -self.lr));
    }
}
