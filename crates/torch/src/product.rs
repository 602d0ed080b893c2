use tch::Tensor;

use crate::Result;
use crate::operator::{Argument, Operator};

/// `matrix ← beta · matrix + alpha · first · second`: `Tensor.addmm_`, which `tch` binds without the factors. No graph
/// is recorded.
///
/// # Errors
///
/// When the shapes, kinds or devices do not fit.
///
/// ```
/// use tch::Tensor;
///
/// let sum = Tensor::from_slice2(&[[1.0, 2.0], [0.0, 1.0]]);
/// let matrix = sum.copy();
/// selvedge_torch::addmm_(&sum, &matrix, &matrix, 10.0, -1.0)?;
/// assert_eq!(sum, Tensor::from_slice2(&[[9.0, 16.0], [0.0, 9.0]]));
/// assert!(selvedge_torch::addmm_(&sum, &matrix, &Tensor::from(1.0), 1.0, 1.0).is_err());
/// # Ok::<(), selvedge_torch::TorchError>(())
/// ```
pub fn addmm_(matrix: &Tensor, first: &Tensor, second: &Tensor, beta: f64, alpha: f64) -> Result<()> {
    static OPERATOR: Operator = Operator::new("addmm_", "");
    let [matrix, first, second] = [matrix, first, second].map(Argument::Tensor);
    OPERATOR.run(&[matrix, first, second, Argument::Scalar(beta), Argument::Scalar(alpha)])
}
