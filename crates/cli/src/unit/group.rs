use std::mem;

use anyhow::{Context, Result, anyhow, bail};
use glob::Pattern;
use selvedge_train::UpdateRule;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use tch::Tensor;

use super::{RuleUnit, no_such};
use crate::nearest::unknown;

/// Parameters that have options of their own, `{"parameters": "*.bias", "weight_decay": 0.0}`, or a rule of their own,
/// `{"parameters": "*.bias", "type": "AdamW", "lr": 0.01}`.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Group {
    /// Which ones, by their names.
    pub(crate) parameters: Patterns,
    /// The rule; the optimizer's where there is none.
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    pub(crate) kind: Option<String>,
    /// The options that differ from the optimizer's, or from the defaults of the group's own rule.
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
    /// Those parameters with the defaults of that rule.
    pub(super) fn of(names: Vec<String>, kind: &str) -> Self {
        Self { parameters: Patterns::Any(names), kind: Some(kind.to_owned()), options: Map::new() }
    }

    /// What the options of this group, which is the one of that index, are laid over: the optimizer's rule, or, of
    /// another kind, that kind's defaults.
    pub(super) fn base(&self, optimizer: &RuleUnit, index: usize) -> Result<RuleUnit> {
        let Some(kind) = &self.kind else { return Ok(optimizer.clone()) };
        let Ok(own) = serde_json::from_value(json!({ "type": kind })) else {
            let samples = serde_json::to_value(RuleUnit::samples())?;
            let names: Vec<&str> = samples
                .as_array()
                .into_iter()
                .flatten()
                .filter_map(|sample| sample["type"].as_str())
                .collect();
            return Err(no_such("optimizer", kind, &names).context(place(index) + ".type"));
        };
        if let RuleUnit::Lbfgs(_) = own {
            let place = place(index) + ".type";
            bail!("{place:?} can not be \"LBFGS\": it looks at all parameters together, and has no groups");
        }
        let same = mem::discriminant(&own) == mem::discriminant(optimizer);
        Ok(if same { optimizer.clone() } else { own })
    }

    /// The rule with the options of this group, which is the one of that index.
    pub(crate) fn rule<R: UpdateRule>(&self, rule: &R, index: usize) -> Result<R> {
        let place = place(index);
        let (mut rule, mut options) = (rule.clone(), Map::new());
        if let Value::Object(own) = serde_json::to_value(&rule)? {
            options = own;
        }
        for (key, value) in &self.options {
            if !options.contains_key(key) {
                options.insert("type".to_owned(), Value::Null);
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

pub(super) fn place(index: usize) -> String {
    format!("optimizer.groups[{index}]")
}
