use tch::{Kind, Tensor};

use super::InitError;
use super::error::{argument, shape};

/// Writes a (semi-)orthogonal matrix times `gain`, the trailing dimensions taken as one; PyTorch's `orthogonal_`,
/// whose default gain is 1, by Saxe et al., 2013. An empty tensor is left as it is.
///
/// # Errors
///
/// When the tensor has fewer than 2 dimensions or is not of single or double precision, which the QR
/// decomposition needs, or `gain` is not finite.
pub fn orthogonal_(tensor: &Tensor, gain: f64) -> Result<(), InitError> {
    let function = "orthogonal_";
    shape(function, tensor, "2 dimensions or more", |size| size.len() >= 2)?;
    if !matches!(tensor.kind(), Kind::Float | Kind::Double) {
        return Err(InitError::Kind {
            function,
            expected: "single or double precision",
            found: tensor.kind(),
        });
    }
    argument(function, "gain", gain, "finite", gain.is_finite())?;
    if tensor.numel() == 0 {
        return Ok(());
    }
    let _no_grad = tch::no_grad_guard();
    let size = tensor.size();
    let rows = size[0];
    let columns = size[1..].iter().product();
    let drawn = Tensor::empty([rows, columns], (tensor.kind(), tensor.device())).normal_(0.0, 1.0);
    let wide = rows < columns;
    let (q, r) = Tensor::linalg_qr(&if wide { drawn.tr() } else { drawn }, "reduced");
    // The decomposition alone leaves the signs to the algorithm; these make the distribution uniform.
    let q = q * r.diag(0).sign();
    let q = if wide { q.tr() } else { q };
    tensor.shallow_clone().copy_(&(q.reshape(&size) * gain));
    Ok(())
}
