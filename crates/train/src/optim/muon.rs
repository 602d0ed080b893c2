use std::mem;

use selvedge_torch::{addmm_, foreach};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use tch::{Kind, Tensor};

use crate::TrainError;
use crate::domain::Domain;
use crate::optim::parameter_state::parameter_state;
use crate::optim::update_rule::{kernel, rates};
use crate::optim::{Slot, UpdateRule};

/// Momentum whose direction is made orthogonal, for the weight matrices of hidden layers: `torch.optim.Muon`.
///
/// ```text
/// B ← momentum · B + (1 − momentum)G
/// M = G + momentum(B − G) with nesterov, else B
/// X = M / max(‖M‖, eps), then ns_steps times:  A = XXᵀ,  X ← aX + (bA + cA²)X
/// θ ← θ − lr · weight_decay · θ − γ · X
/// ```
///
/// γ is the learning rate, adjusted to the shape as [`AdjustLr`] says. X is computed in bf16. Other parameters,
/// such as biases and embeddings, want another rule: [`Optimizers`](crate::optim::Optimizers) shows how.
///
/// Jordan and others, "Muon: An optimizer for hidden layers in neural networks"; Liu and others, "Muon is Scalable
/// for LLM Training".
///
/// ```
/// use selvedge_train::optim::{Muon, Optimizer};
/// use tch::{Kind, Tensor};
///
/// let weight = Tensor::eye(3, (Kind::Float, tch::Device::Cpu)).set_requires_grad(true);
/// let mut optimizer = Optimizer::new(vec![weight.shallow_clone()], Muon { lr: 0.1, ..Muon::default() })?;
/// let before = optimizer.step_with(|| {
///     let loss = weight.square().sum(Kind::Float);
///     loss.backward();
///     loss
/// });
/// assert!(weight.square().sum(Kind::Float).double_value(&[]) < before.double_value(&[]));
/// # Ok::<(), selvedge_train::TrainError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Muon {
    /// The learning rate. Default: 1e-3.
    pub lr: f64,
    /// How much of a parameter each step takes away, times the learning rate. Default: 0.1.
    pub weight_decay: f64,
    /// How much of the last direction is kept. Default: 0.95.
    pub momentum: f64,
    /// Whether to look one step ahead. Default: `true`.
    pub nesterov: bool,
    /// The coefficients a, b and c of the iteration. Default: (3.4445, -4.775, 2.0315).
    pub ns_coefficients: (f64, f64, f64),
    /// The smallest norm to divide by. Default: 1e-7.
    pub eps: f64,
    /// The number of iterations, below 100. Default: 5.
    pub ns_steps: usize,
    /// How the learning rate follows the shape; `None` is [`AdjustLr::Original`]. Default: `None`.
    pub adjust_lr_fn: Option<AdjustLr>,
}

/// How [`Muon`] adjusts its learning rate to a matrix of `rows` times `columns`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AdjustLr {
    /// `lr · √max(1, rows / columns)`
    Original,
    /// `lr · 0.2 · √max(rows, columns)`: updates as large as AdamW's, whose learning rate then fits.
    MatchRmsAdamw,
}

impl Default for Muon {
    fn default() -> Self {
        Self {
            lr: 1e-3,
            weight_decay: 0.1,
            momentum: 0.95,
            nesterov: true,
            ns_coefficients: (3.4445, -4.775, 2.0315),
            eps: 1e-7,
            ns_steps: 5,
            adjust_lr_fn: None,
        }
    }
}

parameter_state! {
    /// What [`Muon`] keeps for a parameter.
    pub struct MuonState {
        /// The direction, B.
        momentum_buffer: Tensor,
    }
}

