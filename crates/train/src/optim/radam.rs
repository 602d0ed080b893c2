use selvedge_torch::foreach;
use serde::{Deserialize, Serialize};
use tch::Tensor;

use crate::TrainError;
use crate::domain::Domain;
use crate::optim::parameter_state::parameter_state;
use crate::optim::update_rule::{column, count, directions, kernel, parameters, rates};
use crate::optim::{HostNumber, Slot, UpdateRule};

/// Adam that trusts its average of squares only once enough steps stand behind it: `torch.optim.RAdam`.
///
/// ```text
/// g  ← g + weight_decay · θ
/// m  ← β₁m + (1 − β₁)g       m̂ = m / (1 − β₁ᵗ)
/// v  ← β₂v + (1 − β₂)g²
/// ρ∞ = 2 / (1 − β₂) − 1       ρ = ρ∞ − 2t · β₂ᵗ / (1 − β₂ᵗ)
/// r  = √((ρ − 4)(ρ − 2)ρ∞ / ((ρ∞ − 4)(ρ∞ − 2)ρ))
/// θ  ← θ − lr · m̂ · r · √(1 − β₂ᵗ) / (√v + eps)   where ρ > 5, else θ − lr · m̂
/// ```
///
/// Liu and others, "On the Variance of the Adaptive Learning Rate and Beyond".
///
/// ```
/// use selvedge_train::optim::{Optimizer, RAdam};
/// use tch::Tensor;
///
/// let weight = Tensor::from_slice(&[1.0f32, -2.0]).set_requires_grad(true);
/// let mut optimizer = Optimizer::new(vec![weight.shallow_clone()], RAdam { lr: 0.1, ..RAdam::default() })?;
/// let _ = optimizer.step_with(|| {
///     let loss = weight.square().sum(tch::Kind::Float);
///     loss.backward();
///     loss
/// });
/// // The first steps follow the average of the gradient alone.
/// assert!((weight.double_value(&[0]) - 0.8).abs() < 1e-6);
/// # Ok::<(), selvedge_train::TrainError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct RAdam {
    /// The learning rate. Default: 1e-3.
    pub lr: f64,
    /// The decay of the averages of the gradient and of its square, β₁ and β₂. Default: (0.9, 0.999).
    pub betas: (f64, f64),
    /// Added to the denominator. Default: 1e-8.
    pub eps: f64,
    /// The weight decay (L2 penalty). Default: 0.
    pub weight_decay: f64,
    /// Whether the weight decay shrinks the parameters, as in RAdamW. Default: `false`.
    pub decoupled_weight_decay: bool,
    /// Whether to climb instead of descend. Default: `false`.
    pub maximize: bool,
}

impl Default for RAdam {
    fn default() -> Self {
        Self {
            lr: 1e-3,
            betas: (0.9, 0.999),
            eps: 1e-8,
            weight_decay: 0.0,
            decoupled_weight_decay: false,
            maximize: false,
        }
    }
}

parameter_state! {
    /// What [`RAdam`] keeps for a parameter.
    pub struct RAdamState {
        /// The number of steps.
        step: HostNumber,
        /// The average of the gradient, m.
        exp_avg: Tensor,
        /// The average of its square, v.
        exp_avg_sq: Tensor,
    }
}

impl RAdam {
    /// The factor of m / (√v + eps) at a step, or of m alone while too few steps stand behind v.
    fn rate(&self, step: f64) -> Rate {
        let (beta1, beta2) = self.betas;
        let correction = 1.0 - beta2.powf(step);
        let longest = 2.0 / (1.0 - beta2) - 1.0;
        let length = longest - 2.0 * step * beta2.powf(step) / correction;
        let lr = self.lr / (1.0 - beta1.powf(step));
        if length <= 5.0 {
            return Rate::Plain(-lr);
        }
        let rectification =
            ((length - 4.0) * (length - 2.0) * longest / ((longest - 4.0) * (longest - 2.0) * length)).sqrt();
        Rate::Rectified(-lr * rectification * correction.sqrt())
    }
}

enum Rate {
    Plain(f64),
    Rectified(f64),
}

impl UpdateRule for RAdam {
    const NAME: &'static str = "RAdam";
    const ELEMENTWISE: bool = true;
    type State = RAdamState;

    fn validate(&self) -> Result<(), TrainError> {
        let domain = Domain(Self::NAME);
        domain.finite_not_negative(&[("lr", self.lr), ("weight_decay", self.weight_decay)])?;
        domain.epsilon(self.eps)?;
        domain.betas(self.betas)
    }

    rates!(lr, betas.0);

    fn start(&self, parameter: &Tensor) -> RAdamState {
        RAdamState {
            step: HostNumber(0.0),
            exp_avg: parameter.zeros_like(),
            exp_avg_sq: parameter.zeros_like(),
        }
    }

    fn update(&self, slots: &mut [Slot<'_, RAdamState>]) {
        let run = |result| kernel(Self::NAME, result);
        let (beta1, beta2) = self.betas;
        let steps = count(slots, |state| &mut state.step);
        let coupled = if self.decoupled_weight_decay { 0.0 } else { self.weight_decay };
        if self.decoupled_weight_decay && self.weight_decay != 0.0 {
            run(foreach::mul_scalar_(&parameters(slots), 1.0 - self.lr * self.weight_decay));
        }
        let gradients = directions(slots, self.maximize, coupled);
        let squares = column(slots, |state| &state.exp_avg_sq);
        run(foreach::lerp_(&column(slots, |state| &state.exp_avg), &gradients, 1.0 - beta1));
        run(foreach::mul_scalar_(&squares, beta2));
        run(foreach::addcmul_(&squares, &gradients, &gradients, 1.0 - beta2));

        let (mut rectified, mut rates) = (Vec::new(), Vec::new());
        for (slot, &step) in slots.iter().zip(&steps) {
            match self.rate(step) {
                Rate::Plain(rate) => run(foreach::add_(&[slot.parameter], &[&slot.state.exp_avg], rate)),
                Rate::Rectified(rate) => {
                    rectified.push(slot);
                    rates.push(rate);
                }
            }
        }
        let squares: Vec<&Tensor> = rectified.iter().map(|slot| &slot.state.exp_avg_sq).collect();
        let averages: Vec<&Tensor> = rectified.iter().map(|slot| &slot.state.exp_avg).collect();
        let parameters: Vec<&Tensor> = rectified.iter().map(|slot| slot.parameter).collect();
        let roots = kernel(Self::NAME, foreach::sqrt(&squares));
        run(foreach::add_scalar_(&roots, self.eps));
        run(foreach::addcdiv_scalars_(&parameters, &averages, &roots, &rates));
    }
}
