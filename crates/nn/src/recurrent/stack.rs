use tch::{TchError, Tensor};

use crate::repr::python::{self, Python};
use crate::{Mode, Module, NnError, Visitor, misuse, parameter};

/// The sizes and options that the recurrent layers share.
#[derive(Debug, Clone, Copy)]
pub(super) struct Shape {
    pub(super) input_size: i64,
    pub(super) hidden_size: i64,
    pub(super) proj_size: i64,
    pub(super) num_layers: i64,
    pub(super) bias: bool,
    pub(super) batch_first: bool,
    pub(super) dropout: f64,
    pub(super) bidirectional: bool,
}

impl Shape {
    fn checked(self, unit: &'static str) -> Result<Self, NnError> {
        let refused = |option, expected, found: &dyn Python| {
            Err(NnError::option(unit, option, expected, found.python()))
        };
        if self.num_layers < 1 {
            return refused("num_layers", "at least 1", &self.num_layers);
        }
        if !(0.0..=1.0).contains(&self.dropout) {
            return refused("dropout", "a probability in [0, 1]", &self.dropout);
        }
        if !(0..self.hidden_size).contains(&self.proj_size) {
            return refused("proj_size", "at least 0 and smaller than hidden_size", &self.proj_size);
        }
        Ok(self)
    }

    /// The length of a hidden state.
    fn state_size(&self) -> i64 {
        if self.proj_size > 0 { self.proj_size } else { self.hidden_size }
    }

    fn directions(&self) -> i64 {
        if self.bidirectional { 2 } else { 1 }
    }

    /// The names and sizes of the weights, in PyTorch's order.
    fn weights(&self, gates: i64) -> Vec<(String, Vec<i64>)> {
        let gates = gates * self.hidden_size;
        let mut weights = Vec::new();
        for layer in 0..self.num_layers {
            let input_size = if layer == 0 { self.input_size } else { self.state_size() * self.directions() };
            for reverse in ["", "_reverse"].into_iter().take(self.directions() as usize) {
                let mut add = |name: &str, size: &[i64]| {
                    weights.push((format!("{name}_l{layer}{reverse}"), size.to_vec()));
                };
                add("weight_ih", &[gates, input_size]);
                add("weight_hh", &[gates, self.state_size()]);
                if self.bias {
                    add("bias_ih", &[gates]);
                    add("bias_hh", &[gates]);
                }
                if self.proj_size > 0 {
                    add("weight_hr", &[self.proj_size, self.hidden_size]);
                }
            }
        }
        weights
    }
}

/// The weights of a recurrent layer and how they are run.
#[derive(Debug)]
pub(super) struct Stack {
    unit: &'static str,
    names: Vec<String>,
    weights: Vec<Tensor>,
    shape: Shape,
}

/// A kernel of libtorch for layers whose state is one tensor: input, state, weights, biases, layers, dropout,
/// training, bidirectional, batch first.
pub(super) type HiddenKernel =
    fn(&Tensor, &Tensor, &[Tensor], bool, i64, f64, bool, bool, bool) -> Result<(Tensor, Tensor), TchError>;

/// What a kernel of libtorch is given.
pub(super) struct Call<'a> {
    pub(super) input: Tensor,
    pub(super) state: Vec<Tensor>,
    pub(super) weights: &'a [Tensor],
    pub(super) shape: &'a Shape,
    pub(super) train: bool,
}

impl Stack {
    #[track_caller]
    pub(super) fn new(unit: &'static str, gates: i64, shape: Shape) -> Result<Self, NnError> {
        let Shape { input_size, hidden_size, .. } = shape;
        assert!(input_size > 0, "{unit}: expected input_size of at least 1, found {input_size}");
        assert!(hidden_size > 0, "{unit}: expected hidden_size of at least 1, found {hidden_size}");
        let shape = shape.checked(unit)?;
        let bound = 1.0 / (hidden_size as f64).sqrt();
        let (names, weights) = shape
            .weights(gates)
            .into_iter()
            .map(|(name, size)| (name, parameter::uniform(&size, bound)))
            .unzip();
        Ok(Self { unit, names, weights, shape })
    }

    /// The lengths of the hidden state and, where there is one, of the cell.
    pub(super) fn state_sizes(&self) -> [i64; 2] {
        [self.shape.state_size(), self.shape.hidden_size]
    }

