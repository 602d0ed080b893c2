use std::convert::Infallible;

use selvedge_torch::{foreach, grad_guard};
use tch::Tensor;

use super::state::State;
use super::strong_wolfe::{Point, strong_wolfe};
use crate::TrainError;
use crate::optim::parameter_group::ScheduleValues;
use crate::optim::update_rule::kernel;
use crate::optim::{Lbfgs, Parameters};

/// Minimises a loss by [`Lbfgs`].
///
/// Differs from PyTorch: the gradients are removed before each call of the closure, which can not borrow the
/// optimizer to do it.
///
/// ```
/// use selvedge_train::optim::{Lbfgs, LbfgsOptimizer, LineSearch};
/// use tch::{Kind, Tensor};
///
/// let weight = Tensor::from_slice(&[3.0f32, -2.0]).set_requires_grad(true);
/// let rule = Lbfgs { line_search_fn: Some(LineSearch::StrongWolfe), ..Lbfgs::default() };
/// let mut optimizer = LbfgsOptimizer::new(vec![weight.shallow_clone()], rule)?;
/// let _ = optimizer.step_with(|| {
///     let loss = (&weight - 1.0).pow_tensor_scalar(4).sum(Kind::Float);
///     loss.backward();
///     loss
/// });
/// assert!((weight.double_value(&[0]) - 1.0).abs() < 0.1);
/// # Ok::<(), selvedge_train::TrainError>(())
/// ```
#[derive(Debug)]
pub struct LbfgsOptimizer {
    /// The options; changing them takes effect with the next step.
    pub rule: Lbfgs,
    pub(in crate::optim) parameters: Vec<Tensor>,
    pub(super) names: Option<Vec<String>>,
    pub(super) state: Option<State>,
    pub(crate) schedule: ScheduleValues,
}

/// What a step calls for: the loss, whose gradients it computes.
pub(in crate::optim) trait Evaluate<E> {
    #[track_caller]
    fn loss(&mut self) -> Result<Tensor, E>;
}

impl<E, F: FnMut() -> Result<Tensor, E>> Evaluate<E> for F {
    fn loss(&mut self) -> Result<Tensor, E> {
        self()
    }
}

impl LbfgsOptimizer {
    /// An optimizer of all parameters together: there are no groups.
    ///
    /// # Errors
    ///
    /// As for [`Optimizer::new`](crate::optim::Optimizer::new).
    pub fn new(parameters: impl Into<Parameters>, rule: Lbfgs) -> Result<Self, TrainError> {
        rule.validate()?;
        let parameters = parameters.into();
        parameters.check(Lbfgs::NAME, std::iter::empty())?;
        let Parameters { tensors: parameters, names } = parameters;
        Ok(Self { rule, parameters, names, state: None, schedule: ScheduleValues::new() })
    }

    /// Removes the gradients.
    pub fn zero_grad(&mut self) {
        self.parameters.iter().for_each(selvedge_torch::clear_gradient);
    }

    /// Calls the closure, which computes the loss and its gradients, as often as a step needs, and updates the
    /// parameters. Returns the loss before the step.
    ///
    /// # Panics
    ///
    /// When a gradient is sparse.
    pub fn step_with(&mut self, mut closure: impl FnMut() -> Tensor) -> Tensor {
        let mut closure = || Ok::<_, Infallible>(closure());
        let Ok(loss) = self.try_step_with(&mut closure);
        loss
    }

    /// [`step_with`](Self::step_with) of a closure that can fail. Then the step ends at the last point that it
    /// knew to be good, and the history starts anew.
    #[track_caller]
    pub(in crate::optim) fn try_step_with<E>(&mut self, closure: &mut dyn Evaluate<E>) -> Result<Tensor, E> {
        let _no_grad = tch::no_grad_guard();
        let mut state = self.state.take().unwrap_or_default();
        let first = self.evaluate(closure)?;
        state.func_evals += 1;
        let point = Point { length: 0.0, loss: number(&first), gradient: self.gradient(), slope: 0.0 };
        if largest(&point.gradient) > self.rule.tolerance_grad {
            self.iterate(&mut state, point, closure)?;
        }
        self.state = Some(state);
        Ok(first)
    }

