use tch::{TchError, Tensor};

use crate::{Mode, misuse};

/// Gives each channel, the second dimension, mean 0 and variance 1, then scales by `weight` and shifts by `bias`.
///
/// In [`Mode::Train`], and without `running`, by the mean and the variance of the batch; the running mean and
/// variance then move towards them by `momentum`, in place. In [`Mode::Eval`] by the running ones. PyTorch:
/// `torch.nn.functional.batch_norm`.
///
/// # Panics
///
/// When the shapes do not fit, or the batch is used and has only one value for each channel.
#[track_caller]
pub fn batch_norm(
    input: &Tensor,
    running: Option<(&Tensor, &Tensor)>,
    weight: Option<&Tensor>,
    bias: Option<&Tensor>,
    mode: Mode,
    momentum: f64,
    eps: f64,
) -> Tensor {
    let values = |size: &[i64]| size[0] * size[2..].iter().product::<i64>();
    by_channel("batch_norm", input, running, mode, values, |mean, variance, own| {
        input.f_batch_norm(weight, bias, mean, variance, own, momentum, eps, true)
    })
}

/// As [`batch_norm`], for each sample on its own. PyTorch: `torch.nn.functional.instance_norm`, whose
/// `use_input_stats` is [`Mode::Train`] or no `running`.
///
/// # Panics
///
/// When the shapes do not fit, or the sample is used and has only one value for each channel.
#[track_caller]
pub fn instance_norm(
    input: &Tensor,
    running: Option<(&Tensor, &Tensor)>,
    weight: Option<&Tensor>,
    bias: Option<&Tensor>,
    mode: Mode,
    momentum: f64,
    eps: f64,
) -> Tensor {
    let values = |size: &[i64]| size[2..].iter().product();
    by_channel("instance_norm", input, running, mode, values, |mean, variance, own| {
        input.f_instance_norm(weight, bias, mean, variance, own, momentum, eps, true)
    })
}

/// Gives the last dimensions of each sample mean 0 and variance 1, then scales by `weight` and shifts by `bias`.
/// PyTorch: `torch.nn.functional.layer_norm`.
///
/// # Panics
///
/// When the shapes do not fit.
#[track_caller]
pub fn layer_norm(
    input: &Tensor,
    normalized_shape: &[i64],
    weight: Option<&Tensor>,
    bias: Option<&Tensor>,
    eps: f64,
) -> Tensor {
    misuse::torch("layer_norm", input, input.f_layer_norm(normalized_shape, weight, bias, eps, true))
}

/// Gives each group of channels of each sample mean 0 and variance 1, then scales by `weight` and shifts by
/// `bias`. PyTorch: `torch.nn.functional.group_norm`.
///
/// # Panics
///
/// When the shapes do not fit, or a group has only one value.
#[track_caller]
pub fn group_norm(
    input: &Tensor,
    num_groups: i64,
    weight: Option<&Tensor>,
    bias: Option<&Tensor>,
    eps: f64,
) -> Tensor {
    // PyTorch counts so: the values of a group over the whole batch.
    several_values("group_norm", &input.size(), |size| {
        (size[0] * size[1] / num_groups.max(1)) * size[2..].iter().product::<i64>()
    });
    misuse::torch("group_norm", input, input.f_group_norm(num_groups, weight, bias, eps, true))
}

/// Divides the last dimensions of each sample by their root mean square, then scales by `weight`.
///
/// `eps` is added to the mean square; `None` means the difference between 1 and the next number of the input's
/// kind. PyTorch: `torch.nn.functional.rms_norm`.
///
/// # Panics
///
/// When the shapes do not fit.
#[track_caller]
pub fn rms_norm(
    input: &Tensor,
    normalized_shape: &[i64],
    weight: Option<&Tensor>,
    eps: impl Into<Option<f64>>,
) -> Tensor {
    misuse::torch("rms_norm", input, input.f_rms_norm(normalized_shape, weight, eps))
}

/// Runs an operation with the running mean and variance, and whether the input's own are used: in training, and where
/// there are no others. `values` counts those that one is taken of.
#[track_caller]
fn by_channel(
    operation: &str,
    input: &Tensor,
    running: Option<(&Tensor, &Tensor)>,
    mode: Mode,
    values: impl FnOnce(&[i64]) -> i64,
    run: impl FnOnce(Option<&Tensor>, Option<&Tensor>, bool) -> Result<Tensor, TchError>,
) -> Tensor {
    let own = mode.is_train() || running.is_none();
    if own {
        several_values(operation, &input.size(), values);
    }
    let (mean, variance) = running.unzip();
    misuse::torch(operation, input, run(mean, variance, own))
}

/// Panics where a variance would be taken of one value, as PyTorch refuses it.
#[track_caller]
fn several_values(operation: &str, size: &[i64], count: impl FnOnce(&[i64]) -> i64) {
    assert!(size.len() >= 2, "{operation}: expected an input of at least 2 dimensions, found {size:?}");
    assert!(
        count(size) != 1,
        "{operation}: expected more than 1 value to normalise together, found an input of shape {size:?}"
    );
}
