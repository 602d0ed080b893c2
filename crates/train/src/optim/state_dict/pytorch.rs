use std::collections::BTreeMap;
use std::path::Path;

use selvedge_torch::{Value as Python, pickle};
use serde_json::{Map, Value};
use tch::Tensor;

use super::{GroupStateDict, OptimizerStateDict, StateValue};
use crate::TrainError;

impl OptimizerStateDict {
    /// Writes a file that PyTorch takes by `optimizer.load_state_dict(torch.load(path))`.
    ///
    /// # Errors
    ///
    /// When the file cannot be written.
    pub fn save(&self, path: impl AsRef<Path>) -> Result<(), TrainError> {
        Ok(pickle::save(path, &self.to_python())?)
    }

    /// Reads what PyTorch wrote by `torch.save(optimizer.state_dict(), path)`.
    ///
    /// # Errors
    ///
    /// When the file cannot be read or is no state dict of an optimizer.
    pub fn load(path: impl AsRef<Path>) -> Result<Self, TrainError> {
        Self::from_python(&pickle::load(path)?)
    }

    /// The state dict as PyTorch has it, to be part of a checkpoint.
    #[must_use]
    pub fn to_python(&self) -> Python {
        let state = self.state.iter().map(|(index, entries)| {
            let entries = entries.iter().map(|(name, value)| (name.clone(), to_python(value)));
            (Python::Int(*index as i64), Python::dict(entries))
        });
        let groups = self.param_groups.iter().map(|group| {
            let Value::Object(mut group) = group.clone().into_json() else {
                unreachable!("a group is an object")
            };
            // Lists in PyTorch, unlike the options that are tuples.
            let lists = ["params", "param_names"].map(|name| (name, group.shift_remove(name)));
            let options = group.iter().map(|(name, value)| (name.clone(), json_to_python(value)));
            let lists = lists.into_iter().filter_map(|(name, value)| {
                let Python::Tuple(values) = json_to_python(&value?) else { return None };
                Some((name.to_owned(), Python::List(values)))
            });
            Python::dict(options.chain(lists))
        });
        Python::dict([
            ("state", Python::Dict(state.collect())),
            ("param_groups", Python::List(groups.collect())),
        ])
    }

    /// The state dict that a checkpoint of PyTorch holds.
    ///
    /// # Errors
    ///
    /// When it is no state dict of an optimizer.
    pub fn from_python(value: &Python) -> Result<Self, TrainError> {
        from_python(value).map_err(|difference| TrainError::StateDict { unit: "an optimizer", difference })
    }
}

fn to_python(value: &StateValue) -> Python {
    match value {
        StateValue::None => Python::None,
        StateValue::Int(number) => Python::Int(*number),
        StateValue::Float(number) => Python::Float(*number),
        StateValue::Tensor(tensor) => Python::Tensor(tensor.shallow_clone()),
        StateValue::List(values) => Python::List(values.iter().map(to_python).collect()),
    }
}

fn json_to_python(value: &Value) -> Python {
    match value {
        Value::Null => Python::None,
        Value::Bool(flag) => Python::Bool(*flag),
        Value::Number(number) => match number.as_i64() {
            Some(number) => Python::Int(number),
            None => Python::Float(number.as_f64().unwrap_or(f64::NAN)),
        },
        Value::String(text) => Python::Text(text.clone()),
        Value::Array(values) => Python::Tuple(values.iter().map(json_to_python).collect()),
        Value::Object(entries) => {
            Python::dict(entries.iter().map(|(name, value)| (name.clone(), json_to_python(value))))
        }
    }
}

fn from_python(value: &Python) -> Result<OptimizerStateDict, String> {
    let (Some(states), Some(groups)) =
        (value.get("state").and_then(Python::as_dict), value.get("param_groups").and_then(Python::as_items))
    else {
        return Err("it is no dict with \"state\" and \"param_groups\"".to_owned());
    };
    let mut state = BTreeMap::new();
    for (index, entries) in states {
        let index = index.as_int().and_then(|index| usize::try_from(index).ok());
        let index = index.ok_or("a key of state is no index of a parameter")?;
        let entries = entries.as_dict().ok_or("the state of a parameter is no dict")?;
        let entries: Result<Vec<_>, String> = entries
            .iter()
            .map(|(name, value)| {
                let name = name.as_text().ok_or("the name of a state is no text")?;
                Ok((name.to_owned(), state_value(name, value)?))
            })
            .collect();
        state.insert(index, entries?);
    }
    let group = |group: &Python| {
        let entries = group.as_dict().ok_or("a group is no dict")?;
        let mut options = Map::new();
        for (name, value) in entries {
            let name = name.as_text().ok_or("the name of an option is no text")?;
            options.insert(name.to_owned(), json(name, value)?);
        }
        GroupStateDict::from_json(options)
    };
    let param_groups: Result<Vec<_>, String> = groups.iter().map(group).collect();
    Ok(OptimizerStateDict { state, param_groups: param_groups? })
}

fn state_value(name: &str, value: &Python) -> Result<StateValue, String> {
    Ok(match value {
        Python::None => StateValue::None,
        Python::Int(number) => StateValue::Int(*number),
        Python::Float(number) => StateValue::Float(*number),
        Python::Tensor(tensor) => StateValue::Tensor(tensor.shallow_clone()),
        Python::List(values) | Python::Tuple(values) => StateValue::List(
            values.iter().map(|value| state_value(name, value)).collect::<Result<_, String>>()?,
        ),
        _ => return Err(format!("the state {name:?} is neither a number nor a tensor")),
    })
}

fn json(name: &str, value: &Python) -> Result<Value, String> {
    Ok(match value {
        Python::None => Value::Null,
        Python::Bool(flag) => (*flag).into(),
        Python::Int(number) => (*number).into(),
        Python::Float(number) => (*number).into(),
        Python::Text(text) => text.as_str().into(),
        // A learning rate can be one.
        Python::Tensor(tensor) if tensor.numel() == 1 => number(tensor).into(),
        Python::List(values) | Python::Tuple(values) => {
            values.iter().map(|value| json(name, value)).collect::<Result<_, String>>()?
        }
        _ => return Err(format!("the option {name:?} is neither a number, a text nor a flag")),
    })
}

fn number(tensor: &Tensor) -> f64 {
    tensor.double_value(&vec![0; tensor.dim()])
}
