use tch::Tensor;

use crate::plan::{Chain, Refusal};
use crate::{Mode, RunningStatistics, Visitor};

/// Something that holds parameters, buffers and other modules under names.
///
/// `#[derive(Module)]` writes the implementation, and a `Display` that prints the module the way PyTorch
/// does. Each field is a submodule unless it says otherwise:
///
/// | attribute | the field is |
/// | --- | --- |
/// | none | a submodule, or an `Option` of one |
/// | `#[module(parameter)]` | a parameter: a `Tensor` or an `Option<Tensor>` |
/// | `#[module(buffer)]` | saved with the module but not trained, likewise |
/// | `#[module(flatten)]` | a module whose parts appear as this one's own, without the field's name |
/// | `#[module(skip)]` | anything else |
///
/// On the struct, `#[module(name = "ReLU")]` gives the name to print where it is not the type's own (any
/// expression of type `&'static str`, so that a generic type may choose it), and
/// `#[module(extra_repr)]` prints between the parentheses what the type's own method
/// `fn extra_repr(&self) -> String` returns. `#[module(running_statistics)]` does the same for
/// [`running_statistics`](Module::running_statistics).
///
/// A generic struct gets the bound that its generic submodules are modules: `struct Residual<M> { inner: M }`.
///
/// What follows from a visit comes with [`ModuleExt`](crate::ModuleExt). A module that maps one tensor to
/// another also implements [`Forward`].
///
/// ```
/// use selvedge_nn::{Forward, Linear, Mode, Module, ModuleExt};
/// use tch::Tensor;
///
/// #[derive(Module)]
/// struct Regression {
///     slope: Linear,
/// }
///
/// impl Forward for Regression {
///     fn forward(&self, input: &Tensor, mode: Mode) -> Tensor {
///         self.slope.forward(input, mode)
///     }
/// }
///
/// let model = Regression { slope: Linear::new(3, 1) };
/// assert_eq!(model.parameter_count(), 4);
/// println!("{model}");
/// ```
pub trait Module: Send {
    /// Shows the visitor each parameter, buffer and submodule by name, in the order of the fields.
    fn visit(&self, visitor: &mut dyn Visitor);

    /// The name of the type, as PyTorch prints it.
    fn name(&self) -> &str {
        let path = std::any::type_name::<Self>();
        let path = path.split_once('<').map_or(path, |(path, _)| path);
        path.rsplit_once("::").map_or(path, |(_, name)| name)
    }

    /// What stands between the parentheses when the module is printed, without its submodules.
    fn extra_repr(&self) -> String {
        String::new()
    }

    /// Whether neighbouring submodules that print the same are printed once, as PyTorch does for a
    /// `ModuleList`.
    fn folds_equal_parts(&self) -> bool {
        false
    }

    /// The statistics that a batch normalisation keeps of its inputs; `None` for all other modules.
    fn running_statistics(&self) -> Option<RunningStatistics<'_>> {
        None
    }

    /// Where the module lies in memory, by which a [`summary`](crate::summary()) and [`NamedLayers`](crate::NamedLayers)
    /// know it again.
    #[doc(hidden)]
    fn address(&self) -> usize {
        std::ptr::from_ref(self).cast::<()>().addr()
    }
}

/// A module that maps one tensor to another.
pub trait Forward: Module {
    /// The output of the module for `input`.
    ///
    /// # Panics
    ///
    /// When the shape or kind of `input` is not what the module takes; the message names the layer, what was
    /// expected and what was found.
    #[track_caller]
    fn forward(&self, input: &Tensor, mode: Mode) -> Tensor;

    /// Adds to `chain` what [`forward`](Self::forward) does, one stage after the other, so that it can be
    /// [planned](crate::plan). A module that is no chain refuses, which is the default.
    ///
    /// # Errors
    ///
    /// With the layer that does not offer itself.
    fn chain(&self, chain: &mut Chain) -> Result<(), Refusal> {
        Err(chain.refusal(self.name(), "it does not say what it does as a chain of stages"))
    }
}

impl<M: Module + ?Sized> Module for Box<M> {
    fn visit(&self, visitor: &mut dyn Visitor) {
        (**self).visit(visitor);
    }

    fn name(&self) -> &str {
        (**self).name()
    }

    fn extra_repr(&self) -> String {
        (**self).extra_repr()
    }

    fn folds_equal_parts(&self) -> bool {
        (**self).folds_equal_parts()
    }

    fn running_statistics(&self) -> Option<RunningStatistics<'_>> {
        (**self).running_statistics()
    }

    fn address(&self) -> usize {
        (**self).address()
    }
}

impl<M: Forward + ?Sized> Forward for Box<M> {
    #[track_caller]
    fn forward(&self, input: &Tensor, mode: Mode) -> Tensor {
        (**self).forward(input, mode)
    }

    fn chain(&self, chain: &mut Chain) -> Result<(), Refusal> {
        (**self).chain(chain)
    }
}
