use selvedge_torch::{FusedSgd, GradientScaling};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use tch::Tensor;

use crate::TrainError;
use crate::domain::Domain;
use crate::optim::parameter_state::parameter_state;
use crate::optim::update_rule::{gradients, kernel, parameters, rates};
use crate::optim::{Slot, UpdateRule};

/// Stochastic gradient descent, with momentum where asked: `torch.optim.SGD`.
///
/// ```text
/// g ← g + weight_decay · θ
/// b ← momentum · b + (1 − dampening)g        b ← g on the first step
/// g ← g + momentum · b with nesterov, else b
/// θ ← θ − lr · g
/// ```
///
/// Sutskever and others, "On the importance of initialization and momentum in deep learning".
///
/// Differs from PyTorch: every step is the fused kernel (`fused=True` there), on CPU and on CUDA; sparse
/// gradients are refused.
///
/// ```
/// use selvedge_train::optim::{Optimizer, Sgd};
/// use tch::Tensor;
///
/// let weight = Tensor::from_slice(&[1.0f32, -2.0]).set_requires_grad(true);
/// let rule = Sgd { lr: 0.5, momentum: 0.9, ..Sgd::default() };
/// let mut optimizer = Optimizer::new(vec![weight.shallow_clone()], rule)?;
/// let _ = optimizer.step_with(|| {
///     let loss = weight.square().sum(tch::Kind::Float);
///     loss.backward();
///     loss
/// });
/// assert_eq!(weight.abs().max().double_value(&[]), 0.0);
/// # Ok::<(), selvedge_train::TrainError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Sgd {
    /// The learning rate. Default: 1e-3.
    pub lr: f64,
    /// How much of the last direction is kept. Default: 0.
    pub momentum: f64,
    /// How much of the gradient does not enter the direction. Default: 0.
    pub dampening: f64,
    /// The weight decay (L2 penalty). Default: 0.
    pub weight_decay: f64,
    /// Whether to look one step ahead; needs a momentum and no dampening. Default: `false`.
    pub nesterov: bool,
    /// Whether to climb instead of descend. Default: `false`.
    pub maximize: bool,
}

impl Default for Sgd {
    fn default() -> Self {
        let FusedSgd { lr, momentum, dampening, weight_decay, nesterov, maximize } = FusedSgd::default();
        Self { lr, momentum, dampening, weight_decay, nesterov, maximize }
    }
}

impl Sgd {
    fn fused(&self) -> FusedSgd {
        let Self { lr, momentum, dampening, weight_decay, nesterov, maximize } = *self;
        FusedSgd { lr, momentum, dampening, weight_decay, nesterov, maximize }
    }
}

parameter_state! {
    /// What [`Sgd`] keeps for a parameter.
    pub struct SgdState {
        /// The direction, b, with a momentum.
        momentum_buffer: Option<Tensor>,
    }
}

impl UpdateRule for Sgd {
    const NAME: &'static str = "SGD";
    const FIXED: &'static [(&'static str, Value)] =
        &[("foreach", Value::Null), ("differentiable", Value::Bool(false)), ("fused", Value::Null)];
    const ELEMENTWISE: bool = true;
    type State = SgdState;

    fn validate(&self) -> Result<(), TrainError> {
        let domain = Domain(Self::NAME);
        domain.finite_not_negative(&[
            ("lr", self.lr),
            ("momentum", self.momentum),
            ("weight_decay", self.weight_decay),
        ])?;
        domain.finite("dampening", self.dampening)?;
        let nesterov = !self.nesterov || (self.momentum > 0.0 && self.dampening == 0.0);
        let expected = "false, or a momentum above 0 and a dampening of 0";
        domain.require(nesterov, "nesterov", expected, self.nesterov)
    }

    rates!(lr, momentum);

    fn start(&self, _: &Tensor) -> SgdState {
        SgdState { momentum_buffer: None }
    }

    fn update(&self, slots: &mut [Slot<'_, SgdState>]) {
        let fused = self.fused();
        let run = |slots: &[Slot<'_, SgdState>], first: bool| {
            let buffers: Vec<&Tensor> =
                slots.iter().filter_map(|slot| slot.state.momentum_buffer.as_ref()).collect();
            let (parameters, gradients) = (parameters(slots), gradients(slots));
            kernel(
                Self::NAME,
                fused.step(&parameters, &gradients, &buffers, first, GradientScaling::default()),
            );
        };
        if self.momentum == 0.0 {
            return run(slots, false);
        }
        // A parameter whose first gradient comes later than the others' starts its direction then.
        slots.sort_by_key(|slot| slot.state.momentum_buffer.is_some());
        let (first, later) =
            slots.split_at_mut(slots.partition_point(|slot| slot.state.momentum_buffer.is_none()));
        for slot in &mut *first {
            slot.state.momentum_buffer = Some(slot.parameter.empty_like().detach());
        }
        run(first, true);
        run(later, false);
    }
}
