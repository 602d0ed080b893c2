use tch::Tensor;

/// Weights as a tensor of the device and kind of `input`.
pub(super) fn tensor(weights: Option<&[f64]>, input: &Tensor) -> Option<Tensor> {
    weights.map(|weights| Tensor::from_slice(weights).to_device(input.device()).to_kind(input.kind()))
}
