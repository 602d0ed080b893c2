use serde::{Deserialize, Serialize};
use serde_json::Value;
use tch::{Kind, Tensor};

use crate::TrainError;
use crate::domain::Domain;
use crate::optim::parameter_state::parameter_state;
use crate::optim::update_rule::{count, directions, rates};
use crate::optim::{Factor, HostNumber, Slot, UpdateRule};

/// Adaptive steps whose state for a matrix is a row and a column: `torch.optim.Adafactor`.
///
/// ```text
/// ρ = min(lr, 1/√t)        α = max(ε₂, RMS(θ)) · ρ        w = t^beta2_decay
/// θ ← θ − lr · weight_decay · θ
/// R ← R + w(mean of g² along the last dimension − R)
/// C ← C + w(mean of g² along the last but one − C)
/// v = R · C / max(mean(R), ε₁)        a vector keeps its whole v
/// u = g / √max(v, ε₁²)
/// θ ← θ − α · u / max(1, RMS(u) / d)
/// ```
///
/// Shazeer and Stern, "Adafactor: Adaptive Learning Rates with Sublinear Memory Cost".
///
/// Differs from PyTorch:
///
/// - The root mean squares stay on the device, so that no step waits for it.
/// - v of a matrix is (R / max(mean(R), ε₁)) · C, where PyTorch divides the product R · C. The numbers are the same up to
///   rounding, and the product does not overflow: PyTorch's update is 0 from gradients of about 1e10 on in f32, and of
///   about 20 in f16.
/// - Where ε₁² is 0 in the kind of the parameter, as 1e-30² is in f32, it is a number near the smallest of the kind:
///   a gradient of 0 then changes nothing, and in PyTorch gives NaN.
///
/// ```
/// use selvedge_train::optim::{Adafactor, Optimizer};
/// use tch::Tensor;
///
/// let weight = Tensor::from_slice(&[1.0f32, -2.0]).set_requires_grad(true);
/// let mut optimizer = Optimizer::new(vec![weight.shallow_clone()], Adafactor::default())?;
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
pub struct Adafactor {
    /// The learning rate. Default: 1e-2.
    pub lr: f64,
    /// The power of t in the weight of new squares. Default: -0.8.
    pub beta2_decay: f64,
    /// ε₁, below which a variance counts as that, and ε₂, the smallest root mean square of a parameter. Default:
    /// (`None`, 1e-3); `None` is the kind's machine epsilon.
    pub eps: (Option<f64>, f64),
    /// The largest root mean square of an update. Default: 1.
    pub d: f64,
    /// How much of a parameter each step takes away, times the learning rate. Default: 0.
    pub weight_decay: f64,
    /// Whether to climb instead of descend. Default: `false`.
    pub maximize: bool,
}

impl Default for Adafactor {
    fn default() -> Self {
        Self { lr: 1e-2, beta2_decay: -0.8, eps: (None, 1e-3), d: 1.0, weight_decay: 0.0, maximize: false }
    }
}

parameter_state! {
    /// What [`Adafactor`] keeps for a parameter: a row and a column, or the whole variance of a vector.
    pub struct AdafactorState {
        /// The number of steps.
        step: HostNumber,
        /// The average of squares along the last dimension, R.
        row_var: Option<Factor>,
        /// The average of squares along the last dimension but one, C.
        col_var: Option<Factor>,
        /// The average of squares of a vector.
        variance: Option<Factor>,
    }
    check complete
}

/// A vector has its variance, anything else a row and a column.
fn complete(state: &AdafactorState, parameter: &Tensor) -> Result<(), String> {
    let factored = parameter.dim() > 1;
    let has = |factor: &Option<Factor>| factor.is_some();
    let [row, column, variance] = [&state.row_var, &state.col_var, &state.variance].map(has);
    if [row, column, variance] == [factored, factored, !factored] {
        return Ok(());
    }
    let expected = if factored { "row_var and col_var" } else { "variance" };
    Err(format!("of {} dimensions needs {expected} and nothing else", parameter.dim()))
}

