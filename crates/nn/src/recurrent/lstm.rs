use tch::Tensor;

use super::LstmOptions;
use super::stack::{Shape, Stack};
use crate::{Forward, Mode, Module, NnError, observe_products};

/// Long short-term memory, whose cell keeps what the gates let in until they let it go; PyTorch's `LSTM`, by
/// Hochreiter and Schmidhuber, 1997.
///
/// ```text
/// i = σ(W_ii · input + b_ii + W_hi · hidden + b_hi)
/// f = σ(W_if · input + b_if + W_hf · hidden + b_hf)
/// g = tanh(W_ig · input + b_ig + W_hg · hidden + b_hg)
/// o = σ(W_io · input + b_io + W_ho · hidden + b_ho)
/// cell = f ⊙ cell + i ⊙ g
/// hidden = o ⊙ tanh(cell), or W_hr · (o ⊙ tanh(cell)) with proj_size
/// ```
///
/// Weights and biases are drawn and named as those of [`Rnn`](crate::Rnn), with the rows of i, f, g and o one below
/// the other, and `weight_hr_l0` for the projection.
///
/// # Shapes
///
/// As those of [`Rnn`](crate::Rnn); with `proj_size`, which stands for `hidden_size` in the output and the hidden
/// state.
///
/// Differs from PyTorch: packed sequences are not taken.
///
/// ```
/// use selvedge_nn::{Lstm, LstmOptions, Mode};
/// use tch::{Device, Kind, Tensor};
///
/// let layer = Lstm::with(10, 20, LstmOptions { batch_first: true, ..LstmOptions::default() })?;
/// let input = Tensor::randn([3, 5, 10], (Kind::Float, Device::Cpu));
/// let (output, state) = layer.forward_with_state(&input, None, Mode::Eval);
/// let (more, _) = layer.forward_with_state(&input, Some(&state), Mode::Eval);
/// assert_eq!((output.size(), more.size(), state.cell.size()), (vec![3, 5, 20], vec![3, 5, 20], vec![1, 3, 20]));
/// # Ok::<(), selvedge_nn::NnError>(())
/// ```
#[derive(Debug, Module)]
#[module(name = "LSTM", extra_repr)]
pub struct Lstm {
    #[module(flatten)]
    stack: Stack,
}

/// What an [`Lstm`] carries from one step to the next; PyTorch's pair `(h, c)`.
#[derive(Debug)]
pub struct LstmState {
    /// `[D·num_layers, N, hidden_size]`, or with `proj_size` for `hidden_size`.
    pub hidden: Tensor,
    /// `[D·num_layers, N, hidden_size]`.
    pub cell: Tensor,
}

impl Lstm {
    /// One layer with PyTorch's defaults.
    ///
    /// # Panics
    ///
    /// When a size is not positive.
    #[must_use]
    #[track_caller]
    pub fn new(input_size: i64, hidden_size: i64) -> Self {
        Self::with(input_size, hidden_size, LstmOptions::default()).expect("the defaults are good")
    }

    /// Layers with options.
    ///
    /// # Errors
    ///
    /// When `num_layers` is not positive, `dropout` lies outside `[0, 1]`, or `proj_size` is negative or not smaller
    /// than `hidden_size`.
    ///
    /// # Panics
    ///
    /// When a size is not positive.
    #[track_caller]
    pub fn with(input_size: i64, hidden_size: i64, options: LstmOptions) -> Result<Self, NnError> {
        let shape = Shape { proj_size: options.proj_size, ..options.shape(input_size, hidden_size) };
        Ok(Self { stack: Stack::new("LSTM", 4, shape)? })
    }

    /// The output of the last layer for each step, and the last state of each layer; the first is `state`, or zero.
    ///
    /// # Panics
    ///
    /// When the input or the state has another shape or kind than the layer takes.
    #[track_caller]
    pub fn forward_with_state(
        &self,
        input: &Tensor,
        state: Option<&LstmState>,
        mode: Mode,
    ) -> (Tensor, LstmState) {
        let given = state.map(|state| [&state.hidden, &state.cell]);
        let lengths = self.stack.state_sizes();
        let (output, mut state) =
            self.stack.run(input, given.as_ref().map(|given| &given[..]), &lengths, mode, |call| {
                let shape = call.shape;
                let (output, hidden, cell) = call.input.f_lstm(
                    &call.state,
                    call.weights,
                    shape.bias,
                    shape.num_layers,
                    shape.dropout,
                    call.train,
                    shape.bidirectional,
                    shape.batch_first,
                )?;
                Ok((output, vec![cell, hidden]))
            });
        let hidden = state.remove(1);
        let output = observe_products(self, output, |output| self.stack.multiply_adds(output));
        (output, LstmState { hidden, cell: state.remove(0) })
    }

    fn extra_repr(&self) -> String {
        self.stack.extra_repr()
    }
}

impl Forward for Lstm {
    /// The output of the last layer for each step, from the state zero.
    #[track_caller]
    fn forward(&self, input: &Tensor, mode: Mode) -> Tensor {
        self.forward_with_state(input, None, mode).0
    }
}
