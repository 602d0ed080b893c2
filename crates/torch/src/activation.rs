//! Activations with their options; `tch` binds them with libtorch's defaults only.
//!
//! Autograd follows them. `selvedge-nn` documents what they compute.

use tch::Tensor;

use crate::Result;
use crate::operator::{Argument, Operator};

macro_rules! activations {
    ($($(#[$doc:meta])* $name:ident($($option:ident: $kind:ident = $argument:expr),*);)*) => {$(
        $(#[$doc])*
        ///
        /// # Errors
        ///
        /// When libtorch refuses the options or the kind of the input.
        pub fn $name(input: &Tensor, $($option: $kind),*) -> Result<Tensor> {
            static OPERATOR: Operator = Operator::new(stringify!($name), "");
            OPERATOR.apply(&[Argument::Tensor(input), $($argument),*])
        }
    )*};
}

activations! {
    /// `aten::celu`.
    celu(alpha: f64 = Argument::Scalar(alpha));
    /// `aten::hardshrink`.
    hardshrink(lambd: f64 = Argument::Scalar(lambd));
    /// `aten::hardtanh`.
    hardtanh(min_val: f64 = Argument::Scalar(min_val), max_val: f64 = Argument::Scalar(max_val));
    /// `aten::leaky_relu`.
    leaky_relu(negative_slope: f64 = Argument::Scalar(negative_slope));
    /// `aten::softplus`.
    softplus(beta: f64 = Argument::Scalar(beta), threshold: f64 = Argument::Scalar(threshold));
    /// `aten::softshrink`.
    softshrink(lambd: f64 = Argument::Scalar(lambd));
}

/// `aten::elu`, whose two other factors are 1.
///
/// # Errors
///
/// When libtorch refuses the kind of the input.
pub fn elu(input: &Tensor, alpha: f64) -> Result<Tensor> {
    static OPERATOR: Operator = Operator::new("elu", "");
    let [alpha, scale, input_scale] = [alpha, 1.0, 1.0].map(Argument::Scalar);
    OPERATOR.apply(&[Argument::Tensor(input), alpha, scale, input_scale])
}

/// `aten::rrelu`, which draws the slopes in training.
///
/// # Errors
///
/// When libtorch refuses the bounds or the kind of the input.
pub fn rrelu(input: &Tensor, lower: f64, upper: f64, training: bool) -> Result<Tensor> {
    static OPERATOR: Operator = Operator::new("rrelu", "");
    let [lower, upper] = [lower, upper].map(Argument::Scalar);
    OPERATOR.apply(&[Argument::Tensor(input), lower, upper, Argument::Flag(training), Argument::None])
}
