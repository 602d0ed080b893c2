use std::cell::RefCell;
use std::collections::HashMap;
use std::fmt::Display;
use std::marker::PhantomData;

use tch::Tensor;

use crate::{Module, Visitor};

thread_local! {
    /// The paths of the layers of the network that runs on this thread, by address and name: the first field of a
    /// struct lies at the struct's own address.
    static PATHS: RefCell<HashMap<(usize, String), String>> = RefCell::default();
}

/// While it lives, a layer of the network that is given a shape it does not take names its path in the panic, on
/// this thread.
///
/// A layer does not know what it is called in the network that holds it. The training loop of `selvedge-train` makes
/// this for each call, and a loop written by hand can:
///
/// ```should_panic
/// use selvedge_nn::{Forward, Linear, Mode, NamedLayers, Sequential};
/// use tch::{Device, Kind, Tensor};
///
/// let model = Sequential::new().then_named("hidden", Linear::new(784, 256));
/// let _names = NamedLayers::of(&model);
/// // hidden: Linear(in_features=784, out_features=256, bias=True): expected an input of shape [.., 784], found [64, 28]
/// model.forward(&Tensor::zeros([64, 28], (Kind::Float, Device::Cpu)), Mode::Eval);
/// ```
#[derive(Debug)]
#[must_use = "the names are forgotten when it is dropped"]
pub struct NamedLayers<'a> {
    outer: HashMap<(usize, String), String>,
    /// A network that was moved or dropped meanwhile would leave its addresses to others.
    network: PhantomData<&'a ()>,
}

impl<'a> NamedLayers<'a> {
    /// Remembers the paths of the layers of `network`.
    pub fn of<M: Module + ?Sized>(network: &'a M) -> Self {
        let mut paths = Paths::default();
        network.visit(&mut paths);
        Self { outer: PATHS.replace(paths.found), network: PhantomData }
    }
}

impl Drop for NamedLayers<'_> {
    fn drop(&mut self) {
        PATHS.set(std::mem::take(&mut self.outer));
    }
}

/// What a message begins with: the layer as it is printed, after its path where that is known.
pub(crate) fn named(layer: &dyn Display) -> String {
    let printed = layer.to_string();
    let name = printed.split('(').next().unwrap_or_default();
    let address = std::ptr::from_ref(layer).cast::<()>().addr();
    let path = PATHS.with_borrow(|paths| paths.get(&(address, name.to_owned())).cloned());
    path.map_or_else(|| printed.clone(), |path| format!("{path}: {printed}"))
}

#[derive(Default)]
struct Paths {
    path: Vec<String>,
    found: HashMap<(usize, String), String>,
}

impl Visitor for Paths {
    fn parameter(&mut self, _: &str, _: &Tensor) {}

    fn buffer(&mut self, _: &str, _: &Tensor) {}

    fn module(&mut self, name: &str, module: &dyn Module) {
        self.path.push(name.to_owned());
        self.found.insert((module.address(), module.name().to_owned()), self.path.join("."));
        module.visit(self);
        self.path.pop();
    }
}
