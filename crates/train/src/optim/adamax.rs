use selvedge_torch::foreach;
use serde::{Deserialize, Serialize};
use tch::Tensor;

use crate::TrainError;
use crate::domain::Domain;
use crate::optim::parameter_state::parameter_state;
use crate::optim::update_rule::{column, count, directions, kernel, parameters, rates};
use crate::optim::{HostNumber, Slot, UpdateRule};

/// Adam with the largest recent gradient in place of the average of squares: `torch.optim.Adamax`.
///
/// ```text
/// g ← g + weight_decay · θ
/// m ← β₁m + (1 − β₁)g
/// u ← max(β₂u, |g| + eps)
/// θ ← θ − lr / (1 − β₁ᵗ) · m / u
/// ```
///
/// Kingma and Ba, "Adam: A Method for Stochastic Optimization".
///
/// ```
/// use selvedge_train::optim::{Adamax, Optimizer};
/// use tch::Tensor;
///
/// let weight = Tensor::from_slice(&[1.0f32, -2.0]).set_requires_grad(true);
/// let mut optimizer = Optimizer::new(vec![weight.shallow_clone()], Adamax { lr: 0.5, ..Adamax::default() })?;
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
pub struct Adamax {
    /// The learning rate. Default: 2e-3.
    pub lr: f64,
    /// The decay of the average and of the largest gradient, β₁ and β₂. Default: (0.9, 0.999).
    pub betas: (f64, f64),
    /// Added to the size of the gradient. Default: 1e-8.
    pub eps: f64,
    /// The weight decay (L2 penalty). Default: 0.
    pub weight_decay: f64,
    /// Whether to climb instead of descend. Default: `false`.
    pub maximize: bool,
}

impl Default for Adamax {
    fn default() -> Self {
        Self { lr: 2e-3, betas: (0.9, 0.999), eps: 1e-8, weight_decay: 0.0, maximize: false }
    }
}

parameter_state! {
    /// What [`Adamax`] keeps for a parameter.
    pub struct AdamaxState {
        /// The number of steps.
        step: HostNumber,
        /// The average of the gradient, m.
        exp_avg: Tensor,
        /// Its largest recent size, u.
        exp_inf: Tensor,
    }
}

impl UpdateRule for Adamax {
    const NAME: &'static str = "Adamax";
    const ELEMENTWISE: bool = true;
    type State = AdamaxState;

    fn validate(&self) -> Result<(), TrainError> {
        let domain = Domain(Self::NAME);
        domain.finite_not_negative(&[("lr", self.lr), ("weight_decay", self.weight_decay)])?;
        domain.epsilon(self.eps)?;
        domain.betas(self.betas)
    }

    rates!(lr, betas.0);

    fn start(&self, parameter: &Tensor) -> AdamaxState {
        AdamaxState {
            step: HostNumber(0.0),
            exp_avg: parameter.zeros_like(),
            exp_inf: parameter.zeros_like(),
        }
    }

    fn update(&self, slots: &mut [Slot<'_, AdamaxState>]) {
        let run = |result| kernel(Self::NAME, result);
        let (beta1, beta2) = self.betas;
        let steps = count(slots, |state| &mut state.step);
        let gradients = directions(slots, self.maximize, self.weight_decay);
        let averages = column(slots, |state| &state.exp_avg);
        let largest = column(slots, |state| &state.exp_inf);
        run(foreach::lerp_(&averages, &gradients, 1.0 - beta1));
        let sizes = kernel(Self::NAME, foreach::abs(&gradients));
        run(foreach::add_scalar_(&sizes, self.eps));
        run(foreach::mul_scalar_(&largest, beta2));
        run(foreach::maximum_(&largest, &sizes));
        let rates: Vec<f64> = steps.iter().map(|&step| -self.lr / (1.0 - beta1.powf(step))).collect();
        run(foreach::addcdiv_scalars_(&parameters(slots), &averages, &largest, &rates));
    }
}
