//! One operation over a list of tensors, PyTorch's `torch._foreach_*`: on CUDA a single kernel for the whole list.
//!
//! A name that ends in `_` changes the first list in place, as in `tch`; `_scalar` takes one number for all
//! tensors and `_scalars` one for each. No graph is recorded.
//!
//! Differs from PyTorch: an empty list is allowed, and nothing is done. A number beyond the range of the tensors' kind is
//! infinite, where PyTorch raises.
//!
//! # Errors
//!
//! Each function fails where lists differ in length, or a pair of tensors in shape, kind or device.
//!
//! ```
//! use selvedge_torch::foreach;
//! use tch::Tensor;
//!
//! let parameters = [Tensor::from_slice(&[1.0f32, 2.0]), Tensor::from_slice(&[3.0f32])];
//! let gradients = [Tensor::from_slice(&[2.0f32, 2.0]), Tensor::from_slice(&[20.0f32])];
//! foreach::add_(&parameters, &gradients, -0.5)?;
//! assert_eq!(parameters[0], Tensor::from_slice(&[0.0f32, 1.0]));
//! assert_eq!(parameters[1], Tensor::from_slice(&[-7.0f32]));
//! let norms = foreach::norm(&gradients, 2.0)?;
//! assert_eq!(norms[1].double_value(&[]), 20.0);
//! # Ok::<(), selvedge_torch::TorchError>(())
//! ```

use std::borrow::Borrow;

use tch::{Kind, Tensor};

use crate::Result;
use crate::operator::{Argument, Operator};

