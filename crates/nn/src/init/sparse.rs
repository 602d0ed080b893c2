use tch::{Device, Kind, Tensor};

use super::InitError;
use super::error::{argument, floating_point, shape};
use super::random::normal_;

/// Draws from the normal distribution of mean 0 and standard deviation `std`, then sets the fraction `sparsity` of
/// each column to zero; PyTorch's `sparse_`, whose default `std` is 0.01, by Martens, 2010.
///
/// # Errors
///
/// When the tensor has not 2 dimensions or is not of a floating-point kind, `sparsity` lies outside `[0, 1]`, or
/// `std` is negative or not finite.
pub fn sparse_(tensor: &Tensor, sparsity: f64, std: f64) -> Result<(), InitError> {
    let function = "sparse_";
    shape(function, tensor, "2 dimensions", |size| size.len() == 2)?;
    floating_point(function, tensor)?;
    argument(function, "sparsity", sparsity, "in [0, 1]", (0.0..=1.0).contains(&sparsity))?;
    argument(function, "std", std, "finite and not negative", std.is_finite() && std >= 0.0)?;
    normal_(tensor, 0.0, std)?;
    let _no_grad = tch::no_grad_guard();
    let size = tensor.size();
    let (rows, columns) = (size[0], size[1]);
    let zeros = (sparsity * rows as f64).ceil() as i64;
    for column in 0..columns {
        // Drawn on the CPU whatever the device of the tensor, as PyTorch does.
        let chosen = Tensor::randperm(rows, (Kind::Int64, Device::Cpu)).narrow(0, 0, zeros);
        let _ = tensor.select(1, column).index_fill_(0, &chosen.to_device(tensor.device()), 0.0);
    }
    Ok(())
}
