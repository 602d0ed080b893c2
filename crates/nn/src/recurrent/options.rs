use serde::{Deserialize, Serialize};

use super::stack::Shape;

/// Declares the options of a recurrent layer: those that all of them have, then its own.
macro_rules! recurrent_options {
    (
        $(#[$doc:meta])*
        $name:ident { $($(#[$field_doc:meta])* $field:ident: $kind:ty = $default:expr,)* }
    ) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
        #[serde(default, deny_unknown_fields)]
        pub struct $name {
            /// How many layers are stacked, each fed with the output of the one before. Default: 1
            pub num_layers: i64,
            /// Whether the layers have biases. Default: true
            pub bias: bool,
            /// Whether input and output are `[N, L, ..]` rather than `[L, N, ..]`; a state is not. Default: false
            pub batch_first: bool,
            /// The probability to drop an output of each layer but the last, in training; without a second layer
            /// it does nothing. Default: 0
            pub dropout: f64,
            /// Whether a second layer reads each sequence backwards. Default: false
            pub bidirectional: bool,
            $($(#[$field_doc])* pub $field: $kind,)*
        }

        impl Default for $name {
            fn default() -> Self {
                Self {
                    num_layers: 1,
                    bias: true,
                    batch_first: false,
                    dropout: 0.0,
                    bidirectional: false,
                    $($field: $default,)*
                }
            }
        }

        impl $name {
            pub(super) fn shape(self, input_size: i64, hidden_size: i64) -> Shape {
                Shape {
                    input_size,
                    hidden_size,
                    proj_size: 0,
                    num_layers: self.num_layers,
                    bias: self.bias,
                    batch_first: self.batch_first,
                    dropout: self.dropout,
                    bidirectional: self.bidirectional,
                }
            }
        }
    };
}

recurrent_options! {
    /// The options of [`Rnn`](crate::Rnn).
    RnnOptions {
        /// What the sums go through. Default: [`RnnNonlinearity::Tanh`]
        nonlinearity: RnnNonlinearity = RnnNonlinearity::Tanh,
    }
}

recurrent_options! {
    /// The options of [`Lstm`](crate::Lstm).
    LstmOptions {
        /// The size to which the hidden state is projected, or 0 for none. Default: 0
        proj_size: i64 = 0,
    }
}

recurrent_options! {
    /// The options of [`Gru`](crate::Gru).
    GruOptions {}
}

/// What the sums of an [`Rnn`](crate::Rnn) go through.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RnnNonlinearity {
    /// `tanh`
    #[default]
    Tanh,
    /// `max(0, sum)`
    Relu,
}
