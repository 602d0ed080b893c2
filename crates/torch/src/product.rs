use tch::Tensor;

use crate::Result;
use crate::operator::{Argument, Operator};

/// `beta · input + alpha · first · second` of matrices: `aten::addmm`, which `tch` binds without the factors.
/// Autograd follows it.
///
/// # Errors
///
/// When the shapes, kinds or devices do not fit.
///
/// ```
/// use tch::Tensor;
///
/// let matrix = Tensor::from_slice2(&[[1.0, 2.0], [0.0, 1.0]]);
/// let sum = selvedge_torch::addmm(&matrix, &matrix, &matrix, 10.0, -1.0)?;
/// assert_eq!(sum, Tensor::from_slice2(&[[9.0, 16.0], [0.0, 9.0]]));
/// assert!(selvedge_torch::addmm(&matrix, &matrix, &Tensor::from(1.0), 1.0, 1.0).is_err());
/// # Ok::<(), selvedge_torch::TorchError>(())
/// ```
pub fn addmm(input: &Tensor, first: &Tensor, second: &Tensor, beta: f64, alpha: f64) -> Result<Tensor> {
    static OPERATOR: Operator = Operator::new("addmm", "");
    let [input, first, second] = [input, first, second].map(Argument::Tensor);
    OPERATOR.apply(&[input, first, second, Argument::Scalar(beta), Argument::Scalar(alpha)])
}
