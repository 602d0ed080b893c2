//! The activations: units without tensors, each a plain struct over its function in
//! [`functional`](crate::functional).

/// Defines an activation: its struct with PyTorch's defaults, what it prints, and the function it calls.
macro_rules! activation {
    // Without options.
    (
        $(#[$doc:meta])*
        $name:ident as $pytorch:literal
        |$input:ident| $output:expr
    ) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize)]
        #[serde(from = "crate::activation::NoOptions", into = "crate::activation::NoOptions")]
        pub struct $name;

        impl From<crate::activation::NoOptions> for $name {
            fn from(_: crate::activation::NoOptions) -> Self {
                Self
            }
        }

        impl From<$name> for crate::activation::NoOptions {
            fn from(_: $name) -> Self {
                Self {}
            }
        }

        activation!(@module $name, $pytorch, |_| String::new(), |_, $input, _| $output);
    };
    // With options, printed as `name=value`.
    (
        $(#[$doc:meta])*
        $name:ident as $pytorch:literal
        { $($(#[$field_doc:meta])* $field:ident: $kind:ty = $default:expr,)+ }
        |$this:ident, $input:ident, $mode:pat_param| $output:expr
    ) => {
        activation! {
            $(#[$doc])*
            $name as $pytorch
            { $($(#[$field_doc])* $field: $kind = $default,)+ }
            prints |it| crate::repr::python::arguments(&[$((stringify!($field), &it.$field)),+]),
            |$this, $input, $mode| $output
        }
    };
    // With options, printed in a way of its own.
    (
        $(#[$doc:meta])*
        $name:ident as $pytorch:literal
        { $($(#[$field_doc:meta])* $field:ident: $kind:ty = $default:expr,)+ }
        prints |$printed:ident| $text:expr,
        |$this:ident, $input:ident, $mode:pat_param| $output:expr
    ) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, serde::Serialize, serde::Deserialize)]
        #[serde(default, deny_unknown_fields)]
        pub struct $name {
            $($(#[$field_doc])* pub $field: $kind,)+
        }

        impl Default for $name {
            fn default() -> Self {
                Self { $($field: $default),+ }
            }
        }

        activation!(@module $name, $pytorch, |$printed| $text, |$this, $input, $mode| $output);
    };
    (@module $name:ident, $pytorch:literal, |$printed:pat_param| $text:expr,
        |$this:pat_param, $input:ident, $mode:pat_param| $output:expr) => {
        impl crate::Module for $name {
            fn visit(&self, _: &mut dyn crate::Visitor) {}

            fn name(&self) -> &str {
                $pytorch
            }

            fn extra_repr(&self) -> String {
                let $printed = self;
                $text
            }
        }

        impl crate::Forward for $name {
            #[track_caller]
            fn forward(&self, $input: &tch::Tensor, $mode: crate::Mode) -> tch::Tensor {
                let $this = self;
                crate::observe(self, $output)
            }

            fn chain(&self, chain: &mut crate::plan::Chain) -> Result<(), crate::plan::Refusal> {
                crate::activation::stage::Offer::offer(self, chain)
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                crate::write_repr(self, f)
            }
        }
    };
}

mod bounded;
mod gated;
mod rectifier;
mod shrink;
mod softmax;
mod stage;

pub use bounded::{Hardsigmoid, Hardtanh, LogSigmoid, Relu6, Sigmoid, Softsign, Tanh};
pub use gated::{Gelu, Glu, Hardswish, Mish, Silu};
pub use rectifier::{Celu, Elu, LeakyRelu, Relu, Rrelu, Selu, Softplus, Threshold};
pub use shrink::{Hardshrink, Softshrink, Tanhshrink};
pub use softmax::{LogSoftmax, Softmax, Softmax2d, Softmin};

/// How an activation without options is written: an empty table, and nothing else.
#[derive(serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct NoOptions {}
