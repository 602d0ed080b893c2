use selvedge_torch::foreach;
use serde::{Deserialize, Serialize};
use tch::Tensor;

use crate::TrainError;
use crate::domain::Domain;
use crate::optim::parameter_state::parameter_state;
use crate::optim::update_rule::{column, count, directions, kernel, parameters, rates};
use crate::optim::{HostNumber, Slot, UpdateRule};

/// Adam with Nesterov's momentum: `torch.optim.NAdam`.
///
/// ```text
/// g  ← g + weight_decay · θ
/// μₜ = β₁(1 − ½ · 0.96^(t · momentum_decay))
/// m  ← β₁m + (1 − β₁)g
/// v  ← β₂v + (1 − β₂)g²
/// m̂  = μₜ₊₁m / (1 − ∏μᵢ, i ≤ t+1) + (1 − μₜ)g / (1 − ∏μᵢ, i ≤ t)
/// θ  ← θ − lr · m̂ / (√(v / (1 − β₂ᵗ)) + eps)
/// ```
///
/// Dozat, "Incorporating Nesterov Momentum into Adam".
///
/// ```
/// use selvedge_train::optim::{NAdam, Optimizer};
/// use tch::Tensor;
///
/// let weight = Tensor::from_slice(&[1.0f32, -2.0]).set_requires_grad(true);
/// let rule = NAdam { decoupled_weight_decay: true, weight_decay: 0.1, ..NAdam::default() };
/// let mut optimizer = Optimizer::new(vec![weight.shallow_clone()], rule)?;
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
pub struct NAdam {
    /// The learning rate. Default: 2e-3.
    pub lr: f64,
    /// The decay of the averages of the gradient and of its square, β₁ and β₂. Default: (0.9, 0.999).
    pub betas: (f64, f64),
    /// Added to the denominator. Default: 1e-8.
    pub eps: f64,
    /// The weight decay (L2 penalty). Default: 0.
    pub weight_decay: f64,
    /// How fast the momentum grows to β₁. Default: 4e-3.
    pub momentum_decay: f64,
    /// Whether the weight decay shrinks the parameters, as in NAdamW. Default: `false`.
    pub decoupled_weight_decay: bool,
    /// Whether to climb instead of descend. Default: `false`.
    pub maximize: bool,
}

impl Default for NAdam {
    fn default() -> Self {
        Self {
            lr: 2e-3,
            betas: (0.9, 0.999),
            eps: 1e-8,
            weight_decay: 0.0,
            momentum_decay: 4e-3,
            decoupled_weight_decay: false,
            maximize: false,
        }
    }
}

parameter_state! {
    /// What [`NAdam`] keeps for a parameter.
    pub struct NAdamState {
        /// The number of steps.
        step: HostNumber,
        /// The product of all μ so far.
        mu_product: HostNumber,
        /// The average of the gradient, m.
        exp_avg: Tensor,
        /// The average of its square, v.
        exp_avg_sq: Tensor,
    }
}

impl UpdateRule for NAdam {
    const NAME: &'static str = "NAdam";
    const ELEMENTWISE: bool = true;
    type State = NAdamState;

    fn validate(&self) -> Result<(), TrainError> {
        let domain = Domain(Self::NAME);
        domain.finite_not_negative(&[
            ("lr", self.lr),
            ("weight_decay", self.weight_decay),
            ("momentum_decay", self.momentum_decay),
        ])?;
        domain.epsilon(self.eps)?;
        domain.betas(self.betas)?;
        // The product of the weights is an f32, as in PyTorch, and is divided by its distance from 1.
        let (beta1, expected) = (self.betas.0, "a first number below 1 also as an f32");
        domain.require((beta1 as f32) < 1.0, "betas", expected, self.betas)
    }

    rates!(lr, betas.0);

    fn start(&self, parameter: &Tensor) -> NAdamState {
        NAdamState {
            step: HostNumber(0.0),
            mu_product: HostNumber(1.0),
            exp_avg: parameter.zeros_like(),
            exp_avg_sq: parameter.zeros_like(),
        }
    }

    fn update(&self, slots: &mut [Slot<'_, NAdamState>]) {
        let run = |result| kernel(Self::NAME, result);
        let (beta1, beta2) = self.betas;
        let mu = |step: f64| beta1 * (1.0 - 0.5 * 0.96_f64.powf(step * self.momentum_decay));
        let steps = count(slots, |state| &mut state.step);
        let (mut eps, mut by_gradient, mut by_average) = (Vec::new(), Vec::new(), Vec::new());
        for (slot, &step) in slots.iter_mut().zip(&steps) {
            // PyTorch keeps the product in f32, which shows in f64 parameters.
            slot.state.mu_product.0 *= mu(step) as f32;
            let product = f64::from(slot.state.mu_product.0);
            let next = mu(step + 1.0);
            // The root is divided by the correction; to multiply the numbers around it saves a pass over the tensors.
            let correction = (1.0 - beta2.powf(step)).sqrt();
            eps.push(self.eps * correction);
            by_gradient.push(-self.lr * correction * (1.0 - mu(step)) / (1.0 - product));
            by_average.push(-self.lr * correction * next / (1.0 - product * next));
        }
        let parameters = parameters(slots);
        let coupled = if self.decoupled_weight_decay { 0.0 } else { self.weight_decay };
        if self.decoupled_weight_decay && self.weight_decay != 0.0 {
            run(foreach::mul_scalar_(&parameters, 1.0 - self.lr * self.weight_decay));
        }
        let gradients = directions(slots, self.maximize, coupled);
        let averages = column(slots, |state| &state.exp_avg);
        let squares = column(slots, |state| &state.exp_avg_sq);
        run(foreach::lerp_(&averages, &gradients, 1.0 - beta1));
        run(foreach::mul_scalar_(&squares, beta2));
        run(foreach::addcmul_(&squares, &gradients, &gradients, 1.0 - beta2));
        let roots = kernel(Self::NAME, foreach::sqrt(&squares));
        run(foreach::add_scalars_(&roots, &eps));
        run(foreach::addcdiv_scalars_(&parameters, &gradients, &roots, &by_gradient));
        run(foreach::addcdiv_scalars_(&parameters, &averages, &roots, &by_average));
    }
}
