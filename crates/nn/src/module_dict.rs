use crate::{Forward, Module, Visitor};

/// Modules under names, in the order they were inserted. PyTorch: `torch.nn.ModuleDict`.
///
/// By default of boxed modules of any type, otherwise of one type.
///
/// ```
/// use selvedge_nn::{LeakyRelu, ModuleDict, Relu};
///
/// let mut activations: ModuleDict = ModuleDict::new();
/// activations.insert("relu", Box::new(Relu));
/// activations.insert("leaky", Box::new(LeakyRelu::default()));
/// assert!(activations.get("relu").is_some());
/// assert_eq!(
///     activations.to_string(),
///     "ModuleDict(
///   (relu): ReLU()
///   (leaky): LeakyReLU(negative_slope=0.01)
/// )"
/// );
/// ```
#[derive(Debug)]
pub struct ModuleDict<M = Box<dyn Forward>> {
    parts: Vec<(String, M)>,
}

impl<M> ModuleDict<M> {
    /// An empty dict.
    #[must_use]
    pub fn new() -> Self {
        Self { parts: Vec::new() }
    }

    /// Adds a module, or puts it in the place of the one of that name, which is returned.
    ///
    /// # Panics
    ///
    /// When the name is empty or has a dot.
    #[track_caller]
    pub fn insert(&mut self, name: impl Into<String>, module: M) -> Option<M> {
        let name = name.into();
        if let Some((_, known)) = self.parts.iter_mut().find(|(known, _)| *known == name) {
            return Some(std::mem::replace(known, module));
        }
        crate::visitor::check_name("ModuleDict", &name, std::iter::empty());
        self.parts.push((name, module));
        None
    }

    /// Takes a module out.
    pub fn remove(&mut self, name: &str) -> Option<M> {
        let index = self.parts.iter().position(|(known, _)| known == name)?;
        Some(self.parts.remove(index).1)
    }

    /// The module of a name.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&M> {
        self.parts.iter().find_map(|(known, module)| (known == name).then_some(module))
    }

    /// The names and the modules, in order.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (&str, &M)> {
        self.parts.iter().map(|(name, module)| (name.as_str(), module))
    }

    /// The number of modules.
    #[must_use]
    pub fn len(&self) -> usize {
        self.parts.len()
    }

    /// Whether there are no modules.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.parts.is_empty()
    }
}

impl<M> Default for ModuleDict<M> {
    fn default() -> Self {
        Self::new()
    }
}

impl<M: Module> Module for ModuleDict<M> {
    fn visit(&self, visitor: &mut dyn Visitor) {
        for (name, module) in &self.parts {
            visitor.module(name, module);
        }
    }
}

impl<M: Module> std::fmt::Display for ModuleDict<M> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        crate::write_repr(self, f)
    }
}
