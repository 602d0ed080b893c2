use selvedge_torch::foreach;
use serde::{Deserialize, Serialize};
use tch::Tensor;

use crate::TrainError;
use crate::domain::Domain;
use crate::optim::parameter_state::parameter_state;
use crate::optim::update_rule::{column, count, directions, kernel, parameters, rates};
use crate::optim::{HostNumber, Slot, UpdateRule};

/// Stochastic gradient descent that also keeps the average of the parameters: `torch.optim.ASGD`.
///
/// ```text
/// g ← g + weight_decay · θ
/// θ ← (1 − lambd · η)θ − η · g
/// a ← a + μ(θ − a)
/// η ← lr / (1 + lambd · lr · t)^alpha        μ ← 1 / max(1, t − t0)
/// ```
///
/// The average, a, is [`AsgdState::ax`].
///
/// Polyak and Juditsky, "Acceleration of Stochastic Approximation by Averaging".
///
/// ```
/// use selvedge_train::optim::{Asgd, Optimizer};
/// use tch::Tensor;
///
/// let weight = Tensor::from_slice(&[1.0f32, -2.0]).set_requires_grad(true);
/// let mut optimizer = Optimizer::new(vec![weight.shallow_clone()], Asgd::default())?;
/// let _ = optimizer.step_with(|| {
///     let loss = weight.square().sum(tch::Kind::Float);
///     loss.backward();
///     loss
/// });
/// let average = optimizer.groups()[0].states()[0].as_ref().map(|state| state.ax.shallow_clone());
/// assert_eq!(average, Some(weight.detach()));
/// # Ok::<(), selvedge_train::TrainError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Asgd {
    /// The learning rate. Default: 1e-2.
    pub lr: f64,
    /// How fast the parameters decay. Default: 1e-4.
    pub lambd: f64,
    /// The power of the fall of the learning rate. Default: 0.75.
    pub alpha: f64,
    /// The step at which averaging starts. Default: 1e6.
    pub t0: f64,
    /// The weight decay (L2 penalty). Default: 0.
    pub weight_decay: f64,
    /// Whether to climb instead of descend. Default: `false`.
    pub maximize: bool,
}

impl Default for Asgd {
    fn default() -> Self {
        Self { lr: 1e-2, lambd: 1e-4, alpha: 0.75, t0: 1e6, weight_decay: 0.0, maximize: false }
    }
}

parameter_state! {
    /// What [`Asgd`] keeps for a parameter.
    pub struct AsgdState {
        /// The number of steps.
        step: HostNumber,
        /// The learning rate of the next step, η.
        eta: HostNumber,
        /// The weight of the next parameters in the average, μ.
        mu: HostNumber,
        /// The average of the parameters, a.
        ax: Tensor,
    }
}

impl UpdateRule for Asgd {
    const NAME: &'static str = "ASGD";
    const ELEMENTWISE: bool = true;
    type State = AsgdState;

    fn validate(&self) -> Result<(), TrainError> {
        let domain = Domain(Self::NAME);
        // A negative decay makes the divisor of the learning rate 0 at some step.
        domain.finite_not_negative(&[
            ("lr", self.lr),
            ("lambd", self.lambd),
            ("weight_decay", self.weight_decay),
        ])?;
        domain.finite("alpha", self.alpha)?;
        domain.finite("t0", self.t0)
    }

    rates!(lr);

    fn start(&self, parameter: &Tensor) -> AsgdState {
        AsgdState {
            step: HostNumber(0.0),
            eta: HostNumber(self.lr as f32),
            mu: HostNumber(1.0),
            ax: parameter.zeros_like(),
        }
    }

    fn update(&self, slots: &mut [Slot<'_, AsgdState>]) {
        let run = |result| kernel(Self::NAME, result);
        let steps = count(slots, |state| &mut state.step);
        let gradients = directions(slots, self.maximize, self.weight_decay);
        let rates: Vec<f64> = slots.iter().map(|slot| f64::from(slot.state.eta.0)).collect();
        let decays: Vec<f64> = rates.iter().map(|rate| 1.0 - self.lambd * rate).collect();
        let parameters = parameters(slots);
        run(foreach::mul_scalars_(&parameters, &decays));
        let moves = kernel(Self::NAME, foreach::mul_scalars(&gradients, &rates));
        run(foreach::sub_(&parameters, &moves, 1.0));

        let averages = column(slots, |state| &state.ax);
        let weights: Vec<f64> = slots.iter().map(|slot| f64::from(slot.state.mu.0)).collect();
        if weights.iter().all(|&weight| weight == 1.0) {
            run(foreach::copy_(&averages, &parameters));
        } else {
            let differences = kernel(Self::NAME, foreach::sub(&parameters, &averages, 1.0));
            run(foreach::mul_scalars_(&differences, &weights));
            run(foreach::add_(&averages, &differences, 1.0));
        }
        for (slot, &step) in slots.iter_mut().zip(&steps) {
            // PyTorch keeps both in f32, which shows in f64 parameters.
            slot.state.eta.0 = (self.lr / (1.0 + self.lambd * self.lr * step).powf(self.alpha)) as f32;
            slot.state.mu.0 = (1.0 / (step - self.t0).max(1.0)) as f32;
        }
    }
}
