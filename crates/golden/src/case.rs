use std::collections::BTreeMap;

use serde_json::Value;
use tch::Tensor;

/// One run of a unit under PyTorch: its options, what went in and what came out.
#[derive(Debug)]
pub struct Case {
    /// Unique in the file, such as `linear/3`.
    pub name: String,
    /// PyTorch's name of the unit, such as `Linear`.
    pub unit: String,
    /// The arguments PyTorch was given.
    pub options: Value,
    pub(crate) tensors: BTreeMap<String, Tensor>,
}

impl Case {
    /// The tensor of a role such as `input`, `output` or `gradient.weight`.
    ///
    /// # Panics
    ///
    /// When the case has none.
    #[track_caller]
    pub fn tensor(&self, role: &str) -> Tensor {
        self.get(role).unwrap_or_else(|| panic!("golden case {} has no tensor {role:?}", self.name))
    }

    /// The tensor of a role, where the case has it.
    pub fn get(&self, role: &str) -> Option<Tensor> {
        self.tensors.get(role).map(Tensor::shallow_clone)
    }

    /// The roles that begin with `prefix`, without it, and their tensors.
    pub fn under<'a>(&'a self, prefix: &'a str) -> impl Iterator<Item = (&'a str, Tensor)> {
        self.tensors
            .iter()
            .filter_map(move |(role, tensor)| Some((role.strip_prefix(prefix)?, tensor.shallow_clone())))
    }
}
