use std::borrow::Cow;

use super::{GroupStateDict, OptimizerStateDict};

/// The key of a group that says which optimizer it is of, where there are several.
const OPTIMIZER: &str = "optimizer";

/// State dicts of optimizers, each with its name, as one: the parameters are counted through all.
pub(in crate::optim) fn join(
    dicts: impl Iterator<Item = (Cow<'static, str>, OptimizerStateDict)>,
) -> OptimizerStateDict {
    let mut joined = OptimizerStateDict::default();
    let mut first = 0;
    for (name, OptimizerStateDict { state, param_groups }) in dicts {
        joined.state.extend(state.into_iter().map(|(index, entries)| (first + index, entries)));
        let offset = first;
        for mut group in param_groups {
            group.params.iter_mut().for_each(|index| *index += offset);
            group.options.insert(OPTIMIZER.to_owned(), name.as_ref().into());
            first += group.params.len();
            joined.param_groups.push(group);
        }
    }
    joined
}

/// What [`join`] joined, for optimizers of those names and numbers of groups.
pub(in crate::optim) fn divide(
    dict: &OptimizerStateDict,
    parts: &[(Cow<'static, str>, usize)],
) -> Result<Vec<OptimizerStateDict>, String> {
    let expected: Vec<&str> =
        parts.iter().flat_map(|(name, groups)| std::iter::repeat_n(&**name, *groups)).collect();
    let name = |group: &GroupStateDict| group.options.get(OPTIMIZER)?.as_str().map(str::to_owned);
    let found: Option<Vec<String>> = dict.param_groups.iter().map(name).collect();
    let found = found.ok_or_else(|| {
        format!("it is of one optimizer, expected groups of {}, in this order", expected.join(", "))
    })?;
    if found != expected {
        return Err(format!("its groups are of {}, expected {}", found.join(", "), expected.join(", ")));
    }
    let mut groups = dict.param_groups.iter();
    let mut divided = Vec::with_capacity(parts.len());
    for (_, count) in parts {
        let mut part = OptimizerStateDict::default();
        for group in groups.by_ref().take(*count) {
            let mut group = group.clone();
            group.options.shift_remove(OPTIMIZER);
            let states =
                group.params.iter().filter_map(|index| Some((*index, dict.state.get(index)?.clone())));
            part.state.extend(states);
            part.param_groups.push(group);
        }
        divided.push(part);
    }
    let used: usize = divided.iter().map(|part| part.state.len()).sum();
    if used < dict.state.len() {
        return Err(super::STATE_OF_NONE.to_owned());
    }
    Ok(divided)
}
