mod optimizer;
mod state;
mod strong_wolfe;

pub(super) use optimizer::Evaluate;
pub use optimizer::LbfgsOptimizer;

use serde::{Deserialize, Serialize};

use crate::TrainError;
use crate::domain::Domain;

/// The options of L-BFGS, which follows an approximation of Newton's direction: `torch.optim.LBFGS`.
///
/// ```text
/// y = g − g′        s = t′ · d′        the last history_size pairs are kept
/// d = −H · g        H from the pairs, by the two-loop recursion
/// θ ← θ + t · d     t = lr, or found by the line search
/// ```
///
/// It evaluates the loss several times in a step, so an [`LbfgsOptimizer`] drives it, which only has
/// `step_with`. Liu and Nocedal, "On the Limited Memory BFGS Method for Large Scale Optimization".
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Lbfgs {
    /// The learning rate. Default: 1.
    pub lr: f64,
    /// The most iterations in a step. Default: 20.
    pub max_iter: usize,
    /// The most evaluations of the loss in a step. Default: `None`, which is 1.25 · `max_iter`.
    pub max_eval: Option<usize>,
    /// A step ends when no gradient is larger. Default: 1e-7.
    pub tolerance_grad: f64,
    /// A step ends when the loss, or every parameter, changes by less. Default: 1e-9.
    pub tolerance_change: f64,
    /// How many pairs are kept. Default: 100.
    pub history_size: usize,
    /// How the length of a step is found. Default: `None`, which takes the learning rate.
    pub line_search_fn: Option<LineSearch>,
}

/// How [`Lbfgs`] finds the length of a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LineSearch {
    /// A length that lowers the loss enough and flattens its slope enough.
    StrongWolfe,
}

impl Default for Lbfgs {
    fn default() -> Self {
        Self {
            lr: 1.0,
            max_iter: 20,
            max_eval: None,
            tolerance_grad: 1e-7,
            tolerance_change: 1e-9,
            history_size: 100,
            line_search_fn: None,
        }
    }
}

impl Lbfgs {
    pub(super) const NAME: &'static str = "LBFGS";

    /// Refuses options out of their domain.
    ///
    /// # Errors
    ///
    /// With the option, what it can be and what it is.
    pub fn validate(&self) -> Result<(), TrainError> {
        let domain = Domain(Self::NAME);
        domain.finite_not_negative(&[("lr", self.lr)])?;
        domain.finite("tolerance_grad", self.tolerance_grad)?;
        domain.finite("tolerance_change", self.tolerance_change)?;
        domain.require(self.history_size > 0, "history_size", "a number from 1 on", self.history_size)
    }

    fn max_eval(&self) -> usize {
        self.max_eval.unwrap_or(self.max_iter * 5 / 4)
    }
}
