use std::path::Path;

use indexmap::IndexMap;
use selvedge_torch::{FileFormat, Value};
use tch::Tensor;

use crate::NnError;

mod diff;
mod digest;
mod load;
mod safetensors;
mod torch;

pub use diff::{ShapeMismatch, StateDictDiff};
pub(crate) use load::load;

/// Tensors by dotted path, in the order of the module; PyTorch's `OrderedDict` of a `state_dict()`.
///
/// ```
/// use selvedge_nn::{Linear, ModuleExt, NnError, StateDict};
///
/// # let folder = tempfile::tempdir().unwrap();
/// # let path = folder.path().join("model.safetensors");
/// let trained = Linear::new(784, 10);
/// trained.state_dict().save(&path)?;
///
/// let model = Linear::new(784, 10);
/// model.load_state_dict(&StateDict::load(&path)?)?;
/// assert_eq!(model.weight, trained.weight);
/// # Ok::<(), NnError>(())
/// ```
#[derive(Debug, Default)]
pub struct StateDict {
    entries: IndexMap<String, Tensor>,
}

impl StateDict {
    /// An empty state dict.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a tensor, or replaces the one of that path.
    pub fn insert(&mut self, path: impl Into<String>, tensor: Tensor) {
        self.entries.insert(path.into(), tensor);
    }

    /// Takes out the tensor of a path.
    pub fn remove(&mut self, path: &str) -> Option<Tensor> {
        self.entries.shift_remove(path)
    }

    /// The tensor of a path.
    #[must_use]
    pub fn get(&self, path: &str) -> Option<&Tensor> {
        self.entries.get(path)
    }

    /// The number of tensors.
    #[must_use]
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether there are no tensors.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// The paths and tensors, in order.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (&str, &Tensor)> {
        self.entries.iter().map(|(path, tensor)| (path.as_str(), tensor))
    }

    /// The same values in tensors of their own, which do not change when the module goes on training.
    #[must_use]
    pub fn to_owned_values(&self) -> Self {
        self.iter().map(|(path, tensor)| (path.to_owned(), tensor.detach().copy())).collect()
    }

    /// Reads a file of safetensors or of `torch.save`, whatever its name. The tensors are on the CPU.
    ///
    /// # Errors
    ///
    /// When the file cannot be read, is not whole or of neither format (which its first bytes tell; one from before
    /// PyTorch 1.6 is named as such), holds something else, or is not what [`save`](Self::save) wrote.
    pub fn load(path: impl AsRef<Path>) -> Result<Self, NnError> {
        let path = path.as_ref();
        let format =
            FileFormat::of_file(path).map_err(|source| NnError::Read { path: path.to_owned(), source })?;
        match format {
            FileFormat::Zip => torch::read(path),
            // What is none of the known formats may be one that is damaged at its beginning.
            FileFormat::Safetensors | FileFormat::Unknown => safetensors::read(path),
            other => Err(NnError::Format {
                path: path.to_owned(),
                expected: "a file of safetensors or of torch.save".to_owned(),
                found: match other.advice() {
                    Some(advice) => format!("{other}; {advice}"),
                    None => other.to_string(),
                },
            }),
        }
    }

    /// Writes a file for PyTorch: one of `torch.load` where the name ends in `.pt` or `.pth`, otherwise one of
    /// safetensors. It is written beside its place and then moved there, so that a reader never sees half of it. A file of
    /// safetensors holds its own SHA-256 as the metadata `selvedge.sha256`, which [`load`](Self::load) compares.
    ///
    /// # Errors
    ///
    /// When the file cannot be written, or a tensor is of a kind the format does not have.
    pub fn save(&self, path: impl AsRef<Path>) -> Result<(), NnError> {
        let path = path.as_ref();
        if torch::is_name(path) { torch::write(self, path) } else { safetensors::write(self, path) }
    }

    /// The state dict as a part of a checkpoint, which `selvedge_torch::pickle` writes.
    #[must_use]
    pub fn to_value(&self) -> Value {
        torch::to_value(self)
    }

    /// The state dict in a checkpoint that `selvedge_torch::pickle` read.
    ///
    /// # Errors
    ///
    /// When the value is not a dict of names and tensors.
    pub fn from_value(value: &Value) -> Result<Self, NnError> {
        let expected = "a dict of names and tensors".to_owned();
        torch::from_value(value).map_err(|found| NnError::Value { expected, found })
    }
}

impl FromIterator<(String, Tensor)> for StateDict {
    fn from_iter<I: IntoIterator<Item = (String, Tensor)>>(entries: I) -> Self {
        Self { entries: entries.into_iter().collect() }
    }
}

impl IntoIterator for StateDict {
    type Item = (String, Tensor);
    type IntoIter = indexmap::map::IntoIter<String, Tensor>;

    fn into_iter(self) -> Self::IntoIter {
        self.entries.into_iter()
    }
}
