use serde::{Deserialize, Serialize};
use serde_json::Value;
use tch::Tensor;

use crate::TrainError;
use crate::optim::adam::check;
use crate::optim::update_rule::rates;
use crate::optim::{Adam, AdamState, Slot, UpdateRule};

/// [`Adam`] whose weight decay shrinks the parameters instead of adding to the gradient: `torch.optim.AdamW`.
///
/// ```text
/// θ ← θ − lr · weight_decay · θ
/// m ← β₁m + (1 − β₁)g        m̂ = m / (1 − β₁ᵗ)
/// v ← β₂v + (1 − β₂)g²       v̂ = v / (1 − β₂ᵗ)
/// θ ← θ − lr · m̂ / (√v̂ + eps)
/// ```
///
/// Loshchilov and Hutter, "Decoupled Weight Decay Regularization".
///
/// Differs from PyTorch: every step is the fused kernel (`fused=True` there), on CPU and on CUDA.
///
/// ```
/// use selvedge_train::optim::{AdamW, Optimizer};
/// use tch::Tensor;
///
/// let weight = Tensor::from_slice(&[1.0f32, -2.0]).set_requires_grad(true);
/// let rule = AdamW { weight_decay: 0.1, ..AdamW::default() };
/// let mut optimizer = Optimizer::new(vec![weight.shallow_clone()], rule)?;
/// let _ = optimizer.step_with(|| {
///     let loss = weight.square().sum(tch::Kind::Float);
///     loss.backward();
///     loss
/// });
/// # Ok::<(), selvedge_train::TrainError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct AdamW {
    /// The learning rate. Default: 1e-3.
    pub lr: f64,
    /// The decay of the averages of the gradient and of its square, β₁ and β₂. Default: (0.9, 0.999).
    pub betas: (f64, f64),
    /// Added to the denominator. Default: 1e-8.
    pub eps: f64,
    /// How much of a parameter each step takes away, times the learning rate. Default: 1e-2.
    pub weight_decay: f64,
    /// Whether the denominator uses the largest average so far. Default: `false`.
    pub amsgrad: bool,
    /// Whether to climb instead of descend. Default: `false`.
    pub maximize: bool,
}

impl Default for AdamW {
    fn default() -> Self {
        let Adam { lr, betas, eps, amsgrad, maximize, .. } = Adam::default();
        Self { lr, betas, eps, weight_decay: 1e-2, amsgrad, maximize }
    }
}

impl AdamW {
    fn decoupled(&self) -> Adam {
        let Self { lr, betas, eps, weight_decay, amsgrad, maximize } = *self;
        Adam { lr, betas, eps, weight_decay, amsgrad, maximize, decoupled_weight_decay: true }
    }
}

impl UpdateRule for AdamW {
    const NAME: &'static str = "AdamW";
    const FIXED: &'static [(&'static str, Value)] = &[
        ("foreach", Value::Null),
        ("capturable", Value::Bool(false)),
        ("differentiable", Value::Bool(false)),
        ("fused", Value::Null),
        ("decoupled_weight_decay", Value::Bool(true)),
    ];
    const ELEMENTWISE: bool = true;
    type State = AdamState;

    fn validate(&self) -> Result<(), TrainError> {
        check(Self::NAME, &self.decoupled())
    }

    rates!(lr, betas.0);

    fn start(&self, parameter: &Tensor) -> AdamState {
        self.decoupled().start(parameter)
    }

    fn update(&self, slots: &mut [Slot<'_, AdamState>]) {
        self.decoupled().update(slots);
    }
}