impl UpdateRule for Muon {
    const NAME: &'static str = "Muon";
    const FIXED: &'static [(&'static str, Value)] = &[];
    type State = MuonState;

    fn validate(&self) -> Result<(), TrainError> {
        let domain = Domain(Self::NAME);
        domain.finite_not_negative(&[
            ("lr", self.lr),
            ("weight_decay", self.weight_decay),
            ("momentum", self.momentum),
        ])?;
        domain.epsilon(self.eps)?;
        let (a, b, c) = self.ns_coefficients;
        domain.moderate(&[("momentum", self.momentum), ("eps", self.eps)])?;
        domain.moderate(&[("ns_coefficients", a), ("ns_coefficients", b), ("ns_coefficients", c)])?;
        domain.require(self.ns_steps < 100, "ns_steps", "fewer than 100", self.ns_steps)
    }

    fn check_parameter(&self, parameter: &Tensor) -> Result<(), String> {
        match parameter.size()[..] {
            [_, _] => Ok(()),
            ref size => Err(format!("has shape {size:?}, expected a matrix")),
        }
    }

    rates!(lr, momentum);

    fn start(&self, parameter: &Tensor) -> MuonState {
        MuonState { momentum_buffer: parameter.zeros_like() }
    }

    fn update(&self, slots: &mut [Slot<'_, MuonState>]) {
        let Some(workspace) = Workspace::of(slots) else { return };
        for slot in slots {
            let (rows, columns) = slot.parameter.size2().expect("a matrix, which was checked");
            let (rows, columns) = (rows as f64, columns as f64);
            let rate = self.lr
                * match self.adjust_lr_fn.unwrap_or(AdjustLr::Original) {
                    AdjustLr::Original => (rows / columns).max(1.0).sqrt(),
                    AdjustLr::MatchRmsAdamw => 0.2 * rows.max(columns).sqrt(),
                };
            let buffer = slot.state.momentum_buffer.lerp_(&slot.gradient, 1.0 - self.momentum);
            let mut direction = workspace.direction(slot.parameter);
            if self.nesterov {
                let _ = slot.gradient.lerp_scalar_out(&direction, &buffer, self.momentum);
            } else {
                direction.copy_(&buffer);
            }
            self.make_orthogonal(&mut direction, &workspace);
            let mut parameter = slot.parameter.shallow_clone();
            let _ = parameter.g_mul_scalar_(1.0 - self.lr * self.weight_decay);
            kernel(Self::NAME, foreach::add_(&[parameter], &[direction], -rate));
        }
    }
}

impl Muon {
    /// Makes `direction` a matrix near it whose singular values are near 1, by Newton's and Schulz' iteration.
    fn make_orthogonal(&self, direction: &mut Tensor, workspace: &Workspace) {
        let (a, b, c) = self.ns_coefficients;
        let [rows, columns] = direction.size()[..] else { unreachable!("a matrix, which was checked") };
        let wide = |matrix: Tensor| if rows > columns { matrix.transpose(0, 1) } else { matrix };
        let size = [rows.min(columns), rows.max(columns)];
        let [mut matrix, mut next] = workspace.matrices(size);
        let [gram, mut update] = workspace.squares(size[0]);
        matrix.copy_(&wide(direction.shallow_clone()));
        let norm = matrix.norm().clamp_min(self.eps);
        let _ = matrix.g_div_(&norm);
        for _ in 0..self.ns_steps {
            let _ = matrix.mm_out(&gram, &matrix.transpose(0, 1));
            update.copy_(&gram);
            kernel(Self::NAME, addmm_(&update, &gram, &gram, b, c));
            next.copy_(&matrix);
            kernel(Self::NAME, addmm_(&next, &update, &matrix, a, 1.0));
            mem::swap(&mut matrix, &mut next);
        }
        direction.copy_(&wide(matrix));
    }
}

/// What the parameters' updates are computed in, one after the other, as one piece of memory. The allocator keeps one
/// piece for the next step; what many pieces leave, it gives back to the system, which then clears each page anew.
struct Workspace {
    memory: Tensor,
    /// The values of the largest matrix, and of the largest square of a matrix' shorter side.
    matrix: i64,
    square: i64,
}

impl Workspace {
    /// One for the largest of the parameters; none for no parameters.
    fn of(slots: &[Slot<'_, MuonState>]) -> Option<Self> {
        let first = slots.first()?.parameter;
        let matrix = slots.iter().map(|slot| slot.parameter.numel() as i64).max()?;
        let shorter = |slot: &Slot<'_, _>| slot.parameter.size().into_iter().min().unwrap_or(0);
        let square = slots.iter().map(|slot| shorter(slot).pow(2)).max()?;
        let values = (2 + width(first)) * matrix + 2 * square;
        Some(Self { memory: Tensor::empty([values], (Kind::BFloat16, first.device())), matrix, square })
    }

    /// A matrix like the parameter.
    fn direction(&self, parameter: &Tensor) -> Tensor {
        let values = parameter.numel() as i64 * width(parameter);
        self.memory.narrow(0, 0, values).view_dtype(parameter.kind()).view_as(parameter)
    }

    /// Two matrices of that shape, in bf16.
    fn matrices(&self, size: [i64; 2]) -> [Tensor; 2] {
        let end = self.memory.numel() as i64 - 2 * self.square;
        [2, 1].map(|place| self.part(end - place * self.matrix, size))
    }

    /// Two square matrices, in bf16.
    fn squares(&self, size: i64) -> [Tensor; 2] {
        let end = self.memory.numel() as i64;
        [2, 1].map(|place| self.part(end - place * self.square, [size, size]))
    }

    fn part(&self, start: i64, size: [i64; 2]) -> Tensor {
        self.memory.narrow(0, start, size[0] * size[1]).view(size)
    }
}

/// How many values of bf16 take the room of one of the parameter's.
fn width(parameter: &Tensor) -> i64 {
    (parameter.kind().elt_size_in_bytes() / Kind::BFloat16.elt_size_in_bytes()) as i64
}
