use tch::Tensor;

use super::GruOptions;
use super::stack::Stack;
use crate::{Forward, Mode, Module, NnError, observe_products};

/// Gated recurrent units, which decide at each step how much of the state to keep; PyTorch's `GRU`, by Cho et al.,
/// 2014.
///
/// ```text
/// r = σ(W_ir · input + b_ir + W_hr · state + b_hr)
/// z = σ(W_iz · input + b_iz + W_hz · state + b_hz)
/// n = tanh(W_in · input + b_in + r ⊙ (W_hn · state + b_hn))
/// state = (1 - z) ⊙ n + z ⊙ state
/// ```
///
/// Weights and biases are drawn and named as those of [`Rnn`](crate::Rnn), with the rows of r, z and n one below the
/// other.
///
/// # Shapes
///
/// As those of [`Rnn`](crate::Rnn).
///
/// Differs from PyTorch: packed sequences are not taken.
///
/// ```
/// use selvedge_nn::{Forward, Gru, GruOptions, Mode};
/// use tch::{Device, Kind, Tensor};
///
/// let layer = Gru::with(10, 20, GruOptions { bidirectional: true, ..GruOptions::default() })?;
/// let input = Tensor::randn([5, 3, 10], (Kind::Float, Device::Cpu));
/// assert_eq!(layer.forward(&input, Mode::Eval).size(), [5, 3, 40]);
/// # Ok::<(), selvedge_nn::NnError>(())
/// ```
#[derive(Debug, Module)]
#[module(name = "GRU", extra_repr)]
pub struct Gru {
    #[module(flatten)]
    stack: Stack,
}

impl Gru {
    /// One layer with PyTorch's defaults.
    ///
    /// # Panics
    ///
    /// When a size is not positive.
    #[must_use]
    #[track_caller]
    pub fn new(input_size: i64, hidden_size: i64) -> Self {
        Self::with(input_size, hidden_size, GruOptions::default()).expect("the defaults are good")
    }

    /// Layers with options.
    ///
    /// # Errors
    ///
    /// When `num_layers` is not positive or `dropout` lies outside `[0, 1]`.
    ///
    /// # Panics
    ///
    /// When a size is not positive.
    #[track_caller]
    pub fn with(input_size: i64, hidden_size: i64, options: GruOptions) -> Result<Self, NnError> {
        Ok(Self { stack: Stack::new("GRU", 3, options.shape(input_size, hidden_size))? })
    }

    /// The output of the last layer for each step, and the last state of each layer; the first is `state`, or zero.
    ///
    /// # Panics
    ///
    /// When the input or the state has another shape or kind than the layer takes.
    #[track_caller]
    pub fn forward_with_state(&self, input: &Tensor, state: Option<&Tensor>, mode: Mode) -> (Tensor, Tensor) {
        let (output, state) = self.stack.run_hidden(input, state, mode, Tensor::f_gru);
        (observe_products(self, output, |output| self.stack.multiply_adds(output)), state)
    }

    fn extra_repr(&self) -> String {
        self.stack.extra_repr()
    }
}

impl Forward for Gru {
    /// The output of the last layer for each step, from the state zero.
    #[track_caller]
    fn forward(&self, input: &Tensor, mode: Mode) -> Tensor {
        self.forward_with_state(input, None, mode).0
    }
}
