use tch::Tensor;

use super::stack::{HiddenKernel, Stack};
use super::{RnnNonlinearity, RnnOptions};
use crate::{Forward, Mode, Module, NnError, observe_products};

/// An Elman network: `state = tanh(W_ih · input + b_ih + W_hh · state + b_hh)` for each step of a sequence;
/// PyTorch's `RNN`.
///
/// Weights and biases are drawn from U(-1/√hidden_size, 1/√hidden_size) and are named as in PyTorch:
/// `weight_ih_l0`, `weight_hh_l0`, `bias_ih_l0`, `bias_hh_l0`, with `_reverse` for the second direction.
///
/// # Shapes
///
/// With `D` directions: from `[L, N, input_size]`, or `[N, L, input_size]` with `batch_first`, or `[L, input_size]`
/// for one sequence, to the same with `D·hidden_size`. A state is `[D·num_layers, N, hidden_size]`, without `N` for
/// one sequence.
///
/// Differs from PyTorch: packed sequences are not taken.
///
/// ```
/// use selvedge_nn::{Mode, Rnn, RnnOptions};
/// use tch::{Device, Kind, Tensor};
///
/// let layer = Rnn::with(10, 20, RnnOptions { num_layers: 2, ..RnnOptions::default() })?;
/// let input = Tensor::randn([5, 3, 10], (Kind::Float, Device::Cpu));
/// let (output, state) = layer.forward_with_state(&input, None, Mode::Eval);
/// assert_eq!((output.size(), state.size()), (vec![5, 3, 20], vec![2, 3, 20]));
/// # Ok::<(), selvedge_nn::NnError>(())
/// ```
#[derive(Debug, Module)]
#[module(name = "RNN", extra_repr)]
pub struct Rnn {
    #[module(flatten)]
    stack: Stack,
    #[module(skip)]
    nonlinearity: RnnNonlinearity,
}

impl Rnn {
    /// One layer with PyTorch's defaults.
    ///
    /// # Panics
    ///
    /// When a size is not positive.
    #[must_use]
    #[track_caller]
    pub fn new(input_size: i64, hidden_size: i64) -> Self {
        Self::with(input_size, hidden_size, RnnOptions::default()).expect("the defaults are good")
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
    pub fn with(input_size: i64, hidden_size: i64, options: RnnOptions) -> Result<Self, NnError> {
        let stack = Stack::new("RNN", 1, options.shape(input_size, hidden_size))?;
        Ok(Self { stack, nonlinearity: options.nonlinearity })
    }

    /// The output of the last layer for each step, and the last state of each layer; the first is `state`, or zero.
    ///
    /// # Panics
    ///
    /// When the input or the state has another shape or kind than the layer takes.
    #[track_caller]
    pub fn forward_with_state(&self, input: &Tensor, state: Option<&Tensor>, mode: Mode) -> (Tensor, Tensor) {
        let kernel: HiddenKernel = match self.nonlinearity {
            RnnNonlinearity::Tanh => Tensor::f_rnn_tanh,
            RnnNonlinearity::Relu => Tensor::f_rnn_relu,
        };
        let (output, state) = self.stack.run_hidden(input, state, mode, kernel);
        (observe_products(self, output, |output| self.stack.multiply_adds(output)), state)
    }

    fn extra_repr(&self) -> String {
        self.stack.extra_repr()
    }
}

impl Forward for Rnn {
    /// The output of the last layer for each step, from the state zero.
    #[track_caller]
    fn forward(&self, input: &Tensor, mode: Mode) -> Tensor {
        self.forward_with_state(input, None, mode).0
    }
}
