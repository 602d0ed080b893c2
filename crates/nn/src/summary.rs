mod observe;
mod table;

use tch::{Device, Kind, Tensor};

pub(crate) use observe::products;
pub use observe::{observe, observe_products};

use crate::{Forward, Mode, Module, ModuleExt, Visitor};
use observe::Recording;

/// What is in a network: for each layer its path, type, output shape, parameters and multiply-adds.
///
/// Its `Display` is a table. See [`summary`].
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
#[non_exhaustive]
pub struct Summary {
    /// The layers, in the order of the module.
    pub layers: Vec<LayerSummary>,
    /// The number of values in all parameters.
    pub parameters: usize,
    /// How many of them have gradients computed.
    pub trained_parameters: usize,
    /// The multiply-adds of all layers, for the whole input.
    pub multiply_adds: i64,
}

/// One layer of a [`Summary`].
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
#[non_exhaustive]
pub struct LayerSummary {
    /// The dotted path, empty for the module itself.
    pub path: String,
    /// PyTorch's name of the type.
    pub name: String,
    /// The shape of the last output, or `None` where the layer did not run.
    pub output: Option<Vec<i64>>,
    /// The number of values in the layer's own parameters.
    pub parameters: usize,
    /// The multiplications, each with an addition, in products with the layer's weights and, in an attention, of
    /// the sequences with each other; summed over all its runs.
    pub multiply_adds: i64,
    #[serde(skip)]
    address: usize,
    #[serde(skip)]
    runs: usize,
}

/// Runs `module` once on zeros of the shape `input`, in [`Mode::Eval`] and unseen by autograd, and tells what ran.
///
/// Listed are the modules that have parameters of their own and those without parts. A layer of another crate has an
/// output shape when its `forward` calls [`observe`].
///
/// # Panics
///
/// When `module` does not take that shape. For a network that takes no floating-point numbers, give
/// [`Summary::of`] an input.
///
/// ```
/// use selvedge_nn::{Linear, LogSoftmax, Relu, Sequential, summary};
///
/// let network = Sequential::new()
///     .then_named("hidden", Linear::new(784, 256))
///     .then_named("activation", Relu)
///     .then_named("output", Linear::new(256, 10))
///     .then_named("log_softmax", LogSoftmax::new(1));
/// let summary = summary(&network, &[64, 784]);
/// assert_eq!(summary.parameters, 203_530);
/// assert_eq!(summary.multiply_adds, 64 * (784 * 256 + 256 * 10));
/// assert_eq!(
///     summary.to_string(),
///     "\
/// Layer        Type        Output     Parameters  Multiply-adds
/// hidden       Linear      [64, 256]     200,960     12,845,056
/// activation   ReLU        [64, 256]           0              0
/// output       Linear      [64, 10]        2,570        163,840
/// log_softmax  LogSoftmax  [64, 10]            0              0
/// Total                                  203,530     13,008,896"
/// );
/// ```
#[must_use]
#[track_caller]
pub fn summary<M: Forward>(module: &M, input: &[i64]) -> Summary {
    let parameter = module.parameters().into_iter().next();
    let options = parameter.map_or((Kind::Float, Device::Cpu), |it| (it.kind(), it.device()));
    Summary::of(module, &Tensor::zeros(input, options))
}

impl Summary {
    /// Runs `module` once on `input`, as [`summary`] does.
    ///
    /// # Panics
    ///
    /// When `module` does not take `input`.
    #[must_use]
    #[track_caller]
    pub fn of<M: Forward>(module: &M, input: &Tensor) -> Self {
        let recording = Recording::start();
        {
            let _no_grad = tch::no_grad_guard();
            let _ = module.forward(input, Mode::Eval);
        }
        let mut layers = Layers::default();
        layers.add(module);
        let mut layers = layers.found;
        for observed in recording.finish() {
            // Values without a size may share an address, as many a ReLU does; those take turns.
            let same =
                |layer: &&mut LayerSummary| layer.address == observed.address && layer.name == observed.name;
            if let Some(layer) = layers.iter_mut().filter(same).min_by_key(|layer| layer.runs) {
                layer.runs += 1;
                layer.multiply_adds += observed.multiply_adds;
                layer.output = Some(observed.output);
            }
        }
        let trained = module.parameters().into_iter().filter(Tensor::requires_grad);
        Self {
            parameters: module.parameter_count(),
            trained_parameters: trained.map(|parameter| parameter.numel()).sum(),
            multiply_adds: layers.iter().map(|layer| layer.multiply_adds).sum(),
            layers,
        }
    }
}

/// Finds the modules that have parameters of their own or no parts.
#[derive(Default)]
struct Layers {
    path: Vec<String>,
    found: Vec<LayerSummary>,
    own_parameters: usize,
    parts: usize,
}

impl Layers {
    fn add(&mut self, module: &dyn Module) {
        let (outer_parameters, outer_parts) = (self.own_parameters, self.parts);
        (self.own_parameters, self.parts) = (0, 0);
        let place = self.found.len();
        module.visit(self);
        if self.own_parameters > 0 || self.parts == 0 {
            let layer = LayerSummary {
                path: self.path.join("."),
                name: module.name().to_owned(),
                output: None,
                parameters: self.own_parameters,
                multiply_adds: 0,
                address: module.address(),
                runs: 0,
            };
            self.found.insert(place, layer);
        }
        (self.own_parameters, self.parts) = (outer_parameters, outer_parts);
    }
}

impl Visitor for Layers {
    fn parameter(&mut self, _: &str, parameter: &Tensor) {
        self.own_parameters += parameter.numel();
    }

    fn buffer(&mut self, _: &str, _: &Tensor) {}

    fn module(&mut self, name: &str, module: &dyn Module) {
        self.parts += 1;
        self.path.push(name.to_owned());
        self.add(module);
        self.path.pop();
    }
}
