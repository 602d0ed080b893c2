use selvedge_torch::{add_and_dot, foreach};
use serde_json::Value;
use tch::{Kind, Tensor};

use super::{Lbfgs, LbfgsOptimizer};
use crate::TrainError;
use crate::optim::options::options;
use crate::optim::parameter_group::ScheduleValues;
use crate::optim::parameter_state::take;
use crate::optim::state_dict::{check_parameters, split_options};
use crate::optim::update_rule::kernel;
use crate::optim::{GroupStateDict, OptimizerStateDict, StateValue};

/// What L-BFGS keeps between steps, by PyTorch's names.
#[derive(Debug, Default)]
pub(super) struct State {
    pub(super) func_evals: i64,
    pub(super) n_iter: i64,
    /// The direction.
    pub(super) d: Option<Tensor>,
    /// The length of the step along it.
    pub(super) t: f64,
    /// y, s and 1 / (y · s) of the pairs that are kept.
    old_dirs: Vec<Tensor>,
    old_stps: Vec<Tensor>,
    ro: Vec<Tensor>,
    /// The scale of the approximation that the recursion starts from; 1 at first.
    h_diag: Option<Tensor>,
    pub(super) prev_flat_grad: Option<Tensor>,
    pub(super) prev_loss: f64,
}

impl State {
    /// Takes in the last step and gives the next direction.
    pub(super) fn next_direction(&mut self, gradient: &Tensor, history_size: usize) -> Tensor {
        let (Some(last), Some(before)) = (&self.d, &self.prev_flat_grad) else {
            return gradient.neg();
        };
        let change = gradient - before;
        let step = last * self.t;
        let curvature = change.dot(&step);
        if curvature.double_value(&[]) > 1e-10 {
            if self.old_dirs.len() == history_size {
                for list in [&mut self.old_dirs, &mut self.old_stps, &mut self.ro] {
                    if !list.is_empty() {
                        let _ = list.remove(0);
                    }
                }
            }
            self.h_diag = Some(&curvature / change.dot(&change));
            self.old_dirs.push(change);
            self.old_stps.push(step);
            self.ro.push(curvature.reciprocal());
        }

        self.towards_minimum(gradient)
    }

    /// −H · g, by the two-loop recursion. A pass over memory adds a vector and takes the product with the next.
    fn towards_minimum(&self, gradient: &Tensor) -> Tensor {
        let mut direction = gradient.neg();
        let scale = |direction: &mut Tensor| {
            if let Some(scale) = &self.h_diag {
                let _ = direction.g_mul_(scale);
            }
        };
        let (changes, steps) = (&self.old_dirs, &self.old_stps);
        let Some(last) = steps.len().checked_sub(1) else {
            scale(&mut direction);
            return direction;
        };
        let add = |direction: &Tensor, what: &Tensor, factor: f64, with: Option<&Tensor>| match with {
            Some(with) => kernel(Lbfgs::NAME, add_and_dot(direction, what, factor, with)),
            None => {
                kernel(Lbfgs::NAME, foreach::add_(&[direction], &[what], factor));
                0.0
            }
        };
        // PyTorch has these numbers in tensors, and some runs hang on their last bit.
        let single = gradient.kind() == Kind::Float;
        let rounded = |number: f64| if single { f64::from(number as f32) } else { number };
        let ro: Vec<f64> = self.ro.iter().map(|ro| ro.double_value(&[])).collect();
        let mut factors = vec![0.0; ro.len()];
        let mut product = steps[last].dot(&direction).double_value(&[]);
        for index in (0..=last).rev() {
            factors[index] = rounded(product * ro[index]);
            let next = index.checked_sub(1).map(|next| &steps[next]);
            product = add(&direction, &changes[index], -factors[index], next);
        }
        scale(&mut direction);
        product = changes[0].dot(&direction).double_value(&[]);
        for index in 0..=last {
            let factor = rounded(factors[index] - rounded(product * ro[index]));
            product = add(&direction, &steps[index], factor, changes.get(index + 1));
        }
        direction
    }

    fn entries(&self) -> Vec<(String, StateValue)> {
        let tensor = |tensor: &Tensor| StateValue::Tensor(tensor.shallow_clone());
        let list = |tensors: &[Tensor]| StateValue::List(tensors.iter().map(tensor).collect());
        let mut entries =
            vec![("func_evals", StateValue::Int(self.func_evals)), ("n_iter", StateValue::Int(self.n_iter))];
        // They come with the first iteration, all together.
        if let (Some(d), Some(prev_flat_grad)) = (&self.d, &self.prev_flat_grad) {
            entries.extend([
                ("d", tensor(d)),
                ("t", StateValue::Float(self.t)),
                ("old_dirs", list(&self.old_dirs)),
                ("old_stps", list(&self.old_stps)),
                ("ro", list(&self.ro)),
                ("H_diag", self.h_diag.as_ref().map_or(StateValue::Int(1), tensor)),
                ("prev_flat_grad", tensor(prev_flat_grad)),
                ("prev_loss", StateValue::Float(self.prev_loss)),
            ]);
        }
        entries.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
    }

