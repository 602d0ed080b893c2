use anyhow::{Context, Result, anyhow, bail};
use glob::Pattern;
use selvedge_train::UpdateRule;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use tch::Tensor;

use crate::nearest::unknown;

/// Parameters that have options of their own: `{"parameters": "*.bias", "weight_decay": 0.0}`.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Group {
    /// Which ones, by their names.
    pub(crate) parameters: Patterns,
    /// The options that differ from the optimizer's.
    #[serde(flatten)]
    pub(crate) options: Map<String, Value>,
}

/// Patterns of names, in which `*` stands for any text, `?` for any letter, and `[ab]` for either.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(untagged, expecting = "expected a pattern such as \"*.bias\", or a list of them")]
pub(crate) enum Patterns {
    /// One.
    One(String),
    /// A name has to be like one of them.
    Any(Vec<String>),
}

impl Patterns {
    fn compiled(&self) -> Result<Vec<Pattern>> {
        let patterns = match self {
            Self::One(pattern) => std::slice::from_ref(pattern),
            Self::Any(patterns) => patterns,
        };
        let compile =
            |pattern: &String| Pattern::new(pattern).with_context(|| format!("the pattern {pattern:?}"));
        patterns.iter().map(compile).collect()
    }
}

impl Group {
    /// The optimizer's rule with the options of this group, which is the one of that index.
    pub(crate) fn rule<R: UpdateRule>(&self, rule: &R, index: usize) -> Result<R> {
        let place = place(index);
        let (mut rule, mut options) = (rule.clone(), Map::new());
        if let Value::Object(own) = serde_json::to_value(&rule)? {
            options = own;
        }
        for (key, value) in &self.options {
            if !options.contains_key(key) {
                return Err(unknown(key, &options, &place));
            }
            options.insert(key.clone(), value.clone());
            rule = serde_json::from_value(Value::Object(options.clone()))
                .map_err(|error| anyhow!("\"{place}.{key}\" can not be {value}: {error}"))?;
        }
        rule.validate().with_context(|| format!("{place:?}"))?;
        Ok(rule)
    }
}

/// Named parameters by their group.
pub(super) struct Divided {
    /// Those of no group.
    pub(super) rest: Vec<(String, Tensor)>,
    /// Those of each group.
    pub(super) groups: Vec<Vec<(String, Tensor)>>,
}

/// Finds the group of each parameter.
///
/// # Errors
///
/// When a pattern is none, a group has no parameter, or a parameter has two groups.
pub(super) fn divide(parameters: Vec<(String, Tensor)>, groups: &[Group]) -> Result<Divided> {
    let mut patterns = Vec::with_capacity(groups.len());
    for (index, group) in groups.iter().enumerate() {
        patterns.push(group.parameters.compiled().with_context(|| place(index))?);
    }
    let names: Vec<String> = parameters.iter().map(|(name, _)| name.clone()).collect();
    let mut divided = Divided { rest: Vec::new(), groups: groups.iter().map(|_| Vec::new()).collect() };
    for (name, tensor) in parameters {
        let is_in = |index: &usize| patterns[*index].iter().any(|pattern| pattern.matches(&name));
        let mut found = (0..groups.len()).filter(is_in);
        match (found.next(), found.next()) {
            (None, _) => divided.rest.push((name, tensor)),
            (Some(group), None) => divided.groups[group].push((name, tensor)),
            (Some(first), Some(second)) => {
                bail!("the parameter {name:?} is in {:?} and in {:?}", place(first), place(second))
            }
        }
    }
    let Some(index) = divided.groups.iter().position(Vec::is_empty) else { return Ok(divided) };
    let pattern = serde_json::to_string(&groups[index].parameters)?;
    bail!("no parameter has a name like {pattern} of {:?}: there are {}", place(index), names.join(", "))
}

fn place(index: usize) -> String {
    format!("optimizer.groups[{index}]")
}
