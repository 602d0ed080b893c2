use tch::{Device, Kind, Tensor};

use crate::visitor::{Role, walk};
use crate::{Module, NnError, StateDict, StateDictDiff, state_dict};

/// What follows from a visit, for every [`Module`].
pub trait ModuleExt: Module {
    /// The parameters with their dotted paths, such as `hidden1.weight`, in PyTorch's order. The tensors are
    /// handles to the module's own.
    fn named_parameters(&self) -> Vec<(String, Tensor)>;

    /// The parameters, without their names.
    fn parameters(&self) -> Vec<Tensor> {
        self.named_parameters().into_iter().map(|(_, parameter)| parameter).collect()
    }

    /// The buffers with their dotted paths.
    fn named_buffers(&self) -> Vec<(String, Tensor)>;

    /// The parameters and buffers by path, as handles to the module's own tensors.
    fn state_dict(&self) -> StateDict;

    /// Copies the tensors of a state dict of the same model into the module's own; PyTorch's
    /// `load_state_dict(state, strict=True)`.
    ///
    /// # Errors
    ///
    /// When a path is missing or unexpected, or a shape differs: the error shows all the differences, and
    /// nothing was copied.
    fn load_state_dict(&self, state: &StateDict) -> Result<(), NnError>;

    /// Copies those tensors that both have, and returns which are missing or unexpected; PyTorch's
    /// `load_state_dict(state, strict=False)`.
    ///
    /// # Errors
    ///
    /// When a shape differs; nothing was copied then.
    fn load_state_dict_lenient(&self, state: &StateDict) -> Result<StateDictDiff, NnError>;

    /// The number of values in all parameters.
    fn parameter_count(&self) -> usize {
        self.parameters().iter().map(Tensor::numel).sum()
    }

    /// Moves every parameter and buffer to `device`, in place, so that an optimizer that already holds the
    /// parameters goes on with them.
    fn to(&self, device: Device);

    /// Converts every floating-point parameter and buffer to `kind`, in place.
    fn to_kind(&self, kind: Kind);

    /// Sets whether gradients are computed for the parameters; PyTorch's `requires_grad_`.
    fn requires_grad_(&self, requires_grad: bool);

    /// Stops computing gradients for the parameters.
    fn freeze(&self) {
        self.requires_grad_(false);
    }
}

impl<M: Module + ?Sized> ModuleExt for M {
    fn named_parameters(&self) -> Vec<(String, Tensor)> {
        collect(self, Role::Parameter)
    }

    fn named_buffers(&self) -> Vec<(String, Tensor)> {
        collect(self, Role::Buffer)
    }

    fn state_dict(&self) -> StateDict {
        let mut state = StateDict::new();
        walk(self, &mut |path, _, tensor| {
            state.insert(path, tensor.detach());
        });
        state
    }

    fn load_state_dict(&self, state: &StateDict) -> Result<(), NnError> {
        state_dict::load(self, state, true).map(drop)
    }

    fn load_state_dict_lenient(&self, state: &StateDict) -> Result<StateDictDiff, NnError> {
        state_dict::load(self, state, false)
    }

    fn to(&self, device: Device) {
        let _no_grad = tch::no_grad_guard();
        walk(self, &mut |_, _, tensor| {
            tensor.shallow_clone().set_data(&tensor.to_device(device));
        });
    }

    fn to_kind(&self, kind: Kind) {
        let _no_grad = tch::no_grad_guard();
        walk(self, &mut |_, _, tensor| {
            if tensor.is_floating_point() {
                tensor.shallow_clone().set_data(&tensor.to_kind(kind));
            }
        });
    }

    fn requires_grad_(&self, requires_grad: bool) {
        walk(self, &mut |_, role, tensor| {
            if role == Role::Parameter {
                let _ = tensor.set_requires_grad(requires_grad);
            }
        });
    }
}

fn collect<M: Module + ?Sized>(module: &M, wanted: Role) -> Vec<(String, Tensor)> {
    let mut found = Vec::new();
    walk(module, &mut |path, role, tensor| {
        if role == wanted {
            found.push((path.to_owned(), tensor.shallow_clone()));
        }
    });
    found
}
