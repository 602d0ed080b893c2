use tch::Tensor;

use crate::misuse;

/// `max(0, input)`, value by value. PyTorch: `torch.nn.functional.relu`.
///
/// ```
/// use selvedge_nn::functional;
/// use tch::Tensor;
///
/// let output = functional::relu(&Tensor::from_slice(&[-1.0, 0.0, 2.0]));
/// assert_eq!(output, Tensor::from_slice(&[0.0, 0.0, 2.0]));
/// ```
#[track_caller]
pub fn relu(input: &Tensor) -> Tensor {
    misuse::torch("relu", input, input.f_relu())
}
