use std::collections::HashMap;

use tch::{Kind, Tensor};

use super::archive::Archive;
use super::machine::{Id, Machine, Node};
use super::{Value, global};

/// How deep containers may be nested.
const DEPTH: usize = 128;

const BOMB: &str = "it would become many times larger than the file";

/// Turns what a pickle built into a value, with its tensors read from the archive.
pub(super) fn rebuild(machine: &Machine, archive: &mut Archive) -> Result<Value, String> {
    // What is used in several places is there several times in a value; a file of a kilobyte must not become
    // gigabytes by that.
    let budget = machine.steps.saturating_mul(16).saturating_add(1024);
    let texts = machine.length.saturating_mul(64).saturating_add(1 << 16);
    let (storages, resolved) = (HashMap::new(), HashMap::new());
    Rebuilder { machine, archive, storages, resolved, budget, texts }.value(machine.root, 0)
}

pub(super) struct Rebuilder<'a> {
    machine: &'a Machine,
    archive: &'a mut Archive,
    storages: HashMap<&'a str, (Kind, Tensor)>,
    /// The storages with the values that tensors with lazy bits have.
    resolved: HashMap<(&'a str, LazyBits), Tensor>,
    /// How many values there may still be.
    budget: usize,
    /// How many bytes of text there may still be in them.
    texts: usize,
}

