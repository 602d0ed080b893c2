use super::machine::{Id, Node};
use super::rebuild::Rebuilder;
use super::{Value, global};

impl Rebuilder<'_> {
    /// What a call of a known global gives.
    pub(super) fn call(&mut self, name: &str, arguments: Id, depth: usize) -> Result<Value, String> {
        let Node::Tuple(arguments) = self.node(arguments) else {
            return Err(format!("{name} without a tuple of arguments"));
        };
        // A call may be of a call.
        self.spend(depth)?;
        if let Some(what) = global::skipped(name) {
            return Ok(Value::Skipped(what.to_owned()));
        }
        match (name, arguments.as_slice()) {
            ("torch._utils._rebuild_tensor", &[storage, offset, size, stride]) => {
                self.tensor([storage, offset, size, stride], None, None)
            }
            ("torch._utils._rebuild_tensor_v2", &[storage, offset, size, stride, _, _, ref rest @ ..]) => {
                self.tensor([storage, offset, size, stride], None, rest.first().copied())
            }
            (
                "torch._utils._rebuild_tensor_v3",
                &[storage, offset, size, stride, _, _, dtype, ref rest @ ..],
            ) => self.tensor([storage, offset, size, stride], Some(dtype), rest.first().copied()),
            // The class and the attributes of a tensor are no part of its values.
            ("torch._tensor._rebuild_from_type_v2", &[function, _, arguments, ..]) => {
                match self.node(function) {
                    Node::Global(function) => self.call(function, arguments, depth + 1),
                    other => Err(format!("{name} of {other:?}, which is no function")),
                }
            }
            // `Tensor.__new__(Tensor)`, to be filled afterwards, which PyTorch has not written since 0.4.
            ("torch.Tensor" | "torch.nn.parameter.Parameter", []) => {
                Ok(Value::Skipped(format!("an empty {name}")))
            }
            ("torch.Size", &[items]) => match self.value(items, depth + 1)? {
                Value::List(items) | Value::Tuple(items) => Ok(Value::Tuple(items)),
                other => Err(format!("torch.Size of {other:?}")),
            },
            ("torch.device", &[device, index]) => match (self.node(device), self.node(index)) {
                (Node::Text(device), Node::Int(index)) => Ok(Value::Text(format!("{device}:{index}"))),
                other => Err(format!("torch.device of {other:?}")),
            },
            ("collections.OrderedDict" | "collections.Counter", &[items]) => {
                let items = self.value(items, depth + 1)?;
                dict(items).map_err(|found| format!("{name} of {found:?}"))
            }
            ("builtins.set", []) => Ok(Value::List(Vec::new())),
            ("builtins.set", &[items]) => match self.value(items, depth + 1)? {
                Value::List(items) | Value::Tuple(items) => Ok(Value::List(items)),
                other => Err(format!("a set of {other:?}")),
            },
            ("builtins.bytearray", []) => Ok(Value::Bytes(Vec::new())),
            ("builtins.bytearray", &[content]) => match self.value(content, depth + 1)? {
                Value::Bytes(bytes) => Ok(Value::Bytes(bytes)),
                other => Err(format!("a bytearray of {other:?}")),
            },
            ("_codecs.encode" | "builtins.bytearray", &[text, encoding]) => {
                match (self.value(text, depth + 1)?, self.value(encoding, depth + 1)?) {
                    (Value::Text(text), Value::Text(encoding)) => encode(&text, &encoding).map(Value::Bytes),
                    other => Err(format!("{name} of {other:?}")),
                }
            }
            ("builtins.complex", &[real, imaginary]) => {
                match (self.value(real, depth + 1)?.as_float(), self.value(imaginary, depth + 1)?.as_float())
                {
                    (Some(real), Some(imaginary)) => Ok(Value::Complex(real, imaginary)),
                    _ => Err("a complex of what are no numbers".to_owned()),
                }
            }
            // What follows the first argument says nothing about the value.
            (
                "torch.device"
                | "torch.nn.parameter.Parameter"
                | "torch.serialization._get_layout"
                | "torch._utils._rebuild_device_tensor_from_cpu_tensor"
                | "torch._utils._rebuild_parameter"
                | "torch._utils._rebuild_parameter_with_state",
                &[first, ..],
            ) => self.value(first, depth + 1),
            (name, &[first, ..]) if name.starts_with("torch.jit._pickle.") => self.value(first, depth + 1),
            (name, _) if name.ends_with("Tensor") || name.ends_with("Storage") => {
                Ok(Value::Skipped(format!("a {name} that is made by a call")))
            }
            (name, arguments) => Err(format!("{name} with {} arguments", arguments.len())),
        }
    }
}

/// A dict, or the pairs that Python 2 writes for one.
fn dict(items: Value) -> Result<Value, Value> {
    match items {
        Value::Dict(entries) => Ok(Value::Dict(entries)),
        Value::List(pairs)
            if pairs.iter().all(|pair| pair.as_items().is_some_and(|pair| pair.len() == 2)) =>
        {
            let entries = pairs.into_iter().filter_map(|pair| match pair {
                Value::List(pair) | Value::Tuple(pair) => <[Value; 2]>::try_from(pair).ok().map(<_>::into),
                _ => None,
            });
            Ok(Value::Dict(entries.collect()))
        }
        other => Err(other),
    }
}

/// Bytes, which protocol 2 writes as a text and its encoding.
fn encode(text: &str, encoding: &str) -> Result<Vec<u8>, String> {
    match encoding {
        "latin1" | "latin-1" => text
            .chars()
            .map(|character| u8::try_from(character).map_err(|_| format!("bytes with {character:?} in them")))
            .collect(),
        "utf-8" | "utf8" => Ok(text.as_bytes().to_vec()),
        other => Err(format!("bytes in the encoding {other:?}; expected latin1")),
    }
}