/// Declares a function for each line: its name, its arguments by kind, the operator, and the arguments that the
/// operator takes beyond those.
macro_rules! operators {
    ($($(#[$doc:meta])* fn $name:ident($list:ident $(, $argument:ident: $kind:tt)*) $(-> $result:ident)?
        = $operator:literal, $overload:literal $(, $fixed:expr)*;)*) => {
        $($(#[$doc])*
        pub fn $name($list: &[impl Borrow<Tensor>] $(, $argument: operators!(@type $kind))*)
            -> operators!(@result $($result)?)
        {
            static OPERATOR: Operator = Operator::new($operator, $overload);
            if $list.is_empty() {
                return Ok(Default::default());
            }
            $(let $argument = operators!(@value $kind $argument, $list);)*
            let arguments =
                [Argument::tensors($list), $(operators!(@argument $kind $argument),)* $($fixed,)*];
            operators!(@call $($result)?, OPERATOR, arguments, $list)
        })*
    };
    (@type tensors) => { &[impl Borrow<Tensor>] };
    (@type tensor) => { &Tensor };
    (@type scalar) => { f64 };
    (@type scalars) => { &[f64] };
    (@value scalar $value:ident, $list:ident) => { representable($list, $value) };
    (@value scalars $value:ident, $list:ident) => {
        &$value.iter().map(|&value| representable($list, value)).collect::<Vec<_>>()
    };
    (@value $kind:tt $value:ident, $list:ident) => { $value };
    (@argument tensors $value:ident) => { Argument::tensors($value) };
    (@argument tensor $value:ident) => { Argument::Tensor($value) };
    (@argument scalar $value:ident) => { Argument::Scalar($value) };
    (@argument scalars $value:ident) => { Argument::Scalars($value) };
    (@result) => { Result<()> };
    (@result $result:ident) => { Result<Vec<Tensor>> };
    (@call , $operator:ident, $arguments:ident, $list:ident) => { $operator.run(&$arguments) };
    (@call $result:ident, $operator:ident, $arguments:ident, $list:ident) => {
        $operator.call(&$arguments, $list.len())
    };
}

/// The number as the kernels hold it, which is f32 but for tensors of f64. One that f32 does not reach is infinite, as the
/// result of arithmetic would be; libtorch refuses to convert it.
fn representable(list: &[impl Borrow<Tensor>], value: f64) -> f64 {
    let is_double = |tensor: &Tensor| matches!(tensor.kind(), Kind::Double | Kind::ComplexDouble);
    let narrow = f64::from(value as f32);
    if narrow.is_infinite() && !list.iter().any(|tensor| is_double(tensor.borrow())) { narrow } else { value }
}

operators! {
    /// `a ← 0`
    fn zero_(a) = "_foreach_zero_", "";
    /// `a ← −a`
    fn neg_(a) = "_foreach_neg_", "";
    /// `a ← |a|`
    fn abs_(a) = "_foreach_abs_", "";
    /// `a ← sign a`
    fn sign_(a) = "_foreach_sign_", "";
    /// `a ← √a`
    fn sqrt_(a) = "_foreach_sqrt_", "";
    /// `a ← 1 / a`
    fn reciprocal_(a) = "_foreach_reciprocal_", "";

    /// `a ← a + alpha · b`
    fn add_(a, b: tensors, alpha: scalar) = "_foreach_add_", "List";
    /// `a ← a − alpha · b`
    fn sub_(a, b: tensors, alpha: scalar) = "_foreach_sub_", "List";
    /// `a ← a · b`
    fn mul_(a, b: tensors) = "_foreach_mul_", "List";
    /// `a ← a / b`
    fn div_(a, b: tensors) = "_foreach_div_", "List";
    /// `a ← max(a, b)`
    fn maximum_(a, b: tensors) = "_foreach_maximum_", "List";
    /// `a ← min(a, b)`
    fn minimum_(a, b: tensors) = "_foreach_minimum_", "List";
    /// `a ← source`, which may have another kind or device.
    fn copy_(a, source: tensors) = "_foreach_copy_", "", Argument::Flag(false);

    /// `a ← a + value`
    fn add_scalar_(a, value: scalar) = "_foreach_add_", "Scalar";
    /// `a ← a · value`
    fn mul_scalar_(a, value: scalar) = "_foreach_mul_", "Scalar";
    /// `a ← a / value`
    fn div_scalar_(a, value: scalar) = "_foreach_div_", "Scalar";
    /// `a ← a ^ exponent`
    fn pow_scalar_(a, exponent: scalar) = "_foreach_pow_", "Scalar";
    /// `a ← max(a, min)`
    fn clamp_min_(a, min: scalar) = "_foreach_clamp_min_", "Scalar";
    /// `a ← min(a, max)`
    fn clamp_max_(a, max: scalar) = "_foreach_clamp_max_", "Scalar";
    /// `aᵢ ← aᵢ + valuesᵢ`
    fn add_scalars_(a, values: scalars) = "_foreach_add_", "ScalarList";
    /// `aᵢ ← aᵢ · valuesᵢ`
    fn mul_scalars_(a, values: scalars) = "_foreach_mul_", "ScalarList";
    /// `aᵢ ← aᵢ / valuesᵢ`
    fn div_scalars_(a, values: scalars) = "_foreach_div_", "ScalarList";
    /// `a ← a · factor`, a tensor of one value: a factor that was computed on the device stays there.
    fn mul_tensor_(a, factor: tensor) = "_foreach_mul_", "Tensor";

    /// `a ← a + value · b · c`
    fn addcmul_(a, b: tensors, c: tensors, value: scalar) = "_foreach_addcmul_", "Scalar";
    /// `aᵢ ← aᵢ + valuesᵢ · bᵢ · cᵢ`
    fn addcmul_scalars_(a, b: tensors, c: tensors, values: scalars) = "_foreach_addcmul_", "ScalarList";
    /// `a ← a + value · b / c`
    fn addcdiv_(a, b: tensors, c: tensors, value: scalar) = "_foreach_addcdiv_", "Scalar";
    /// `aᵢ ← aᵢ + valuesᵢ · bᵢ / cᵢ`
    fn addcdiv_scalars_(a, b: tensors, c: tensors, values: scalars) = "_foreach_addcdiv_", "ScalarList";
    /// `a ← a + weight · (end − a)`
    fn lerp_(a, end: tensors, weight: scalar) = "_foreach_lerp_", "Scalar";

    /// `−a`
    fn neg(a) -> list = "_foreach_neg", "";
    /// `|a|`
    fn abs(a) -> list = "_foreach_abs", "";
    /// `√a`
    fn sqrt(a) -> list = "_foreach_sqrt", "";
    /// `a + alpha · b`
    fn add(a, b: tensors, alpha: scalar) -> list = "_foreach_add", "List";
    /// `a − alpha · b`
    fn sub(a, b: tensors, alpha: scalar) -> list = "_foreach_sub", "List";
    /// `a · b`
    fn mul(a, b: tensors) -> list = "_foreach_mul", "List";
    /// `a · value`
    fn mul_scalar(a, value: scalar) -> list = "_foreach_mul", "Scalar";
    /// `a + value`
    fn add_scalar(a, value: scalar) -> list = "_foreach_add", "Scalar";
    /// `aᵢ · valuesᵢ`
    fn mul_scalars(a, values: scalars) -> list = "_foreach_mul", "ScalarList";
    /// `a + value · b · c`
    fn addcmul(a, b: tensors, c: tensors, value: scalar) -> list = "_foreach_addcmul", "Scalar";
    /// `max(a, b)`
    fn maximum(a, b: tensors) -> list = "_foreach_maximum", "List";
    /// The norm of each tensor, `(Σ |a|^order)^(1/order)`; an `order` of infinity takes the largest value.
    fn norm(a, order: scalar) -> list = "_foreach_norm", "Scalar", Argument::None;
}
