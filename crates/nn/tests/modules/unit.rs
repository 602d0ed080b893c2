use selvedge_golden::Case;
use selvedge_nn::{Forward, Mode, Module, Visitor};
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};
use tch::Tensor;

/// PyTorch's names, and how to make our unit of the arguments of PyTorch's constructor.
pub(crate) type Table = &'static [(&'static str, fn(&mut Arguments) -> Box<dyn Unit>)];

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
    run: fn(&M, &[Tensor], Mode) -> Vec<Tensor>,
) -> Box<dyn Unit> {
    Box::new(Many { module, run })
}

struct Many<M> {
    module: M,
    run: fn(&M, &[Tensor], Mode) -> Vec<Tensor>,
}

impl<M: Module> Module for Many<M> {
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

impl<M: Module> Unit for Many<M> {
    fn run(&self, inputs: &[Tensor], mode: Mode) -> Vec<Tensor> {
        (self.run)(&self.module, inputs, mode)
    }
}

/// Our unit for a case.
pub(crate) fn build(case: &Case, table: Table) -> Box<dyn Unit> {
    let (_, build) = table
        .iter()
        .find(|(name, _)| *name == case.unit)
        .unwrap_or_else(|| panic!("no entry for {} in the table", case.unit));
    let arguments = case.options["arguments"].as_object().expect("arguments by name").clone();
    build(&mut Arguments { case: case.name.clone(), arguments })
}

/// The arguments of PyTorch's constructor, to be taken one by one and then, what is left, as options.
pub(crate) struct Arguments {
    case: String,
    arguments: Map<String, Value>,
}

impl Arguments {
    /// Takes an argument out.
    pub(crate) fn take<T: DeserializeOwned>(&mut self, name: &str) -> T {
        let value = self.arguments.remove(name).unwrap_or(Value::Null);
        serde_json::from_value(value).unwrap_or_else(|error| panic!("{}: {name}: {error}", self.case))
    }

    /// Makes the options, or a whole unit, of the arguments that are left.
    pub(crate) fn options<T: DeserializeOwned>(&mut self) -> T {
        let arguments = Value::Object(std::mem::take(&mut self.arguments));
        serde_json::from_value(arguments).unwrap_or_else(|error| panic!("{}: {error}", self.case))
    }
}
