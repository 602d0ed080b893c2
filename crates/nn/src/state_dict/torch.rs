use std::path::Path;

use selvedge_torch::{Value, pickle};

use crate::{NnError, StateDict};

const EXPECTED: &str = "a dict of names and tensors, as torch.save(model.state_dict(), path) writes it";

/// Whether a new file of that name is to be one that `torch.load` opens.
pub(super) fn is_name(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension == "pt" || extension == "pth")
}

pub(super) fn read(path: &Path) -> Result<StateDict, NnError> {
    let value = pickle::load(path)?;
    from_value(&value).map_err(|found| NnError::Format {
        path: path.to_owned(),
        expected: EXPECTED.to_owned(),
        found,
    })
}

pub(super) fn write(state: &StateDict, path: &Path) -> Result<(), NnError> {
    Ok(pickle::save(path, &to_value(state))?)
}

/// A dict of the tensors.
pub(super) fn to_value(state: &StateDict) -> Value {
    Value::dict(state.iter().map(|(path, tensor)| (path, Value::Tensor(tensor.detach()))))
}

/// The tensors of a dict, or what stands where one should.
pub(super) fn from_value(value: &Value) -> Result<StateDict, String> {
    let entries = value.as_dict().ok_or_else(|| describe(value))?;
    let tensors = entries.iter().map(|(key, value)| match (key, value) {
        (Value::Text(path), Value::Tensor(tensor)) => Ok((path.clone(), tensor.shallow_clone())),
        (Value::Text(path), Value::Dict(_)) => {
            Err(format!("a dict under {path:?}; the state dict may be in there"))
        }
        (Value::Text(path), other) => Err(format!("{} under {path:?}", describe(other))),
        (key, _) => Err(format!("{} as a key", describe(key))),
    });
    tensors.collect()
}

fn describe(value: &Value) -> String {
    match value {
        Value::None => "None".to_owned(),
        Value::Bool(value) => format!("the bool {value}"),
        Value::Int(value) => format!("the int {value}"),
        Value::Float(value) => format!("the float {value}"),
        Value::Complex(real, imaginary) => format!("the complex {real} + {imaginary}j"),
        Value::Text(text) => format!("the text {text:?}"),
        Value::Bytes(bytes) => format!("{} bytes", bytes.len()),
        Value::List(items) => format!("a list of {}", items.len()),
        Value::Tuple(items) => format!("a tuple of {}", items.len()),
        Value::Dict(entries) => format!("a dict of {}", entries.len()),
        Value::Tensor(tensor) => format!("a tensor of shape {:?}", tensor.size()),
        Value::Skipped(what) => format!("{what}, which is not read,"),
    }
}
