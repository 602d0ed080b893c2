use selvedge_torch::foreach;
use serde::{Deserialize, Serialize};
use tch::Tensor;

use crate::TrainError;
use crate::domain::Domain;
use crate::optim::parameter_state::parameter_state;
use crate::optim::update_rule::{column, count, directions, kernel, parameters, rates};
use crate::optim::{HostNumber, Slot, UpdateRule};

/// Gradients divided by the root of the average of their squares: `torch.optim.RMSprop`.
///
/// ```text
/// g ← g + weight_decay · θ
/// v ← αv + (1 − α)g²
/// a ← αa + (1 − α)g          with centered, then ṽ = v − a², else ṽ = v
/// b ← momentum · b + g / (√ṽ + eps)
/// θ ← θ − lr · b
/// ```
///
/// Hinton, "Neural Networks for Machine Learning", lecture 6; Graves, "Generating Sequences With Recurrent Neural
/// Networks", for the centered form.
///
/// ```
/// use selvedge_train::optim::{Optimizer, RmsProp};
/// use tch::Tensor;
///
/// let weight = Tensor::from_slice(&[1.0f32, -2.0]).set_requires_grad(true);
/// let rule = RmsProp { momentum: 0.9, ..RmsProp::default() };
/// let mut optimizer = Optimizer::new(vec![weight.shallow_clone()], rule)?;
/// let _ = optimizer.step_with(|| {
///     let loss = weight.square().sum(tch::Kind::Float);
///     loss.backward();
///     loss
/// });
/// assert!((weight.double_value(&[0]) - 0.9).abs() < 1e-6);
/// # Ok::<(), selvedge_train::TrainError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct RmsProp {
    /// The learning rate. Default: 1e-2.
    pub lr: f64,
    /// The decay of the averages, α. Default: 0.99.
    pub alpha: f64,
    /// Added to the denominator. Default: 1e-8.
    pub eps: f64,
    /// The weight decay (L2 penalty). Default: 0.
    pub weight_decay: f64,
    /// How much of the last direction is kept. Default: 0.
    pub momentum: f64,
    /// Whether to divide by the deviation from the average gradient. Default: `false`.
    pub centered: bool,
    /// Whether to climb instead of descend. Default: `false`.
    pub maximize: bool,
}

impl Default for RmsProp {
    fn default() -> Self {
        Self {
            lr: 1e-2,
            alpha: 0.99,
            eps: 1e-8,
            weight_decay: 0.0,
            momentum: 0.0,
            centered: false,
            maximize: false,
        }
    }
}

parameter_state! {
    /// What [`RmsProp`] keeps for a parameter.
    pub struct RmsPropState {
        /// The number of steps.
        step: HostNumber,
        /// The average of squared gradients, v.
        square_avg: Tensor,
        /// The direction, b, with a momentum.
        momentum_buffer: Option<Tensor>,
        /// The average of the gradient, a, with `centered`.
        grad_avg: Option<Tensor>,
    }
}

impl UpdateRule for RmsProp {
    const NAME: &'static str = "RMSprop";
    const ELEMENTWISE: bool = true;
    type State = RmsPropState;

    fn validate(&self) -> Result<(), TrainError> {
        let domain = Domain(Self::NAME);
        domain.finite_not_negative(&[
            ("lr", self.lr),
            ("alpha", self.alpha),
            ("weight_decay", self.weight_decay),
            ("momentum", self.momentum),
        ])?;
        domain.epsilon(self.eps)?;
        let expected = "a number in [0, 1], above which the average of squares turns negative";
        domain.require(self.alpha <= 1.0, "alpha", expected, self.alpha)
    }

    rates!(lr, momentum);

    fn start(&self, parameter: &Tensor) -> RmsPropState {
        RmsPropState {
            step: HostNumber(0.0),
            square_avg: parameter.zeros_like(),
            momentum_buffer: None,
            grad_avg: None,
        }
    }

    fn update(&self, slots: &mut [Slot<'_, RmsPropState>]) {
        let run = |result| kernel(Self::NAME, result);
        count(slots, |state| &mut state.step);
        for Slot { parameter, state, .. } in &mut *slots {
            if self.momentum > 0.0 {
                state.momentum_buffer.get_or_insert_with(|| parameter.zeros_like());
            }
            if self.centered {
                state.grad_avg.get_or_insert_with(|| parameter.zeros_like());
            }
        }
        let gradients = directions(slots, self.maximize, self.weight_decay);
        let squares = column(slots, |state| &state.square_avg);
        run(foreach::mul_scalar_(&squares, self.alpha));
        run(foreach::addcmul_(&squares, &gradients, &gradients, 1.0 - self.alpha));
        let roots = if self.centered {
            let averages: Vec<&Tensor> =
                slots.iter().filter_map(|slot| slot.state.grad_avg.as_ref()).collect();
            run(foreach::lerp_(&averages, &gradients, 1.0 - self.alpha));
            let variances = kernel(Self::NAME, foreach::addcmul(&squares, &averages, &averages, -1.0));
            // A variance of 0, as of gradients that stay the same, may be rounded to less.
            run(foreach::clamp_min_(&variances, 0.0));
            run(foreach::sqrt_(&variances));
            variances
        } else {
            kernel(Self::NAME, foreach::sqrt(&squares))
        };
        run(foreach::add_scalar_(&roots, self.eps));
        if self.momentum > 0.0 {
            let buffers: Vec<&Tensor> =
                slots.iter().filter_map(|slot| slot.state.momentum_buffer.as_ref()).collect();
            run(foreach::mul_scalar_(&buffers, self.momentum));
            run(foreach::addcdiv_(&buffers, &gradients, &roots, 1.0));
            run(foreach::add_(&parameters(slots), &buffers, -self.lr));
        } else {
            run(foreach::addcdiv_(&parameters(slots), &gradients, &roots, -self.lr));
        }
    }
}
