use selvedge_torch::is_same;
use tch::Tensor;

use crate::TrainError;

/// Handles to the tensors that an optimizer changes, with or without their names.
///
/// It is made from what a model gives: `model.parameters()` or `model.named_parameters()`.
#[derive(Debug)]
pub struct Parameters {
    pub(super) tensors: Vec<Tensor>,
    pub(super) names: Option<Vec<String>>,
}

impl From<Vec<Tensor>> for Parameters {
    fn from(tensors: Vec<Tensor>) -> Self {
        Self { tensors, names: None }
    }
}

impl From<Vec<(String, Tensor)>> for Parameters {
    fn from(named: Vec<(String, Tensor)>) -> Self {
        let (names, tensors) = named.into_iter().unzip();
        Self { tensors, names: Some(names) }
    }
}

impl Parameters {
    /// A parameter by its name, or by its number where it has none.
    pub(super) fn label(&self, index: usize) -> String {
        label(index, self.names.as_deref(), None)
    }

    /// What PyTorch checks when a group is added, given the groups that are there.
    pub(super) fn check<'a>(
        &self,
        unit: &'static str,
        groups: impl Iterator<Item = (&'a [Tensor], Option<&'a [String]>)>,
    ) -> Result<(), TrainError> {
        let refuse = |reason: String| Err(TrainError::Parameters { unit, reason });
        if self.tensors.is_empty() {
            return refuse("the list of parameters is empty".to_owned());
        }
        let mut seen: Vec<(&Tensor, String)> = Vec::new();
        for (group, (tensors, names)) in groups.enumerate() {
            if names.is_some() != self.names.is_some() {
                let text = |named| if named { "has names" } else { "has no names" };
                let (first, added) = (text(names.is_some()), text(self.names.is_some()));
                return refuse(format!(
                    "parameters have names in all groups or in none: group {group} {first}, the one to add {added}"
                ));
            }
            for (index, tensor) in tensors.iter().enumerate() {
                seen.push((tensor, label(index, names, Some(group))));
            }
        }
        for (index, tensor) in self.tensors.iter().enumerate() {
            let label = self.label(index);
            if !tensor.is_leaf() && !tensor.retains_grad() {
                return refuse(format!(
                    "{label} is not a leaf: it was computed from other tensors, which are what to train"
                ));
            }
            if let Some((_, first)) = seen.iter().find(|(known, _)| is_same(known, tensor)) {
                return refuse(format!("{label} is given twice, first as {first}"));
            }
            seen.push((tensor, label));
        }
        Ok(())
    }
}

/// A parameter by its name, or by its number where it has none.
pub(super) fn label(index: usize, names: Option<&[String]>, group: Option<usize>) -> String {
    let group = group.map(|group| format!(" of group {group}")).unwrap_or_default();
    match names {
        Some(names) => format!("parameter {:?}{group}", names[index]),
        None => format!("parameter {index}{group}"),
    }
}
