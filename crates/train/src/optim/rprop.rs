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

/// Between the signs of a gradient that turned, -1, and of others, 0 and 1.
const TURNED: f64 = -0.5;

impl UpdateRule for Rprop {
    const NAME: &'static str = "Rprop";
    const ELEMENTWISE: bool = true;
    type State = RpropState;

    fn validate(&self) -> Result<(), TrainError> {
        let domain = Domain(Self::NAME);
        domain.finite_not_negative(&[("lr", self.lr)])?;
        let (shrink, grow) = self.etas;
        let holds = 0.0 < shrink && shrink < 1.0 && 1.0 < grow && grow.is_finite();
        domain.require(holds, "etas", "a number in (0, 1) and one above 1", self.etas)?;
        let (smallest, largest) = self.step_sizes;
        let holds = smallest.is_finite() && largest.is_finite();
        domain.require(holds, "step_sizes", "two finite numbers", self.step_sizes)
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
        let gradients = directions(slots, self.maximize, 0.0);
        let previous = column(slots, |state| &state.prev);
        let sizes = column(slots, |state| &state.step_size);
        // 1 where a gradient kept its sign, -1 where it turned, 0 else.
        let signs = kernel(Self::NAME, foreach::mul(&gradients, &previous));
        run(foreach::sign_(&signs));
        // Functions with a threshold choose between two values without a mask, whose use is slow on a CPU.
        for ((sign, gradient), previous) in signs.iter().zip(&gradients).zip(&previous) {
            let _ = sign.threshold_backward_grad_input(previous, gradient, TURNED);
        }
        let grown = kernel(Self::NAME, foreach::mul_scalar(&signs, grow));
        run(foreach::mul_scalar_(&signs, -shrink));
        for mut factor in grown.iter().chain(&signs).map(Tensor::shallow_clone) {
            let _ = factor.threshold_(0.0, 1.0);
        }
        run(foreach::mul_(&sizes, &grown));
        run(foreach::mul_(&sizes, &signs));
        run(foreach::clamp_min_(&sizes, self.step_sizes.0));
        run(foreach::clamp_max_(&sizes, self.step_sizes.1));
        // The factors are done with; their memory takes the directions.
        for (direction, previous) in grown.iter().zip(&previous) {
            let _ = previous.sign_out(direction);
        }
        run(foreach::addcmul_(&parameters(slots), &grown, &sizes, -1.0));
    }
}
