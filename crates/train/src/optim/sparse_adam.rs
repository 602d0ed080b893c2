use serde::{Deserialize, Serialize};
use serde_json::Value;
use tch::Tensor;

use crate::TrainError;
use crate::domain::Domain;
use crate::optim::parameter_state::parameter_state;
use crate::optim::update_rule::rates;
use crate::optim::{Slot, UpdateRule};

/// [`Adam`](crate::optim::Adam) that touches only the rows that have a gradient: `torch.optim.SparseAdam`.
///
/// ```text
/// m ← β₁m + (1 − β₁)g        v ← β₂v + (1 − β₂)g²        where g has values
/// θ ← θ − lr · √(1 − β₂ᵗ) / (1 − β₁ᵗ) · m / (√v + eps)    there
/// ```
///
/// The parameters are dense and the gradients sparse, as an embedding with `sparse` gives them.
///
/// Kingma and Ba, "Adam: A Method for Stochastic Optimization".
///
/// ```
/// use selvedge_train::optim::{Optimizer, SparseAdam};
/// use tch::{Kind, Tensor};
///
/// let weight = Tensor::ones([4, 2], (Kind::Float, tch::Device::Cpu)).set_requires_grad(true);
/// let rule = SparseAdam { lr: 0.5, ..SparseAdam::default() };
/// let mut optimizer = Optimizer::new(vec![weight.shallow_clone()], rule)?;
/// let rows = Tensor::from_slice(&[1i64, 3]);
/// let _ = optimizer.step_with(|| {
///     let loss = Tensor::embedding(&weight, &rows, -1, false, true).sum(Kind::Float);
///     loss.backward();
///     loss
/// });
/// assert_eq!(weight.double_value(&[0, 0]), 1.0);
/// assert!((weight.double_value(&[1, 0]) - 0.5).abs() < 1e-6);
/// # Ok::<(), selvedge_train::TrainError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SparseAdam {
    /// The learning rate. Default: 1e-3.
    pub lr: f64,
    /// The decay of the averages of the gradient and of its square, β₁ and β₂. Default: (0.9, 0.999).
    pub betas: (f64, f64),
    /// Added to the denominator. Default: 1e-8.
    pub eps: f64,
    /// Whether to climb instead of descend. Default: `false`.
    pub maximize: bool,
}

impl Default for SparseAdam {
    fn default() -> Self {
        Self { lr: 1e-3, betas: (0.9, 0.999), eps: 1e-8, maximize: false }
    }
}

parameter_state! {
    /// What [`SparseAdam`] keeps for a parameter.
    pub struct SparseAdamState {
        /// The number of steps.
        step: i64,
        /// The average of the gradient, m.
        exp_avg: Tensor,
        /// The average of its square, v.
        exp_avg_sq: Tensor,
    }
}

impl UpdateRule for SparseAdam {
    const NAME: &'static str = "SparseAdam";
    const FIXED: &'static [(&'static str, Value)] = &[];
    const SPARSE: bool = true;
    type State = SparseAdamState;

    fn validate(&self) -> Result<(), TrainError> {
        let domain = Domain(Self::NAME);
        domain.require(self.lr > 0.0, "lr", "a number above 0", self.lr)?;
        domain.finite("lr", self.lr)?;
        domain.require(self.eps > 0.0, "eps", "a number above 0", self.eps)?;
        domain.finite("eps", self.eps)?;
        domain.betas(self.betas)
    }

    fn check_parameter(&self, parameter: &Tensor) -> Result<(), String> {
        if parameter.is_sparse() { Err("is sparse, expected a dense tensor".to_owned()) } else { Ok(()) }
    }

    rates!(lr, betas.0);

    fn start(&self, parameter: &Tensor) -> SparseAdamState {
        SparseAdamState { step: 0, exp_avg: parameter.zeros_like(), exp_avg_sq: parameter.zeros_like() }
    }

    fn update(&self, slots: &mut [Slot<'_, SparseAdamState>]) {
        for slot in slots {
            slot.state.step += 1;
            self.update_one(slot);
        }
    }
}

impl SparseAdam {
    fn update_one(&self, slot: &Slot<'_, SparseAdamState>) {
        // The update is not linear, so each place may stand only once.
        let gradient = slot.gradient.coalesce();
        let (places, mut values) = (gradient.internal_indices(), gradient.internal_values());
        if values.numel() == 0 {
            return;
        }
        if self.maximize {
            values = -values;
        }
        let at_places = |values: &Tensor| {
            let options = (values.kind(), values.device());
            Tensor::sparse_coo_tensor_indices_size(&places, values, gradient.size(), options, true)
        };
        let average = |average: &Tensor, new: &Tensor, weight: f64| {
            let old = average.sparse_mask(&gradient).internal_values();
            let change = (new - &old) * weight;
            let _ = average.shallow_clone().g_add_(&at_places(&change));
            change + old
        };
        let (beta1, beta2) = self.betas;
        let mean = average(&slot.state.exp_avg, &values, 1.0 - beta1);
        let square = average(&slot.state.exp_avg_sq, &values.square(), 1.0 - beta2);
        let step = slot.state.step as f64;
        let rate = self.lr * (1.0 - beta2.powf(step)).sqrt() / (1.0 - beta1.powf(step));
        let update = mean / (square.sqrt() + self.eps) * -rate;
        let _ = slot.parameter.shallow_clone().g_add_(&at_places(&update));
    }
}
