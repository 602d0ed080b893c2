use selvedge_torch::foreach;
use serde::{Deserialize, Serialize};
use tch::Tensor;

use crate::TrainError;
use crate::domain::Domain;
use crate::optim::parameter_state::parameter_state;
use crate::optim::update_rule::{column, count, directions, kernel, parameters, rates};
use crate::optim::{HostNumber, Slot, UpdateRule};

/// Steps whose size grows while the gradient keeps its sign and shrinks when it turns: `torch.optim.Rprop`.
///
/// ```text
/// sign(g · g′) > 0:   s ← min(s · η⁺, s_max)
/// sign(g · g′) < 0:   s ← max(s · η⁻, s_min),  g ← 0
/// θ ← θ − sign(g) · s        g′ ← g
/// ```
///
/// Riedmiller and Braun, "A Direct Adaptive Method for Faster Backpropagation Learning". It wants gradients of the
/// whole set, not of small batches.
///
/// ```
/// use selvedge_train::optim::{Optimizer, Rprop};
/// use tch::Tensor;
///
/// let weight = Tensor::from_slice(&[1.0f32, -2.0]).set_requires_grad(true);
/// let mut optimizer = Optimizer::new(vec![weight.shallow_clone()], Rprop { lr: 0.25, ..Rprop::default() })?;
/// let _ = optimizer.step_with(|| {
///     let loss = weight.square().sum(tch::Kind::Float);
///     loss.backward();
///     loss
/// });
/// assert_eq!(weight.double_value(&[0]), 0.75);
/// # Ok::<(), selvedge_train::TrainError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Rprop {
    /// The size of the first step. Default: 1e-2.
    pub lr: f64,
    /// The factors by which a step shrinks and grows, η⁻ and η⁺. Default: (0.5, 1.2).
    pub etas: (f64, f64),
    /// The smallest and the largest step. Default: (1e-6, 50).
    pub step_sizes: (f64, f64),
    /// Whether to climb instead of descend. Default: `false`.
    pub maximize: bool,
}

impl Default for Rprop {
    fn default() -> Self {
        Self { lr: 1e-2, etas: (0.5, 1.2), step_sizes: (1e-6, 50.0), maximize: false }
    }
}

parameter_state! {
    /// What [`Rprop`] keeps for a parameter.
    pub struct RpropState {
        /// The number of steps.
        step: HostNumber,
        /// The last gradient, g′, 0 where it turned.
        prev: Tensor,
        /// The size of the step of each value, s.
        step_size: Tensor,
    }
}

impl UpdateRule for Rprop {
    const NAME: &'static str = "Rprop";
    const ELEMENTWISE: bool = true;
    type State = RpropState;

    fn validate(&self) -> Result<(), TrainError> {
        let domain = Domain(Self::NAME);
        domain.not_negative(&[("lr", self.lr)])?;
        let (shrink, grow) = self.etas;
        let holds = 0.0 < shrink && shrink < 1.0 && 1.0 < grow;
        domain.require(holds, "etas", "a number in (0, 1) and one above 1", self.etas)
    }

    rates!(lr);

    fn start(&self, parameter: &Tensor) -> RpropState {
        RpropState {
            step: HostNumber(0.0),
            prev: parameter.zeros_like(),
            step_size: parameter.full_like(self.lr),
        }
    }

    fn update(&self, slots: &mut [Slot<'_, RpropState>]) {
        let run = |result| kernel(Self::NAME, result);
        let (shrink, grow) = self.etas;
        count(slots, |state| &mut state.step);
        let mut gradients = directions(slots, self.maximize, 0.0);
        let previous = column(slots, |state| &state.prev);
        let sizes = column(slots, |state| &state.step_size);
        let mut factors = kernel(Self::NAME, foreach::mul(&gradients, &previous));
        for (factor, gradient) in factors.iter_mut().zip(&mut gradients) {
            let (kept, turned) = (factor.gt(0.0), factor.lt(0.0));
            *factor = factor.ones_like().masked_fill(&kept, grow).masked_fill(&turned, shrink);
            *gradient = gradient.masked_fill(&turned, 0.0);
        }
        run(foreach::mul_(&sizes, &factors));
        run(foreach::clamp_min_(&sizes, self.step_sizes.0));
        run(foreach::clamp_max_(&sizes, self.step_sizes.1));
        run(foreach::copy_(&previous, &gradients));
        run(foreach::sign_(&gradients));
        run(foreach::addcmul_(&parameters(slots), &gradients, &sizes, -1.0));
    }
}
