use crate::{Forward, Module, Visitor};

/// Modules under their indices, without an order of calls of its own. PyTorch: `torch.nn.ModuleList`.
///
/// By default of boxed modules of any type, otherwise of one type.
///
/// ```
/// use selvedge_nn::{Linear, ModuleExt, ModuleList};
///
/// let layers: ModuleList<Linear> = (0..3).map(|_| Linear::new(8, 8)).collect();
/// assert_eq!(layers[1].in_features(), 8);
/// assert_eq!(layers.named_parameters()[2].0, "1.weight");
/// assert_eq!(
///     layers.to_string(),
///     "ModuleList(
///   (0-2): 3 x Linear(in_features=8, out_features=8, bias=True)
/// )"
/// );
/// ```
#[derive(Debug)]
pub struct ModuleList<M = Box<dyn Forward>> {
    modules: Vec<M>,
}

impl<M> ModuleList<M> {
    /// An empty list.
    #[must_use]
    pub fn new() -> Self {
        Self { modules: Vec::new() }
    }

    /// Appends a module.
    pub fn push(&mut self, module: M) {
        self.modules.push(module);
    }

    /// The modules, in order.
    pub fn iter(&self) -> std::slice::Iter<'_, M> {
        self.modules.iter()
    }
}

impl<M> Default for ModuleList<M> {
    fn default() -> Self {
        Self::new()
    }
}

/// The modules, as a slice.
impl<M> std::ops::Deref for ModuleList<M> {
    type Target = [M];

    fn deref(&self) -> &[M] {
        &self.modules
    }
}

impl<M> From<Vec<M>> for ModuleList<M> {
    fn from(modules: Vec<M>) -> Self {
        Self { modules }
    }
}

impl<M> FromIterator<M> for ModuleList<M> {
    fn from_iter<I: IntoIterator<Item = M>>(modules: I) -> Self {
        Self { modules: modules.into_iter().collect() }
    }
}

impl<'a, M> IntoIterator for &'a ModuleList<M> {
    type Item = &'a M;
    type IntoIter = std::slice::Iter<'a, M>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl<M: Module> Module for ModuleList<M> {
    fn visit(&self, visitor: &mut dyn Visitor) {
        for (index, module) in self.modules.iter().enumerate() {
            visitor.module(&index.to_string(), module);
        }
    }

    fn folds_equal_parts(&self) -> bool {
        true
    }
}

impl<M: Module> std::fmt::Display for ModuleList<M> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        crate::write_repr(self, f)
    }
}