impl<'a> Rebuilder<'a> {
    pub(super) fn node(&self, id: Id) -> &'a Node {
        &self.machine.nodes[id]
    }

    /// Counts a value.
    pub(super) fn spend(&mut self, depth: usize) -> Result<(), String> {
        if depth > DEPTH {
            return Err(format!("containers nested deeper than {DEPTH}, or in themselves"));
        }
        self.budget = self.budget.checked_sub(1).ok_or(BOMB)?;
        Ok(())
    }

    pub(super) fn value(&mut self, id: Id, depth: usize) -> Result<Value, String> {
        self.spend(depth)?;
        let items = |this: &mut Self, items: &[Id]| {
            items.iter().map(|&item| this.value(item, depth + 1)).collect::<Result<Vec<_>, _>>()
        };
        Ok(match self.node(id) {
            Node::None => Value::None,
            Node::Bool(value) => Value::Bool(*value),
            Node::Int(value) => Value::Int(*value),
            Node::Float(value) => Value::Float(*value),
            Node::Text(text) => {
                self.texts = self.texts.checked_sub(text.len()).ok_or(BOMB)?;
                Value::Text(text.clone())
            }
            Node::List(list) => Value::List(items(self, list)?),
            Node::Tuple(tuple) => Value::Tuple(items(self, tuple)?),
            Node::Dict(entries) => Value::Dict(
                entries
                    .iter()
                    .map(|&(key, value)| Ok((self.value(key, depth + 1)?, self.value(value, depth + 1)?)))
                    .collect::<Result<_, String>>()?,
            ),
            Node::Call(name, arguments) => self.call(name, *arguments, depth)?,
            Node::Global(name) if global::is_plain(name) => Value::Text(name.clone()),
            Node::Global(name) => Value::Skipped(format!("the class {name}")),
            Node::Persistent(id) => match self.node(*id) {
                Node::Tuple(_) => Value::Skipped("a storage without a tensor".to_owned()),
                _ => return Err("a storage that is not described by a tuple".to_owned()),
            },
            Node::Other(what) => Value::Skipped(what.clone()),
        })
    }

    /// A tensor of a storage, `(storage, offset, size, stride)`. The storage has the kind, except an untyped one.
    pub(super) fn tensor(
        &mut self,
        [storage, offset, size, stride]: [Id; 4],
        dtype: Option<Id>,
        metadata: Option<Id>,
    ) -> Result<Value, String> {
        let bits = metadata.map_or(Ok(LazyBits::default()), |metadata| self.lazy_bits(metadata))?;
        let storage = self.storage(storage)?;
        let kind = match dtype.map(|dtype| self.node(dtype)) {
            Some(Node::Global(name)) if global::is_plain(name) => global::kind(name).ok_or(name.as_str()),
            Some(other) => return Err(format!("a tensor whose kind is {other:?}")),
            None => global::storage_kind(storage.class).ok_or(storage.class),
        };
        let kind = match kind {
            Ok(kind) => kind,
            Err(name) => {
                return Ok(Value::Skipped(format!("a tensor of {name}, a kind that tch does not have")));
            }
        };
        let Node::Int(offset) = *self.node(offset) else {
            return Err("a tensor whose offset is no number".to_owned());
        };
        let (size, stride) = (self.ints(size)?, self.ints(stride)?);
        let flat = self.flat(&storage, kind)?;
        let length = flat.numel() as i64;
        if !fits(offset, &size, &stride, length) {
            return Err(format!(
                "a tensor of size {size:?}, stride {stride:?} and offset {offset} in a storage of {length} values"
            ));
        }
        let flat = self.resolved(storage.key, flat, bits)?;
        flat.f_as_strided(&size, &stride, offset).map(Value::Tensor).map_err(|error| error.to_string())
    }

    /// The metadata of a tensor, in which PyTorch names the bits that are set.
    fn lazy_bits(&self, metadata: Id) -> Result<LazyBits, String> {
        let entries = match self.node(metadata) {
            Node::None => return Ok(LazyBits::default()),
            Node::Dict(entries) => entries,
            _ => return Err("a tensor whose metadata is no dict".to_owned()),
        };
        let mut bits = LazyBits::default();
        for &(key, _) in entries {
            match self.node(key) {
                Node::Text(key) if key == "conj" => bits.conj = true,
                Node::Text(key) if key == "neg" => bits.neg = true,
                other => return Err(format!("a tensor with the metadata {other:?}; expected conj or neg")),
            }
        }
        Ok(bits)
    }

    /// The storage with its values conjugated and negated as the bits say: once for all tensors, since they may be
    /// many and larger than the storage.
    fn resolved(&mut self, key: &'a str, flat: Tensor, bits: LazyBits) -> Result<Tensor, String> {
        if bits == LazyBits::default() {
            return Ok(flat);
        }
        if let Some(known) = self.resolved.get(&(key, bits)) {
            return Ok(known.shallow_clone());
        }
        let kind = flat.kind();
        if bits.conj && !matches!(kind, Kind::ComplexHalf | Kind::ComplexFloat | Kind::ComplexDouble) {
            return Err(format!("a tensor of {kind:?} with the conjugate bit, which only complex ones have"));
        }
        let failed = |error: tch::TchError| format!("a tensor of {kind:?} with a lazy bit: {error}");
        let mut values = flat;
        if bits.conj {
            values = values.f_conj_physical().map_err(failed)?;
        }
        if bits.neg {
            values = values.f_neg().map_err(failed)?;
        }
        self.resolved.insert((key, bits), values.shallow_clone());
        Ok(values)
    }

    fn ints(&self, id: Id) -> Result<Vec<i64>, String> {
        let wrong = || "a tensor whose size or stride is no tuple of numbers".to_owned();
        let id = match self.node(id) {
            // A `torch.Size`.
            Node::Call(_, arguments) => match self.node(*arguments) {
                Node::Tuple(items) => *items.first().ok_or_else(wrong)?,
                _ => return Err(wrong()),
            },
            _ => id,
        };
        let Node::Tuple(items) = self.node(id) else { return Err(wrong()) };
        let int = |&item: &Id| match self.node(item) {
            Node::Int(value) => Ok(*value),
            _ => Err(wrong()),
        };
        items.iter().map(int).collect()
    }

    /// A storage `("storage", class, key, location, length)`.
    fn storage(&self, id: Id) -> Result<Storage<'a>, String> {
        let wrong = || "a tensor without the storage of torch.save".to_owned();
        let Node::Persistent(id) = self.node(id) else { return Err(wrong()) };
        let Node::Tuple(items) = self.node(*id) else { return Err(wrong()) };
        let [_, class, key, _, length] = items.as_slice() else { return Err(wrong()) };
        match (self.node(*class), self.node(*key), self.node(*length)) {
            (Node::Global(class), Node::Text(key), Node::Int(length)) => {
                Ok(Storage { class, key, length: *length })
            }
            _ => Err(wrong()),
        }
    }

    /// The values of a storage.
    fn flat(&mut self, storage: &Storage<'a>, kind: Kind) -> Result<Tensor, String> {
        let Storage { class, key, mut length } = *storage;
        if class == global::UNTYPED_STORAGE {
            let size = kind.elt_size_in_bytes() as i64;
            if length % size != 0 {
                return Err(format!(
                    "data/{key} has {length} bytes; expected values of {size}, for {kind:?}"
                ));
            }
            length /= size;
        } else if global::storage_kind(class) != Some(kind) {
            return Err(format!("a tensor of {kind:?} in a {class}"));
        }
        if let Some((known, flat)) = self.storages.get(key) {
            if *known != kind || flat.numel() as i64 != length {
                return Err(format!("data/{key} is used as two kinds of storage"));
            }
            return Ok(flat.shallow_clone());
        }
        let flat = self.archive.storage(key, kind, length)?;
        self.storages.insert(key, (kind, flat.shallow_clone()));
        Ok(flat)
    }
}

/// The description of a storage.
struct Storage<'a> {
    class: &'a str,
    key: &'a str,
    length: i64,
}

/// Whether the values of a tensor are the conjugates or the negatives of what its memory holds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
struct LazyBits {
    conj: bool,
    neg: bool,
}

/// Whether every element of a strided tensor lies in its storage.
fn fits(offset: i64, size: &[i64], stride: &[i64], length: i64) -> bool {
    if size.len() != stride.len() || offset < 0 || size.iter().chain(stride).any(|&value| value < 0) {
        return false;
    }
    if size.contains(&0) {
        // libtorch counts a dimension of no length as one where it lays a copy out.
        let countable = size.iter().try_fold(1_i64, |product, &size| product.checked_mul(size.max(1)));
        return offset <= length && countable.is_some();
    }
    let last = size
        .iter()
        .zip(stride)
        .try_fold(offset, |last, (&size, &stride)| last.checked_add((size - 1).checked_mul(stride)?));
    last.is_some_and(|last| last < length)
}
