use selvedge_golden::Case;
use selvedge_nn::{Forward, Mode, Module, Visitor};
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};
use tch::Tensor;

use crate::{activations, convolutions, layers, norms, pools, sequences};

/// PyTorch's names, and how to make our unit of the arguments of PyTorch's constructor.
pub(crate) type Table = &'static [(&'static str, fn(&mut Arguments<'_>) -> Box<dyn Unit>)];

/// The tables, by family.
const UNITS: [Table; 6] =
    [activations::UNITS, convolutions::UNITS, layers::UNITS, norms::UNITS, pools::UNITS, sequences::UNITS];

/// A module under test, whatever it takes and returns.
pub(crate) trait Unit: Module {
    fn run(&self, inputs: &[Tensor], mode: Mode) -> Vec<Tensor>;
}

/// A module that maps a tensor to a tensor.
pub(crate) fn one(module: impl Forward + 'static) -> Box<dyn Unit> {
    many(module, |module, inputs, mode| vec![module.forward(&inputs[0], mode)])
}

/// A module that takes or returns something else.
pub(crate) fn many<M: Module + 'static>(
    module: M,
    run: impl Fn(&M, &[Tensor], Mode) -> Vec<Tensor> + Send + 'static,
) -> Box<dyn Unit> {
    Box::new(Many { module, run })
}

struct Many<M, F> {
    module: M,
    run: F,
}

impl<M: Module, F: Send> Module for Many<M, F> {
    fn visit(&self, visitor: &mut dyn Visitor) {
        self.module.visit(visitor);
    }

    fn name(&self) -> &str {
        self.module.name()
    }

    fn extra_repr(&self) -> String {
        self.module.extra_repr()
    }

    fn folds_equal_parts(&self) -> bool {
        self.module.folds_equal_parts()
    }
}

impl<M: Module, F: Fn(&M, &[Tensor], Mode) -> Vec<Tensor> + Send> Unit for Many<M, F> {
    fn run(&self, inputs: &[Tensor], mode: Mode) -> Vec<Tensor> {
        (self.run)(&self.module, inputs, mode)
    }
}

/// Our unit for a case.
pub(crate) fn build(case: &Case) -> Box<dyn Unit> {
    let (_, build) = UNITS
        .iter()
        .copied()
        .flatten()
        .find(|(name, _)| *name == case.unit)
        .unwrap_or_else(|| panic!("no entry for {} in the tables", case.unit));
    build(&mut Arguments { case, arguments: object(&case.options["arguments"]) })
}

fn object(arguments: &Value) -> Map<String, Value> {
    arguments.as_object().expect("arguments by name").clone()
}

/// What PyTorch was given. The arguments of the constructor are to be taken one by one and then, what is left, as
/// options.
pub(crate) struct Arguments<'a> {
    case: &'a Case,
    arguments: Map<String, Value>,
}

impl<'a> Arguments<'a> {
    /// Takes an argument out.
    pub(crate) fn take<T: DeserializeOwned>(&mut self, name: &str) -> T {
        let value = self.arguments.remove(name).unwrap_or(Value::Null);
        serde_json::from_value(value).unwrap_or_else(|error| panic!("{}: {name}: {error}", self.case.name))
    }

    /// Takes out an argument that was itself made of arguments.
    pub(crate) fn inner(&mut self, name: &str) -> Arguments<'a> {
        Arguments { case: self.case, arguments: object(&self.take(name)) }
    }

    /// Makes the options, or a whole unit, of the arguments that are left.
    pub(crate) fn options<T: DeserializeOwned>(&mut self) -> T {
        let arguments = Value::Object(std::mem::take(&mut self.arguments));
        serde_json::from_value(arguments).unwrap_or_else(|error| panic!("{}: {error}", self.case.name))
    }

    /// Whether the call was given this option by name, and which value.
    pub(crate) fn call(&self, name: &str) -> Option<bool> {
        self.case.options["call"][name].as_bool()
    }

    /// The tensor that the call was given by name.
    pub(crate) fn mask(&self, name: &str) -> Option<Tensor> {
        self.case.get(&format!("mask.{name}"))
    }
}
