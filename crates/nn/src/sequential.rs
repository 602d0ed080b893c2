use tch::Tensor;

use crate::plan::{Chain, Refusal};
use crate::{Forward, Mode, Module, Visitor};

/// Modules in a row, each given the output of the one before. PyTorch: `torch.nn.Sequential`.
///
/// The parts are named by their index, or by [`then_named`](Self::then_named), PyTorch's `OrderedDict`.
///
/// ```
/// use selvedge_nn::{Forward, Linear, Mode, Relu, Sequential};
/// use tch::{Device, Kind, Tensor};
///
/// let network = Sequential::new().then(Linear::new(784, 256)).then(Relu).then(Linear::new(256, 10));
/// let images = Tensor::randn([64, 784], (Kind::Float, Device::Cpu));
/// assert_eq!(network.forward(&images, Mode::Eval).size(), [64, 10]);
///
/// let named = Sequential::new().then_named("hidden", Linear::new(784, 256)).then_named("relu", Relu);
/// assert_eq!(
///     named.to_string(),
///     "Sequential(
///   (hidden): Linear(in_features=784, out_features=256, bias=True)
///   (relu): ReLU()
/// )"
/// );
/// ```
#[derive(Default)]
pub struct Sequential {
    parts: Vec<(String, Box<dyn Forward>)>,
}

impl Sequential {
    /// An empty row, which returns its input.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Appends a module, named by its index.
    ///
    /// # Panics
    ///
    /// When a part already has that name.
    #[must_use]
    #[track_caller]
    pub fn then(self, module: impl Forward + 'static) -> Self {
        let name = self.parts.len().to_string();
        self.then_named(name, module)
    }

    /// Appends a module under a name.
    ///
    /// # Panics
    ///
    /// When the name is empty or has a dot, or a part already has it.
    #[must_use]
    #[track_caller]
    pub fn then_named(mut self, name: impl Into<String>, module: impl Forward + 'static) -> Self {
        self.push(name.into(), Box::new(module));
        self
    }

    #[track_caller]
    fn push(&mut self, name: String, module: Box<dyn Forward>) {
        crate::visitor::check_name("Sequential", &name, self.parts.iter().map(|(known, _)| known));
        self.parts.push((name, module));
    }

    /// The number of parts.
    #[must_use]
    pub fn len(&self) -> usize {
        self.parts.len()
    }

    /// Whether there are no parts.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.parts.is_empty()
    }

    /// The names and the parts, in order.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (&str, &dyn Forward)> {
        self.parts.iter().map(|(name, module)| (name.as_str(), module.as_ref()))
    }

    /// The part at an index.
    #[must_use]
    pub fn get(&self, index: usize) -> Option<&dyn Forward> {
        self.parts.get(index).map(|(_, module)| module.as_ref())
    }
}

impl Module for Sequential {
    fn visit(&self, visitor: &mut dyn Visitor) {
        for (name, module) in &self.parts {
            visitor.module(name, module);
        }
    }
}

impl Forward for Sequential {
    #[track_caller]
    fn forward(&self, input: &Tensor, mode: Mode) -> Tensor {
        // No closure, whose panics would name a line of this file.
        let mut value: Option<Tensor> = None;
        for (_, module) in &self.parts {
            value = Some(module.forward(value.as_ref().unwrap_or(input), mode));
        }
        value.unwrap_or_else(|| input.shallow_clone())
    }

    fn chain(&self, chain: &mut Chain) -> Result<(), Refusal> {
        self.parts.iter().try_for_each(|(name, module)| chain.then(name, module).map(drop))
    }
}

/// Gathers modules, each named by its index.
impl FromIterator<Box<dyn Forward>> for Sequential {
    fn from_iter<I: IntoIterator<Item = Box<dyn Forward>>>(modules: I) -> Self {
        let parts = modules.into_iter().enumerate().map(|(index, module)| (index.to_string(), module));
        Self { parts: parts.collect() }
    }
}

impl std::fmt::Display for Sequential {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        crate::write_repr(self, f)
    }
}

impl std::fmt::Debug for Sequential {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        crate::write_repr(self, f)
    }
}
