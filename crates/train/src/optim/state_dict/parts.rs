use std::collections::BTreeMap;

use selvedge_nn::StateDict;
use serde_json::{Map, Value, json};
use tch::Tensor;

use super::{GroupStateDict, OptimizerStateDict, StateValue};
use crate::TrainError;

impl OptimizerStateDict {
    /// The tensors by names such as `0.exp_avg`, for a safetensors file, and what remains, as JSON: the numbers,
    /// the options of the groups, and in place of each tensor its name.
    ///
    /// ```
    /// use selvedge_train::optim::{Adam, Optimizer, OptimizerStateDict};
    /// use tch::{Kind, Tensor};
    ///
    /// let weight = Tensor::from_slice(&[1.0f32, -2.0]).set_requires_grad(true);
    /// let mut optimizer = Optimizer::new(vec![weight.shallow_clone()], Adam::default())?;
    /// let _ = optimizer.step_with(|| {
    ///     let loss = weight.square().sum(Kind::Float);
    ///     loss.backward();
    ///     loss
    /// });
    /// let (tensors, rest) = optimizer.state_dict().into_parts();
    /// assert!(tensors.get("0.exp_avg").is_some());
    /// assert_eq!(rest["param_groups"][0]["lr"], 0.001);
    /// optimizer.load_state_dict(&OptimizerStateDict::from_parts(&tensors, &rest)?)?;
    /// # Ok::<(), selvedge_train::TrainError>(())
    /// ```
    #[must_use]
    pub fn into_parts(self) -> (StateDict, Value) {
        let mut tensors = StateDict::new();
        let mut state = Map::new();
        for (index, entries) in self.state {
            let mut described = Map::new();
            for (name, value) in entries {
                let path = format!("{index}.{name}");
                described.insert(name, describe(&path, value, &mut tensors));
            }
            state.insert(index.to_string(), Value::Object(described));
        }
        let groups: Vec<Value> = self.param_groups.into_iter().map(GroupStateDict::into_json).collect();
        (tensors, json!({ "state": state, "param_groups": groups }))
    }

    /// The state dict that [`into_parts`](Self::into_parts) took apart.
    ///
    /// # Errors
    ///
    /// When the JSON is of another form, or names a tensor that is not there.
    pub fn from_parts(tensors: &StateDict, rest: &Value) -> Result<Self, TrainError> {
        from_parts(tensors, rest)
            .map_err(|difference| TrainError::StateDict { unit: "an optimizer", difference })
    }
}

/// The JSON of a value, whose tensors go beside it.
fn describe(path: &str, value: StateValue, tensors: &mut StateDict) -> Value {
    match value {
        StateValue::None => Value::Null,
        StateValue::Int(number) => number.into(),
        StateValue::Float(number) => number.into(),
        StateValue::Tensor(tensor) => {
            tensors.insert(path, tensor);
            path.into()
        }
        StateValue::List(values) => values
            .into_iter()
            .enumerate()
            .map(|(index, value)| describe(&format!("{path}.{index}"), value, tensors))
            .collect(),
    }
}

fn from_parts(tensors: &StateDict, rest: &Value) -> Result<OptimizerStateDict, String> {
    let object = |value: &'_ Value, what: &str| {
        value.as_object().cloned().ok_or_else(|| format!("{what} is {value}, expected an object"))
    };
    let mut state = BTreeMap::new();
    for (index, entries) in object(&rest["state"], "state")? {
        let index: usize = index.parse().map_err(|_| format!("state of parameter {index:?}"))?;
        let entries: Result<Vec<_>, String> = object(&entries, "the state of a parameter")?
            .into_iter()
            .map(|(name, value)| Ok((name, value_of(&value, tensors)?)))
            .collect();
        state.insert(index, entries?);
    }
    let groups = rest["param_groups"].as_array().ok_or("param_groups are no array")?;
    let param_groups: Result<_, String> =
        groups.iter().map(|group| GroupStateDict::from_json(object(group, "a group")?)).collect();
    Ok(OptimizerStateDict { state, param_groups: param_groups? })
}

fn value_of(value: &Value, tensors: &StateDict) -> Result<StateValue, String> {
    Ok(match value {
        Value::Null => StateValue::None,
        Value::String(path) => tensors
            .get(path)
            .map(Tensor::shallow_clone)
            .map(StateValue::Tensor)
            .ok_or_else(|| format!("the tensor {path:?} is missing"))?,
        Value::Array(values) => StateValue::List(
            values.iter().map(|value| value_of(value, tensors)).collect::<Result<_, String>>()?,
        ),
        Value::Number(number) => match (number.as_i64(), number.as_f64()) {
            (Some(number), _) => StateValue::Int(number),
            (None, Some(number)) => StateValue::Float(number),
            (None, None) => return Err(format!("the number {number} is too large")),
        },
        other => return Err(format!("a state is {other}")),
    })
}

impl GroupStateDict {
    /// One object, as PyTorch has it.
    pub(super) fn into_json(self) -> Value {
        let mut group = self.options;
        group.insert("params".to_owned(), json!(self.params));
        if let Some(names) = self.param_names {
            group.insert("param_names".to_owned(), json!(names));
        }
        Value::Object(group)
    }

    pub(super) fn from_json(mut options: Map<String, Value>) -> Result<Self, String> {
        let mut part = |name: &str| options.shift_remove(name).unwrap_or(Value::Null);
        let params = serde_json::from_value(part("params")).map_err(|error| format!("params: {error}"))?;
        let param_names =
            serde_json::from_value(part("param_names")).map_err(|error| format!("param_names: {error}"))?;
        Ok(Self { options, params, param_names })
    }
}
