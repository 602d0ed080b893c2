use tch::Tensor;

use crate::linear::Known;
use crate::misuse;

/// `input · weightᵀ + bias`. PyTorch: `torch.nn.functional.linear`.
///
/// The gradients of f32 matrices on the CPU are multiplied by a kernel of our own where that is faster, which is tried when
/// matrices of a form come for the second time. It gives the bits of libtorch's.
///
/// # Shapes
///
/// `input` `[.., in]`, `weight` `[out, in]`, `bias` `[out]`; the output is `[.., out]`.
///
/// # Panics
///
/// When the shapes or kinds do not fit.
///
/// ```
/// use selvedge_nn::functional;
/// use tch::Tensor;
///
/// let input = Tensor::from_slice(&[1.0, 2.0]);
/// let weight = Tensor::from_slice2(&[[1.0, 0.0], [0.0, 1.0], [1.0, 1.0]]);
/// assert_eq!(functional::linear(&input, &weight, None), Tensor::from_slice(&[1.0, 2.0, 3.0]));
/// ```
#[track_caller]
pub fn linear(input: &Tensor, weight: &Tensor, bias: Option<&Tensor>) -> Tensor {
    misuse::torch("linear", input, selvedge_torch::linear::<Known>(input, weight, bias))
}