    /// Runs `kernel` over a batch or a single sequence. A state that is not given is zero; `lengths` has the length
    /// of each.
    #[track_caller]
    pub(super) fn run(
        &self,
        input: &Tensor,
        given: Option<&[&Tensor]>,
        lengths: &[i64],
        mode: Mode,
        kernel: impl FnOnce(&Call<'_>) -> Result<(Tensor, Vec<Tensor>), TchError>,
    ) -> (Tensor, Vec<Tensor>) {
        let Self { unit, shape, .. } = self;
        let size = input.size();
        let batched = size.len() == 3;
        if !(2..=3).contains(&size.len()) || size.last() != Some(&shape.input_size) {
            let features = shape.input_size;
            let layout = if shape.batch_first { "[N, L" } else { "[L, N" };
            misuse::shape(self, format_args!("[L, {features}] or {layout}, {features}]"), input);
        }
        let kind = self.weights[0].kind();
        assert!(input.kind() == kind, "{unit}: expected an input of kind {kind:?}, found {:?}", input.kind());
        let batch_dim = i64::from(!shape.batch_first);
        let input = if batched { input.shallow_clone() } else { input.unsqueeze(batch_dim) };
        let batch = input.size()[batch_dim as usize];
        let layers = shape.num_layers * shape.directions();
        let state = lengths.iter().enumerate().map(|(index, &length)| {
            let Some(state) = given.map(|given| given[index]) else {
                return Tensor::zeros([layers, batch, length], (kind, input.device()));
            };
            let state_batch = batched.then_some(batch);
            let expected: Vec<i64> =
                [Some(layers), state_batch, Some(length)].into_iter().flatten().collect();
            let found = state.size();
            assert!(found == expected, "{unit}: expected a state of shape {expected:?}, found {found:?}");
            if batched { state.shallow_clone() } else { state.unsqueeze(1) }
        });
        let state = state.collect();
        let call = Call { input, state, weights: &self.weights, shape, train: mode.is_train() };
        let (output, state) = misuse::torch(unit, &call.input, kernel(&call));
        if batched {
            return (output, state);
        }
        (output.squeeze_dim(batch_dim), state.iter().map(|state| state.squeeze_dim(1)).collect())
    }
}

impl Stack {
    /// Those of the products with all weights at each step.
    pub(super) fn multiply_adds(&self, output: &Tensor) -> i64 {
        let steps = output.numel() as i64 / (self.shape.state_size() * self.shape.directions());
        let matrices = self.weights.iter().filter(|weight| weight.dim() == 2);
        steps * matrices.map(|weight| weight.numel() as i64).sum::<i64>()
    }

    /// [`run`](Self::run) for a kernel whose state is one tensor.
    #[track_caller]
    pub(super) fn run_hidden(
        &self,
        input: &Tensor,
        state: Option<&Tensor>,
        mode: Mode,
        kernel: HiddenKernel,
    ) -> (Tensor, Tensor) {
        let given = state.map(|state| [state]);
        let given = given.as_ref().map(|given| &given[..]);
        let (output, mut state) = self.run(input, given, &self.state_sizes()[..1], mode, |call| {
            let Call { input, state, weights, shape, train } = call;
            let (output, state) = kernel(
                input,
                &state[0],
                weights,
                shape.bias,
                shape.num_layers,
                shape.dropout,
                *train,
                shape.bidirectional,
                shape.batch_first,
            )?;
            Ok((output, vec![state]))
        });
        (output, state.remove(0))
    }
}

impl Module for Stack {
    fn visit(&self, visitor: &mut dyn Visitor) {
        for (name, weight) in self.names.iter().zip(&self.weights) {
            visitor.parameter(name, weight);
        }
    }

    fn name(&self) -> &str {
        self.unit
    }

    fn extra_repr(&self) -> String {
        let shape = &self.shape;
        let differing = python::differing(&[
            (shape.proj_size != 0, "proj_size", &shape.proj_size),
            (shape.num_layers != 1, "num_layers", &shape.num_layers),
            (!shape.bias, "bias", &false),
            (shape.batch_first, "batch_first", &true),
            (shape.dropout != 0.0, "dropout", &shape.dropout),
            (shape.bidirectional, "bidirectional", &true),
        ]);
        format!("{}, {}{differing}", shape.input_size, shape.hidden_size)
    }
}

impl std::fmt::Display for Stack {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        crate::write_repr(self, f)
    }
}
