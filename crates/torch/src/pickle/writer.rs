use std::collections::HashMap;

use tch::{Device, Kind, Tensor};

use super::opcode::*;
use super::{Value, global, storage};

/// A pickle and the memory that it refers to, by index.
pub(super) struct Pickled {
    pub(super) bytes: Vec<u8>,
    pub(super) tensors: Vec<Tensor>,
}

pub(super) fn write(value: &Value) -> Result<Pickled, String> {
    let mut writer = Writer { bytes: vec![PROTO, 2], tensors: Vec::new(), known: HashMap::new() };
    writer.value(value)?;
    writer.bytes.push(STOP);
    Ok(Pickled { bytes: writer.bytes, tensors: writer.tensors })
}

struct Writer {
    bytes: Vec<u8>,
    tensors: Vec<Tensor>,
    /// The storages that were written, by address, kind and length.
    known: HashMap<(usize, &'static str, usize), usize>,
}

impl Writer {
    fn value(&mut self, value: &Value) -> Result<(), String> {
        match value {
            Value::None => self.bytes.push(NONE),
            Value::Bool(true) => self.bytes.push(NEWTRUE),
            Value::Bool(false) => self.bytes.push(NEWFALSE),
            Value::Int(value) => self.int(*value),
            Value::Float(value) => {
                self.bytes.push(BINFLOAT);
                self.bytes.extend(value.to_be_bytes());
            }
            Value::Complex(real, imaginary) => {
                self.global("__builtin__", "complex");
                self.value(&Value::Tuple(vec![Value::Float(*real), Value::Float(*imaginary)]))?;
                self.bytes.push(REDUCE);
            }
            Value::Text(text) => self.text(text)?,
            // As Python does: protocol 2 has no opcode for bytes.
            Value::Bytes(bytes) => {
                self.global("_codecs", "encode");
                self.bytes.push(MARK);
                self.text(&bytes.iter().copied().map(char::from).collect::<String>())?;
                self.text("latin1")?;
                self.bytes.extend([TUPLE, REDUCE]);
            }
            Value::List(items) => {
                self.bytes.extend([EMPTY_LIST, MARK]);
                items.iter().try_for_each(|item| self.value(item))?;
                self.bytes.push(APPENDS);
            }
            Value::Tuple(items) => {
                self.bytes.push(MARK);
                items.iter().try_for_each(|item| self.value(item))?;
                self.bytes.push(TUPLE);
            }
            Value::Dict(entries) => {
                self.bytes.extend([EMPTY_DICT, MARK]);
                for (key, value) in entries {
                    hashable(key)?;
                    self.value(key)?;
                    self.value(value)?;
                }
                self.bytes.push(SETITEMS);
            }
            Value::Tensor(tensor) => self.tensor(tensor)?,
            Value::Skipped(what) => {
                return Err(format!("{what} was skipped when it was read, and is not written"));
            }
        }
        Ok(())
    }

    fn int(&mut self, value: i64) {
        if let Ok(value) = i32::try_from(value) {
            self.bytes.push(BININT);
            self.bytes.extend(value.to_le_bytes());
        } else {
            self.bytes.extend([LONG1, 8]);
            self.bytes.extend(value.to_le_bytes());
        }
    }

    fn text(&mut self, text: &str) -> Result<(), String> {
        let length = u32::try_from(text.len()).map_err(|_| "a text of more than 4 GiB".to_owned())?;
        self.bytes.push(BINUNICODE);
        self.bytes.extend(length.to_le_bytes());
        self.bytes.extend(text.as_bytes());
        Ok(())
    }

    fn global(&mut self, module: &str, name: &str) {
        self.bytes.push(GLOBAL);
        self.bytes.extend(format!("{module}\n{name}\n").as_bytes());
    }

    fn ints(&mut self, values: &[i64]) {
        self.bytes.push(MARK);
        values.iter().for_each(|&value| self.int(value));
        self.bytes.push(TUPLE);
    }

    /// `_rebuild_tensor_v2(storage, offset, size, stride, requires_grad, hooks)`, or `_rebuild_tensor_v3` with the kind
    /// behind, which PyTorch has for those without a class of storages.
    fn tensor(&mut self, tensor: &Tensor) -> Result<(), String> {
        if !tensor.defined() {
            return Err("an undefined tensor can not be written".to_owned());
        }
        let kind = tensor.kind();
        let class = storage::name(kind);
        let dtype =
            global::dtype(kind).ok_or_else(|| format!("PyTorch has no storage for a tensor of {kind:?}"))?;
        let key = self.storage(tensor, kind, dtype)?;
        self.global(
            "torch._utils",
            if class.is_some() { "_rebuild_tensor_v2" } else { "_rebuild_tensor_v3" },
        );
        self.bytes.extend([MARK, MARK]);
        self.text("storage")?;
        let length = match class {
            Some(class) => {
                self.global("torch", class);
                tensor.numel()
            }
            None => {
                self.global("torch.storage", "UntypedStorage");
                tensor.numel() * kind.elt_size_in_bytes()
            }
        };
        self.text(&key.to_string())?;
        self.text("cpu")?;
        self.int(length as i64);
        self.bytes.extend([TUPLE, BINPERSID]);
        self.int(0);
        let size = tensor.size();
        self.ints(&size);
        self.ints(&strides(&size));
        self.bytes.push(NEWFALSE);
        self.global("collections", "OrderedDict");
        self.bytes.extend([EMPTY_TUPLE, REDUCE]);
        if class.is_none() {
            self.global("torch", dtype);
        }
        self.bytes.extend([TUPLE, REDUCE]);
        Ok(())
    }

    fn storage(&mut self, tensor: &Tensor, kind: Kind, dtype: &'static str) -> Result<usize, String> {
        let failed = |error: tch::TchError| format!("a tensor of {kind:?}: {error}");
        let tensor = tensor
            .detach()
            .f_to_device(Device::Cpu)
            .and_then(|tensor| tensor.f_contiguous())
            // What is written is the memory, which does not know of the lazy bits.
            .and_then(|tensor| tensor.f_resolve_conj())
            .and_then(|tensor| tensor.f_resolve_neg())
            .map_err(failed)?;
        // Held in `tensors` from here on, so that its address is not given to another.
        let place = (tensor.data_ptr() as usize, dtype, tensor.numel());
        let next = self.tensors.len();
        Ok(*self.known.entry(place).or_insert_with(|| {
            self.tensors.push(tensor);
            next
        }))
    }
}

/// The strides of a tensor without gaps, as PyTorch counts them where a length is 0.
fn strides(size: &[i64]) -> Vec<i64> {
    let mut strides = vec![1; size.len()];
    for index in (1..size.len()).rev() {
        strides[index - 1] = strides[index] * size[index].max(1);
    }
    strides
}

fn hashable(key: &Value) -> Result<(), String> {
    match key {
        Value::List(_) => Err("a list can not be the key of a dict".to_owned()),
        Value::Dict(_) => Err("a dict can not be the key of a dict".to_owned()),
        Value::Tensor(_) => Err("a tensor can not be the key of a dict".to_owned()),
        Value::Tuple(items) => items.iter().try_for_each(hashable),
        _ => Ok(()),
    }
}
