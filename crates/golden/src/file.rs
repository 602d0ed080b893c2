use std::collections::{BTreeMap, HashMap};
use std::fs;
use std::path::Path;

use safetensors::{Dtype, SafeTensors};
use serde_json::Value;
use tch::{Kind, Tensor};

use crate::Case;
use crate::case::Spread;

/// A golden file, read whole.
#[derive(Debug)]
pub struct Golden {
    /// The version of PyTorch that wrote the numbers.
    pub torch: String,
    /// The cases, in the order of the file.
    pub cases: Vec<Case>,
}

impl Golden {
    /// Reads a golden file.
    ///
    /// # Panics
    ///
    /// When the file cannot be read or is not a golden file: a test has nothing better to do.
    #[must_use]
    pub fn read(path: impl AsRef<Path>) -> Self {
        let path = path.as_ref();
        let read = || -> Result<Self, String> {
            let bytes = fs::read(path).map_err(|error| error.to_string())?;
            let (_, header) = SafeTensors::read_metadata(&bytes).map_err(|error| error.to_string())?;
            let header = header.metadata().as_ref().ok_or("no metadata")?;
            let tensors = SafeTensors::deserialize(&bytes).map_err(|error| error.to_string())?;
            Self::from_parts(header, &tensors, &spread(path)?)
        };
        read().unwrap_or_else(|error| {
            panic!("golden file {}: {error}; `python3 tools/golden` writes it", path.display())
        })
    }

    fn from_parts(
        header: &HashMap<String, String>,
        tensors: &SafeTensors<'_>,
        spread: &HashMap<String, Spread>,
    ) -> Result<Self, String> {
        let text = |key: &str| header.get(key).ok_or_else(|| format!("no {key:?} in the metadata"));
        let listed: Vec<Value> = serde_json::from_str(text("cases")?).map_err(|error| error.to_string())?;
        let mut cases = Vec::with_capacity(listed.len());
        let mut by_name = HashMap::new();
        for case in listed {
            let field =
                |key: &str| case[key].as_str().map(str::to_owned).ok_or(format!("case without {key:?}"));
            let name = field("name")?;
            by_name.insert(name.clone(), cases.len());
            let unit = field("unit")?;
            cases.push(Case {
                name,
                options: case["options"].clone(),
                spread: spread.get(&unit).copied().unwrap_or_default(),
                unit,
                tensors: BTreeMap::new(),
            });
        }
        for (key, view) in tensors.iter() {
            let (name, role) =
                key.rsplit_once('/').ok_or_else(|| format!("tensor {key:?} without a role"))?;
            let case = by_name.get(name).ok_or_else(|| format!("tensor {key:?} of no case"))?;
            let size: Vec<i64> = view.shape().iter().map(|&length| length as i64).collect();
            let tensor = Tensor::from_data_size(view.data(), &size, kind(view.dtype())?);
            cases[*case].tensors.insert(role.to_owned(), tensor);
        }
        Ok(Self { torch: text("torch")?.clone(), cases })
    }
}

/// The spread of the units of a file.
fn spread(path: &Path) -> Result<HashMap<String, Spread>, String> {
    let files: HashMap<String, HashMap<String, Spread>> =
        serde_json::from_str(include_str!("spread.json")).map_err(|error| error.to_string())?;
    let name = path.file_stem().and_then(|name| name.to_str()).unwrap_or_default();
    Ok(files.get(name).cloned().unwrap_or_default())
}

fn kind(dtype: Dtype) -> Result<Kind, String> {
    Ok(match dtype {
        Dtype::BOOL => Kind::Bool,
        Dtype::U8 => Kind::Uint8,
        Dtype::I32 => Kind::Int,
        Dtype::I64 => Kind::Int64,
        Dtype::BF16 => Kind::BFloat16,
        Dtype::F16 => Kind::Half,
        Dtype::F32 => Kind::Float,
        Dtype::F64 => Kind::Double,
        other => return Err(format!("no tensor kind for {other:?}")),
    })
}
