use selvedge_torch::Value as Python;
use serde::{Deserialize, Serialize};

use super::Groups;
use crate::TrainError;
use crate::domain::Domain;

/// One number for all groups of an optimizer, or one for each.
///
/// ```
/// use selvedge_train::lr_scheduler::PerGroup;
///
/// assert_eq!(PerGroup::from(0.1), PerGroup::All(0.1));
/// assert_eq!(PerGroup::from([0.1, 0.2]), PerGroup::Each(vec![0.1, 0.2]));
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum PerGroup {
    /// The same for all.
    All(f64),
    /// One for each, in order.
    Each(Vec<f64>),
}

impl PerGroup {
    pub(super) fn of(&self, group: usize) -> f64 {
        match self {
            Self::All(value) => *value,
            Self::Each(values) => values[group],
        }
    }

    /// A list, as PyTorch keeps it.
    pub(super) fn to_python(&self, groups: usize) -> Python {
        Python::List((0..groups).map(|group| Python::Float(self.of(group))).collect())
    }

    /// There has to be one for each group, and each finite.
    pub(super) fn check(
        &self,
        unit: &'static str,
        option: &'static str,
        groups: &dyn Groups,
    ) -> Result<(), TrainError> {
        match self {
            Self::Each(values) if values.len() != groups.group_count() => Err(TrainError::OutOfDomain {
                unit,
                option,
                expected: "one number, or one for each group of the optimizer",
                found: format!("{} numbers for {} groups", values.len(), groups.group_count()),
            }),
            _ => (0..groups.group_count()).try_for_each(|group| Domain(unit).finite(option, self.of(group))),
        }
    }
}

impl From<f64> for PerGroup {
    fn from(value: f64) -> Self {
        Self::All(value)
    }
}

impl<const N: usize> From<[f64; N]> for PerGroup {
    fn from(values: [f64; N]) -> Self {
        Self::Each(values.to_vec())
    }
}

impl From<Vec<f64>> for PerGroup {
    fn from(values: Vec<f64>) -> Self {
        Self::Each(values)
    }
}
