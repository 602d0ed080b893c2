use tch::Tensor;

/// What a checkpoint is made of.
#[derive(Debug, Default)]
pub enum Value {
    /// `None`
    #[default]
    None,
    /// `True` or `False`
    Bool(bool),
    /// An `int`
    Int(i64),
    /// A `float`
    Float(f64),
    /// A `complex`, as its real and its imaginary part
    Complex(f64, f64),
    /// A `str`
    Text(String),
    /// A `bytes` or a `bytearray`
    Bytes(Vec<u8>),
    /// A `list`
    List(Vec<Value>),
    /// A `tuple`
    Tuple(Vec<Value>),
    /// A `dict`, in its order
    Dict(Vec<(Value, Value)>),
    /// A `torch.Tensor`
    Tensor(Tensor),
    /// What the file holds here and has no other value, described: a sparse, quantized, nested or meta tensor, one of a
    /// kind that `tch` does not have, a storage, a class, an `int` of more than 64 bits. [`save`](super::save) refuses it.
    Skipped(String),
}

impl Value {
    /// A dict with texts for keys.
    pub fn dict<K: Into<String>>(entries: impl IntoIterator<Item = (K, Value)>) -> Self {
        Self::Dict(entries.into_iter().map(|(key, value)| (Self::Text(key.into()), value)).collect())
    }

    /// The value of a text key, in a dict that has it.
    pub fn get(&self, key: &str) -> Option<&Value> {
        let Self::Dict(entries) = self else { return None };
        // Of a key that is there twice, Python keeps the last value.
        entries.iter().rev().find(|(found, _)| found.as_text() == Some(key)).map(|(_, value)| value)
    }

    /// The number, of an int.
    pub fn as_int(&self) -> Option<i64> {
        match self {
            Self::Int(value) => Some(*value),
            _ => None,
        }
    }

    /// The number, of a float or an int.
    pub fn as_float(&self) -> Option<f64> {
        match self {
            Self::Float(value) => Some(*value),
            Self::Int(value) => Some(*value as f64),
            _ => None,
        }
    }

    /// The truth, of a bool.
    pub fn as_bool(&self) -> Option<bool> {
        match self {
            Self::Bool(value) => Some(*value),
            _ => None,
        }
    }

    /// The text, of a str.
    pub fn as_text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The items, of a list or a tuple.
    pub fn as_items(&self) -> Option<&[Value]> {
        match self {
            Self::List(items) | Self::Tuple(items) => Some(items),
            _ => None,
        }
    }

    /// The entries, of a dict.
    pub fn as_dict(&self) -> Option<&[(Value, Value)]> {
        match self {
            Self::Dict(entries) => Some(entries),
            _ => None,
        }
    }

    /// The tensor.
    pub fn as_tensor(&self) -> Option<&Tensor> {
        match self {
            Self::Tensor(tensor) => Some(tensor),
            _ => None,
        }
    }
}
