use std::collections::HashSet;

use tch::Tensor;

use crate::visitor::walk;
use crate::{Module, NnError, ShapeMismatch, StateDict, StateDictDiff};

/// Copies the tensors into those of the module; nothing is copied when it fails.
pub(crate) fn load<M: Module + ?Sized>(
    module: &M,
    state: &StateDict,
    strict: bool,
) -> Result<StateDictDiff, NnError> {
    let mut own = Vec::new();
    walk(module, &mut |path, _, tensor| own.push((path.to_owned(), tensor.shallow_clone())));
    let diff = compare(module.name(), &own, state);
    if !diff.mismatched.is_empty() || (strict && !diff.is_empty()) {
        return Err(NnError::StateDict(Box::new(diff)));
    }
    let _no_grad = tch::no_grad_guard();
    for (path, mut tensor) in own {
        if let Some(value) = state.get(&path) {
            tensor.copy_(value);
        }
    }
    Ok(diff)
}

fn compare(module: &str, own: &[(String, Tensor)], state: &StateDict) -> StateDictDiff {
    let mut diff = StateDictDiff { module: module.to_owned(), ..StateDictDiff::default() };
    for (path, tensor) in own {
        match state.get(path) {
            None => diff.missing.push(path.clone()),
            Some(value) if value.size() != tensor.size() => diff.mismatched.push(ShapeMismatch {
                path: path.clone(),
                expected: tensor.size(),
                found: value.size(),
            }),
            Some(_) => {}
        }
    }
    let known: HashSet<&str> = own.iter().map(|(path, _)| path.as_str()).collect();
    diff.unexpected =
        state.iter().map(|(path, _)| path).filter(|path| !known.contains(path)).map(str::to_owned).collect();
    diff
}
