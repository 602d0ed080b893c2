use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;
use tch::{Kind, Tensor};

/// How far results of a unit lie apart, in each kind.
#[derive(Debug, Clone, Copy, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Spread {
    float32: f64,
    float64: f64,
}

/// One run of a unit under PyTorch: its options, what went in and what came out.
#[derive(Debug)]
pub struct Case {
    /// Unique in the file, such as `linear/3`.
    pub name: String,
    /// PyTorch's name of the unit, such as `Linear`.
    pub unit: String,
    /// The arguments PyTorch was given.
    pub options: Value,
    /// How far PyTorch's own results lie apart on processors with other instructions, where that is much.
    pub(crate) spread: Spread,
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

    /// How far from PyTorch's a result of this kind may lie, as [`assert_close`](crate::assert_close) measures it: 1e-12 in
    /// f64 and 1e-5 in f32, or four times the spread of PyTorch's own results over sets of instructions where that is
    /// more. `tools/golden/spread.py` measures the spread.
    #[must_use]
    pub fn tolerance(&self, kind: Kind) -> f64 {
        match kind {
            Kind::Double => (4.0 * self.spread.float64).max(1e-12),
            _ => (4.0 * self.spread.float32).max(1e-5),
        }
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