    fn from_entries(
        mut entries: Vec<(String, StateValue)>,
        like: &Tensor,
        numel: i64,
    ) -> Result<Self, String> {
        // PyTorch's scratch list.
        take(&mut entries, "al");
        let wrong = |name: &str, value: &StateValue| format!("{name:?} is {value:?}");
        let mut number = |name: &str| match take(&mut entries, name) {
            None => Ok(0.0),
            Some(StateValue::Int(value)) => Ok(value as f64),
            Some(StateValue::Float(value)) => Ok(value),
            Some(StateValue::Tensor(tensor)) if tensor.numel() == 1 => {
                Ok(tensor.double_value(&vec![0; tensor.dim()]))
            }
            Some(other) => Err(wrong(name, &other)),
        };
        let (func_evals, n_iter) = (number("func_evals")? as i64, number("n_iter")? as i64);
        let (t, prev_loss) = (number("t")?, number("prev_loss")?);
        let copy = |tensor: &Tensor| tensor.detach().to_device(like.device()).to_kind(like.kind()).copy();
        let long = |name: &str, tensor: &Tensor| match tensor.size()[..] {
            [length] if length == numel => Ok(copy(tensor)),
            _ => Err(format!("{name:?} has shape {:?}, the parameters have {numel} values", tensor.size())),
        };
        let single = |name: &str, tensor: &Tensor| match tensor.numel() {
            1 => Ok(copy(tensor).reshape([0_i64; 0])),
            _ => Err(format!("{name:?} has shape {:?}, expected one value", tensor.size())),
        };
        let mut tensor = |name: &str| match take(&mut entries, name) {
            None | Some(StateValue::Int(_)) => Ok(None),
            Some(StateValue::Tensor(tensor)) if name == "H_diag" => single(name, &tensor).map(Some),
            Some(StateValue::Tensor(tensor)) => long(name, &tensor).map(Some),
            Some(other) => Err(wrong(name, &other)),
        };
        let (d, h_diag) = (tensor("d")?, tensor("H_diag")?);
        let prev_flat_grad = tensor("prev_flat_grad")?;
        let mut list = |name: &str| match take(&mut entries, name) {
            None => Ok(Vec::new()),
            Some(StateValue::List(values)) => values
                .iter()
                .map(|value| match value {
                    StateValue::Tensor(tensor) if name == "ro" => single(name, tensor),
                    StateValue::Tensor(tensor) => long(name, tensor),
                    other => Err(wrong(name, other)),
                })
                .collect(),
            Some(other) => Err(wrong(name, &other)),
        };
        let (old_dirs, old_stps, ro) = (list("old_dirs")?, list("old_stps")?, list("ro")?);
        if old_dirs.len() != ro.len() || old_stps.len() != ro.len() {
            return Err("old_dirs, old_stps and ro have different lengths".to_owned());
        }
        // They come with the first iteration, all together.
        if (n_iter > 0) != d.is_some() || d.is_some() != prev_flat_grad.is_some() {
            return Err(format!("n_iter is {n_iter}, and \"d\" or \"prev_flat_grad\" does not fit that"));
        }
        match entries.first() {
            Some((unknown, _)) => Err(format!("{unknown:?} is no state of this optimizer")),
            None => Ok(Self {
                func_evals,
                n_iter,
                d,
                t,
                old_dirs,
                old_stps,
                ro,
                h_diag,
                prev_flat_grad,
                prev_loss,
            }),
        }
    }
}

impl LbfgsOptimizer {
    /// The state and the options, as PyTorch's `state_dict()` has them: all state is the first parameter's.
    #[must_use]
    pub fn state_dict(&self) -> OptimizerStateDict {
        let mut options = options(&self.rule);
        options.insert("max_eval".to_owned(), self.rule.max_eval().into());
        options.extend(self.schedule.iter().map(|(name, value)| (name.clone(), (*value).into())));
        let group = GroupStateDict {
            options,
            params: (0..self.parameters.len()).collect(),
            param_names: self.names.clone(),
        };
        let state = self.state.iter().map(|state| (0, state.entries())).collect();
        OptimizerStateDict { state, param_groups: vec![group] }
    }

    /// Takes over the state and the options of another run, of ours or of PyTorch.
    ///
    /// # Errors
    ///
    /// When the state dict is of another model or another optimizer, with the difference; nothing was changed
    /// then.
    pub fn load_state_dict(&mut self, dict: &OptimizerStateDict) -> Result<(), TrainError> {
        let (rule, schedule, state) =
            self.load(dict).map_err(|difference| TrainError::StateDict { unit: Lbfgs::NAME, difference })?;
        (self.rule, self.schedule, self.state) = (rule, schedule, state);
        Ok(())
    }

    fn load(&self, dict: &OptimizerStateDict) -> Result<(Lbfgs, ScheduleValues, Option<State>), String> {
        let [group] = &dict.param_groups[..] else {
            return Err(format!("it has {} parameter groups, expected 1", dict.param_groups.len()));
        };
        check_parameters(0, self.parameters.len(), self.names.as_deref(), group)?;
        let (options, schedule) = split_options(group.options.clone()).map_err(|error| error.to_string())?;
        let rule: Lbfgs =
            serde_json::from_value(Value::Object(options)).map_err(|error| error.to_string())?;
        // Whatever a schedule has made of the learning rate is allowed.
        Lbfgs { lr: Lbfgs::default().lr, ..rule.clone() }.validate().map_err(|error| error.to_string())?;
        let numel = self.parameters.iter().map(|parameter| parameter.numel() as i64).sum();
        let entries = group.params.first().and_then(|first| dict.state.get(first)).cloned();
        let load = |entries| State::from_entries(entries, &self.parameters[0], numel);
        Ok((rule, schedule, entries.map(load).transpose()?))
    }
}
