use selvedge_nn::{Module, ModuleExt};
use serde::{Deserialize, Serialize};
use tch::{Kind, Tensor};

use crate::TrainError;
use crate::domain::Domain;

/// Stops a training whose loss is NaN or infinite, and says where to look.
///
/// ```
/// use selvedge_nn::Linear;
/// use selvedge_train::NanGuard;
/// use tch::Tensor;
///
/// let model = Linear::new(2, 1);
/// let _ = tch::no_grad(|| model.weight.shallow_clone().fill_(f64::NAN));
/// let error = NanGuard::default().check(&Tensor::from(f32::NAN), &model, 120, 20).unwrap_err();
/// assert_eq!(error.to_string(), "the loss is NaN at step 120, batch 20: weight is not finite");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct NanGuard {
    /// Looks at every so many steps, positive; 1 by default. Each look waits for the device.
    pub every: u64,
}

impl Default for NanGuard {
    fn default() -> Self {
        Self { every: 1 }
    }
}

impl NanGuard {
    /// Whether the option has a value that it can have.
    ///
    /// # Errors
    ///
    /// When `every` is 0.
    pub fn validate(&self) -> Result<(), TrainError> {
        Domain("NanGuard").require(self.every > 0, "every", "a number from 1 on", self.every)
    }

    /// Looks at the loss of a step, before the optimizer changes the parameters.
    ///
    /// # Errors
    ///
    /// When a value of the loss is NaN or infinite. The error names the first parameter, buffer or gradient of
    /// `model` that is not finite; where all are, the parameter with the largest
    /// value, from which an overflow most likely comes.
    pub fn check<M: Module + ?Sized>(
        &self,
        loss: &Tensor,
        model: &M,
        step: u64,
        batch: u64,
    ) -> Result<(), TrainError> {
        if !step.is_multiple_of(self.every.max(1)) || finite(loss) {
            return Ok(());
        }
        let flat = loss.detach().flatten(0, -1).to_kind(Kind::Double);
        let values = Vec::<f64>::try_from(flat).unwrap_or_default();
        let found = values.into_iter().find(|value| !value.is_finite()).unwrap_or(f64::NAN);
        Err(TrainError::NonFiniteLoss { loss: found, step, batch, cause: cause(model) })
    }
}

fn cause<M: Module + ?Sized>(model: &M) -> String {
    let parameters = model.named_parameters();
    let gradients =
        parameters.iter().map(|(name, parameter)| (format!("the gradient of {name}"), parameter.grad()));
    let named = parameters
        .iter()
        .map(|(name, parameter)| (name.clone(), parameter.shallow_clone()))
        .chain(model.named_buffers())
        .chain(gradients.filter(|(_, gradient)| gradient.defined()));
    for (name, tensor) in named {
        if !finite(&tensor) {
            return format!("{name} is not finite");
        }
    }
    let largest = |tensor: &Tensor| tensor.abs().max().to_kind(Kind::Double).double_value(&[]);
    parameters
        .iter()
        .filter(|(_, parameter)| parameter.numel() > 0)
        .map(|(name, parameter)| (largest(parameter), name))
        .max_by(|(first, _), (second, _)| first.total_cmp(second))
        .map_or_else(
            || "the model has no parameters; look at the batch".to_owned(),
            |(value, name)| {
                format!(
                    "parameters, buffers and gradients are finite, the largest value {value:.3e} in {name}; look at \
                     the batch, the learning rate and the loss"
                )
            },
        )
}

fn finite(tensor: &Tensor) -> bool {
    let _no_grad = tch::no_grad_guard();
    tensor.isfinite().all().int64_value(&[]) == 1
}
