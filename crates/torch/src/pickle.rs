//! Files that `torch.load` opens, also with `weights_only=True`, and that `torch.save` writes.
//!
//! Reading runs no code: a file can only build tensors, containers and plain values, and whatever else it asks for
//! is refused by name, as is a file that is damaged, or crafted to take more memory than its own size. What
//! `torch.load(weights_only=True)` reads and there is no [`Value`] for, such as a sparse tensor, is
//! [skipped](Value::Skipped) by name.
//!
//! ```
//! use selvedge_torch::{Value, pickle};
//! use tch::Tensor;
//!
//! # let directory = tempfile::tempdir()?;
//! # let path = directory.path().join("checkpoint.pt");
//! let weight = Tensor::from_slice(&[1.0f32, 2.0]);
//! let checkpoint = Value::dict([("epoch", Value::Int(3)), ("weight", Value::Tensor(weight))]);
//! pickle::save(&path, &checkpoint)?;
//!
//! let checkpoint = pickle::load(&path)?;
//! assert_eq!(checkpoint.get("epoch").and_then(Value::as_int), Some(3));
//! assert_eq!(checkpoint.get("weight").and_then(Value::as_tensor).map(Tensor::numel), Some(2));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod archive;
mod call;
mod global;
mod machine;
mod opcode;
mod rebuild;
mod storage;
mod value;
mod writer;

use std::path::Path;

pub use value::Value;

use crate::{Result, TorchError};

/// Writes a file for `torch.load`; it appears whole or not at all.
///
/// Tensors are written from the CPU, without their history; handles to the same memory are written once. A conjugated
/// or negated view is written with its own values.
///
/// # Errors
///
/// When the file cannot be written, when a list or a tensor is the key of a dict, for a quantized tensor, or for a
/// value that was skipped when it was read.
pub fn save(path: impl AsRef<Path>, value: &Value) -> Result<()> {
    let path = path.as_ref();
    let pickled = writer::write(value).map_err(|reason| damaged(path, reason))?;
    archive::write(path, &pickled.bytes, &pickled.tensors)
        .map_err(|error| TorchError::File { path: path.to_owned(), error })
}

/// Reads a file that `torch.save` or [`save`] wrote. Tensors come to the CPU, detached; those that shared memory
/// share it again, except that conjugated and negated views have memory of their own with their values, where
/// PyTorch sets a bit. An `OrderedDict` and a `Counter` are dicts, a `torch.Size` is a tuple, a `set` a list, a
/// `bytearray` bytes, a `Parameter` a tensor, as is one of a subclass; a `torch.device`, a `torch.dtype` and a
/// `torch.layout` are their names.
///
/// # Errors
///
/// When the file cannot be read, is not in the format of PyTorch 1.6 and later, is damaged, or holds what
/// `torch.load(weights_only=True)` refuses, such as an object of a class of one's own.
pub fn load(path: impl AsRef<Path>) -> Result<Value> {
    let path = path.as_ref();
    let mut archive = archive::Archive::open(path)?;
    read(&mut archive).map_err(|reason| damaged(path, reason))
}

fn read(archive: &mut archive::Archive) -> Result<Value, String> {
    let machine = machine::Machine::run(&archive.pickle()?)?;
    rebuild::rebuild(&machine, archive)
}

fn damaged(path: &Path, reason: String) -> TorchError {
    TorchError::Pickle { path: path.to_owned(), reason }
}