    /// Iterates from where the loss and the gradient were computed.
    fn iterate<E>(
        &mut self,
        state: &mut State,
        mut at: Point,
        closure: &mut dyn Evaluate<E>,
    ) -> Result<(), E> {
        let Lbfgs { lr, max_iter, tolerance_grad, tolerance_change, history_size, .. } = self.rule;
        let max_eval = self.rule.max_eval();
        let mut evaluations = 1;
        for iteration in 1..=max_iter {
            state.n_iter += 1;
            let direction = state.next_direction(&at.gradient, history_size);
            state.prev_flat_grad = Some(at.gradient.shallow_clone());
            state.prev_loss = at.loss;
            state.t = lr;
            if state.n_iter == 1 {
                let inverse = at.gradient.abs().sum(at.gradient.kind()).reciprocal();
                state.t = number(&(inverse.clamp_max(1.0) * lr));
            }
            at.slope = number(&at.gradient.dot(&direction));
            state.d = Some(direction.shallow_clone());
            if at.slope > -tolerance_change {
                break;
            }

            let previous = at.loss;
            let mut searched = 0;
            if self.rule.line_search_fn.is_some() {
                let start: Vec<Tensor> = self.parameters.iter().map(Tensor::copy).collect();
                let mut evaluate = |length: f64| {
                    self.advance(&direction, length);
                    let loss = self.evaluate(closure);
                    kernel(Lbfgs::NAME, foreach::copy_(&self.parameters, &start));
                    let (loss, gradient) = (number(&loss?), self.gradient());
                    let slope = number(&gradient.dot(&direction));
                    Ok(Point { length, loss, gradient, slope })
                };
                let most = max_eval.saturating_sub(evaluations);
                (at, searched) =
                    strong_wolfe(&mut evaluate, &direction, at, state.t, tolerance_change, most)?;
                state.t = at.length;
                self.advance(&direction, state.t);
            } else {
                self.advance(&direction, state.t);
                // The gradient after the last iteration would go unused.
                if iteration != max_iter {
                    let loss = number(&self.evaluate(closure)?);
                    at = Point { length: 0.0, loss, gradient: self.gradient(), slope: 0.0 };
                    searched = 1;
                }
            }
            evaluations += searched;
            state.func_evals += searched as i64;
            let stuck = largest(&direction) * state.t.abs() <= tolerance_change;
            let flat = (at.loss - previous).abs() < tolerance_change;
            if evaluations >= max_eval || largest(&at.gradient) <= tolerance_grad || stuck || flat {
                break;
            }
        }
        Ok(())
    }

    #[track_caller]
    fn evaluate<E>(&self, closure: &mut dyn Evaluate<E>) -> Result<Tensor, E> {
        self.parameters.iter().for_each(selvedge_torch::clear_gradient);
        let _grad = grad_guard();
        closure.loss()
    }

    /// The gradients of all parameters as one vector, 0 where there is none.
    fn gradient(&self) -> Tensor {
        let flat = |parameter: &Tensor| {
            let gradient = parameter.grad();
            if gradient.defined() {
                assert!(!gradient.is_sparse(), "LBFGS: a gradient is sparse; SparseAdam takes those");
                gradient.flatten(0, -1)
            } else {
                parameter.zeros_like().flatten(0, -1)
            }
        };
        Tensor::cat(&self.parameters.iter().map(flat).collect::<Vec<_>>(), 0)
    }

    /// Moves the parameters along the direction.
    fn advance(&self, direction: &Tensor, length: f64) {
        let mut start = 0;
        let part = |parameter: &Tensor| {
            let part = direction.narrow(0, start, parameter.numel() as i64).view_as(parameter);
            start += parameter.numel() as i64;
            part
        };
        let parts: Vec<Tensor> = self.parameters.iter().map(part).collect();
        kernel(Lbfgs::NAME, foreach::add_(&self.parameters, &parts, length));
    }
}

fn number(tensor: &Tensor) -> f64 {
    tensor.double_value(&[])
}

fn largest(tensor: &Tensor) -> f64 {
    let (min, max) = tensor.aminmax(None, false);
    number(&min).abs().max(number(&max).abs())
}
