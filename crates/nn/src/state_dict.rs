use tch::Tensor;

/// Tensors by dotted path, in the order of the module; PyTorch's `OrderedDict` of a `state_dict()`.
#[derive(Debug, Default)]
pub struct StateDict {
    entries: Vec<(String, Tensor)>,
}

impl StateDict {
    /// An empty state dict.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a tensor, or replaces the one of that path.
    pub fn insert(&mut self, path: impl Into<String>, tensor: Tensor) {
        let path = path.into();
        match self.entries.iter_mut().find(|(known, _)| *known == path) {
            Some((_, value)) => *value = tensor,
            None => self.entries.push((path, tensor)),
        }
    }

    /// The tensor of a path.
    #[must_use]
    pub fn get(&self, path: &str) -> Option<&Tensor> {
        self.entries.iter().find_map(|(known, tensor)| (known == path).then_some(tensor))
    }

    /// The paths and tensors, in order.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (&str, &Tensor)> {
        self.entries.iter().map(|(path, tensor)| (path.as_str(), tensor))
    }
}
