use std::borrow::Cow;
use std::fs;
use std::io::Error as IoError;
use std::path::Path;

use safetensors::tensor::View;
use safetensors::{Dtype, SafeTensorError, SafeTensors};
use selvedge_atomic::write_atomically;
use tch::{Device, Kind, Tensor};

use super::digest;
use crate::{NnError, StateDict};

/// What stands in the header of the file beside the names of tensors.
const METADATA: &str = "__metadata__";

pub(super) fn read(path: &Path) -> Result<StateDict, NnError> {
    let bytes = fs::read(path).map_err(|source| NnError::Read { path: path.to_owned(), source })?;
    let invalid = |expected: &str, found: String| NnError::Format {
        path: path.to_owned(),
        expected: expected.to_owned(),
        found,
    };
    let tensors = SafeTensors::deserialize(&bytes)
        .map_err(|error| invalid("a whole safetensors file", describe(&error, bytes.len())))?;
    digest::verify(&bytes).map_err(|(expected, found)| {
        invalid(
            &format!("the SHA-256 that its metadata {} has, {expected}", digest::KEY),
            format!("{found}: the file is damaged, or another program changed it and kept that entry"),
        )
    })?;
    tensors
        .iter()
        .map(|(name, view)| {
            let kind = kind(view.dtype()).ok_or_else(|| {
                let found = format!("{:?}, which tch does not have, for {name}", view.dtype());
                invalid(&format!("one of the kinds {}", names()), found)
            })?;
            let size = size(view.shape()).ok_or_else(|| {
                invalid("sizes that libtorch can count", format!("{:?} for {name}", view.shape()))
            })?;
            Ok((name.to_owned(), Tensor::from_data_size(view.data(), &size, kind)))
        })
        .collect()
}

pub(super) fn write(state: &StateDict, path: &Path) -> Result<(), NnError> {
    let failed = |source: IoError| NnError::Write { path: path.to_owned(), source };
    let mut entries = Vec::with_capacity(state.len());
    for (name, tensor) in state.iter() {
        if name == METADATA {
            return Err(NnError::Format {
                path: path.to_owned(),
                expected: format!("a tensor of another name than {METADATA}, the key of the metadata"),
                found: "such a tensor; rename it, or save to a name that ends in .pt".to_owned(),
            });
        }
        let dtype = dtype(tensor.kind()).ok_or_else(|| NnError::Format {
            path: path.to_owned(),
            expected: format!("one of the kinds {}, which safetensors has", names()),
            found: format!("{:?} for {name}", tensor.kind()),
        })?;
        entries.push((name, Entry::new(tensor, dtype)));
    }
    let mut bytes = safetensors::serialize(entries, Some(digest::metadata()))
        .map_err(|error| failed(IoError::other(error.to_string())))?;
    digest::seal(&mut bytes);
    // `safetensors::serialize_to_file` renames a file of its own, which nobody would synchronise.
    write_atomically(path, bytes).map_err(|error| failed(error.source))
}

/// A tensor in the layout of the file.
struct Entry {
    tensor: Tensor,
    dtype: Dtype,
    shape: Vec<usize>,
}

impl Entry {
    fn new(tensor: &Tensor, dtype: Dtype) -> Self {
        let shape = tensor.size().iter().map(|&length| length as usize).collect();
        // The memory is written, which does not know of lazy bits.
        let tensor = tensor.detach().to_device(Device::Cpu).contiguous().resolve_conj().resolve_neg();
        Self { tensor, dtype, shape }
    }
}

impl View for Entry {
    fn dtype(&self) -> Dtype {
        self.dtype
    }

    fn shape(&self) -> &[usize] {
        &self.shape
    }

    fn data(&self) -> Cow<'_, [u8]> {
        let mut bytes = vec![0; self.data_len()];
        self.tensor.copy_data_u8(&mut bytes, self.tensor.numel());
        bytes.into()
    }

    fn data_len(&self) -> usize {
        self.tensor.numel() * self.tensor.kind().elt_size_in_bytes()
    }
}

/// The shape as libtorch has it; `None` where it cannot count the values that one step along a dimension passes over. It
/// counts a dimension of no length as one there, so a tensor without values can be too large as well.
fn size(shape: &[usize]) -> Option<Vec<i64>> {
    let size: Vec<i64> = shape.iter().map(|&length| i64::try_from(length).ok()).collect::<Option<_>>()?;
    size.iter().try_fold(1_i64, |stride, &length| stride.checked_mul(length.max(1)))?;
    Some(size)
}

fn describe(error: &SafeTensorError, length: usize) -> String {
    format!("a file of {length} bytes that is not ({error})")
}

fn names() -> String {
    KINDS.map(|(_, dtype)| dtype.to_string()).join(", ")
}

const KINDS: [(Kind, Dtype); 15] = [
    (Kind::Bool, Dtype::BOOL),
    (Kind::Uint8, Dtype::U8),
    (Kind::Int8, Dtype::I8),
    (Kind::Int16, Dtype::I16),
    (Kind::Int, Dtype::I32),
    (Kind::Int64, Dtype::I64),
    (Kind::BFloat16, Dtype::BF16),
    (Kind::Half, Dtype::F16),
    (Kind::Float, Dtype::F32),
    (Kind::Double, Dtype::F64),
    (Kind::ComplexFloat, Dtype::C64),
    (Kind::Float8e4m3fn, Dtype::F8_E4M3),
    (Kind::Float8e5m2, Dtype::F8_E5M2),
    (Kind::Float8e4m3fnuz, Dtype::F8_E4M3FNUZ),
    (Kind::Float8e5m2fnuz, Dtype::F8_E5M2FNUZ),
];

fn kind(dtype: Dtype) -> Option<Kind> {
    KINDS.iter().find_map(|&(kind, known)| (known == dtype).then_some(kind))
}

fn dtype(kind: Kind) -> Option<Dtype> {
    KINDS.iter().find_map(|&(known, dtype)| (known == kind).then_some(dtype))
}