impl UpdateRule for Adafactor {
    const NAME: &'static str = "Adafactor";
    const FIXED: &'static [(&'static str, Value)] = &[("foreach", Value::Null)];
    type State = AdafactorState;

    fn validate(&self) -> Result<(), TrainError> {
        let domain = Domain(Self::NAME);
        domain.finite_not_negative(&[("lr", self.lr), ("weight_decay", self.weight_decay)])?;
        let decay = self.beta2_decay;
        domain.require(decay <= 0.0, "beta2_decay", "a number up to 0", decay)?;
        domain.finite("beta2_decay", decay)?;
        let from_zero = |eps: f64| eps >= 0.0 && eps.is_finite();
        let eps = self.eps.0.is_none_or(from_zero) && from_zero(self.eps.1);
        domain.require(eps, "eps", "None or a number from 0 on, and a number from 0 on", self.eps)?;
        domain.moderate(&[("eps", self.eps.0.unwrap_or(0.0)), ("eps", self.eps.1), ("d", self.d)])?;
        domain.require(self.d >= 1.0, "d", "a number from 1 on", self.d)
    }

    rates!(lr);

    fn start(&self, parameter: &Tensor) -> AdafactorState {
        let reduced = |dimension: usize| {
            let mut size = parameter.size();
            let last = size.len();
            size[last - dimension] = 1;
            Some(Factor(Tensor::zeros(size, (parameter.kind(), parameter.device()))))
        };
        let step = HostNumber(0.0);
        if parameter.dim() > 1 {
            AdafactorState { step, row_var: reduced(1), col_var: reduced(2), variance: None }
        } else {
            let variance = Some(Factor(parameter.zeros_like()));
            AdafactorState { step, row_var: None, col_var: None, variance }
        }
    }

    fn update(&self, slots: &mut [Slot<'_, AdafactorState>]) {
        let steps = count(slots, |state| &mut state.step);
        let gradients = directions(slots, self.maximize, 0.0);
        for ((slot, gradient), step) in slots.iter_mut().zip(gradients).zip(steps) {
            self.update_one(slot, &gradient, step);
        }
    }
}

impl Adafactor {
    fn update_one(&self, slot: &mut Slot<'_, AdafactorState>, gradient: &Tensor, step: f64) {
        let mut parameter = slot.parameter.shallow_clone();
        let rate = self.lr.min(1.0 / step.sqrt());
        let size = at_least(self.eps.1, &root_mean_square(&parameter)) * rate;
        if self.weight_decay != 0.0 {
            let _ = parameter.g_mul_scalar_(1.0 - self.lr * self.weight_decay);
        }
        let smallest = smallest(parameter.kind());
        let eps = self.eps.0.unwrap_or_else(|| epsilon(parameter.kind())).max(smallest);
        let weight = step.powf(self.beta2_decay);
        let average = |average: &mut Factor, value: &Tensor| average.0.lerp_(value, weight);
        let variance = match &mut *slot.state {
            AdafactorState { row_var: Some(rows), col_var: Some(columns), .. } => {
                // PyTorch takes norms, to have no tensor of squares; down the columns they are ten times as slow.
                let squares = gradient.square();
                let mean = |dimension: i64| squares.mean_dim([dimension].as_slice(), true, squares.kind());
                let rows = average(rows, &mean(-1));
                let columns = average(columns, &mean(-2));
                let scale = rows.mean_dim([-2_i64].as_slice(), true, rows.kind()).clamp_min(eps);
                // The factor is small, the product is as large as the parameter.
                (rows / scale).matmul_out(&squares, &columns)
            }
            AdafactorState { variance: Some(variance), .. } => average(variance, &gradient.square()).copy(),
            _ => unreachable!("a state without averages is neither made nor loaded"),
        };
        let mut update = variance;
        let _ = update.clamp_min_((eps * eps).max(smallest)).rsqrt_().g_mul_(gradient);
        let shrink = at_least(1.0, &(root_mean_square(&update) / self.d));
        let _ = parameter.g_sub_(&update.g_mul_(&(size / shrink)));
    }
}

fn root_mean_square(tensor: &Tensor) -> Tensor {
    tensor.norm() / (tensor.numel() as f64).sqrt()
}

/// Python's `max(least, value)`, which is `least` where the value is NaN: a NaN in one gradient then stays where it is,
/// instead of going into the size of the whole update.
fn at_least(least: f64, value: &Tensor) -> Tensor {
    value.nan_to_num(least, f64::INFINITY, f64::NEG_INFINITY).clamp_min(least)
}

/// A number of a kind near its smallest, so that nothing is divided by a square of ε₁ that is 0 in it.
fn smallest(kind: Kind) -> f64 {
    match kind {
        Kind::Double => f64::MIN_POSITIVE,
        Kind::Half => 2.0_f64.powi(-24),
        _ => f64::from(f32::MIN_POSITIVE),
    }
}

/// The machine epsilon of a kind.
fn epsilon(kind: Kind) -> f64 {
    match kind {
        Kind::Double => f64::EPSILON,
        Kind::Half => 2.0_f64.powi(-10),
        Kind::BFloat16 => 2.0_f64.powi(-7),
        _ => f64::from(f32::EPSILON),
    }
}
