use serde::{Deserialize, Serialize};
use tch::Tensor;

use crate::{Error, Result};

/// What stands where there is no image: one value, or one for each channel. 255 is white for bytes, 1 for
/// floats. In JSON a number, or a list of numbers.
///
/// ```
/// use selvedge_data::Fill;
///
/// assert_eq!(Fill::default(), Fill::from(0.0));
/// assert_eq!(serde_json::from_str::<Fill>("[124, 116, 104]")?, Fill::from([124.0, 116.0, 104.0]));
/// assert_eq!(serde_json::to_string(&Fill::from(255.0))?, "255.0");
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(from = "Written", into = "Written")]
pub struct Fill(Vec<f64>);

#[derive(Serialize, Deserialize)]
#[serde(untagged, expecting = "expected a number or a list of numbers")]
enum Written {
    One(f64),
    Each(Vec<f64>),
}

impl Fill {
    /// The values.
    #[must_use]
    pub fn values(&self) -> &[f64] {
        &self.0
    }

    /// The values as a tensor `[1, C, 1, 1]` or `[1, 1, 1, 1]` that goes with `images`.
    pub(crate) fn tensor(&self, option: &'static str, images: &Tensor) -> Result<Tensor> {
        let channels = images.size()[1];
        if self.0.len() != 1 && self.0.len() as i64 != channels {
            return Err(Error::option(option, format!("1 or {channels} values"), self.0.len()));
        }
        let values = Tensor::from_slice(&self.0).to_kind(images.kind()).to_device(images.device());
        Ok(values.view([1, -1, 1, 1]))
    }
}

impl Default for Fill {
    fn default() -> Self {
        Self::from(0.0)
    }
}

impl From<f64> for Fill {
    fn from(value: f64) -> Self {
        Self(vec![value])
    }
}

impl<const N: usize> From<[f64; N]> for Fill {
    fn from(values: [f64; N]) -> Self {
        Self(values.to_vec())
    }
}

impl From<Written> for Fill {
    fn from(written: Written) -> Self {
        match written {
            Written::One(value) => Self::from(value),
            Written::Each(values) => Self(values),
        }
    }
}

impl From<Fill> for Written {
    fn from(fill: Fill) -> Self {
        match fill.0[..] {
            [value] => Self::One(value),
            _ => Self::Each(fill.0),
        }
    }
}
