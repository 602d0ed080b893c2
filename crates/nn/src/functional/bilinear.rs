use tch::Tensor;

use crate::misuse;

/// `output[k] = first · weight[k] · secondᵀ + bias[k]`. PyTorch: `torch.nn.functional.bilinear`.
///
/// # Shapes
///
/// `first` `[.., in1]`, `second` `[.., in2]`, `weight` `[out, in1, in2]`, `bias` `[out]`; the output is `[.., out]`.
///
/// # Panics
///
/// When the shapes or kinds do not fit.
#[track_caller]
pub fn bilinear(first: &Tensor, second: &Tensor, weight: &Tensor, bias: Option<&Tensor>) -> Tensor {
    let operation = format!("bilinear with a second input of shape {:?}", second.size());
    misuse::torch(&operation, first, Tensor::f_bilinear(first, second, weight, bias))
}
