use tch::Tensor;

use crate::parameter;
use crate::repr::python::{self, Python};

/// The tensors of a normalisation of channels, by PyTorch's names.
pub(super) struct Channels {
    pub(super) weight: Option<Tensor>,
    pub(super) bias: Option<Tensor>,
    pub(super) running_mean: Option<Tensor>,
    pub(super) running_var: Option<Tensor>,
    pub(super) num_batches_tracked: Option<Tensor>,
}

impl Channels {
    /// Their first values: weight and variance 1, all else 0.
    pub(super) fn start(num_features: i64, affine: bool, bias: bool, track_running_stats: bool) -> Self {
        let size = [num_features];
        Self {
            weight: affine.then(|| parameter::filled(&size, 1.0)),
            bias: (affine && bias).then(|| parameter::filled(&size, 0.0)),
            running_mean: track_running_stats.then(|| parameter::buffer(&size, 0.0)),
            running_var: track_running_stats.then(|| parameter::buffer(&size, 1.0)),
            num_batches_tracked: track_running_stats.then(|| Tensor::from(0_i64)),
        }
    }
}

/// What is printed of such a layer.
pub(super) fn printed(
    num_features: i64,
    eps: f64,
    momentum: &dyn Python,
    affine: bool,
    bias: bool,
    track_running_stats: bool,
) -> String {
    let rest = python::arguments(&[
        ("eps", &eps),
        ("momentum", momentum),
        ("affine", &affine),
        ("bias", &bias),
        ("track_running_stats", &track_running_stats),
    ]);
    format!("{}, {rest}", num_features.python())
}
