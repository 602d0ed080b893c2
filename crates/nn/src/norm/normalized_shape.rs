use serde::{Deserialize, Serialize};

/// The last dimensions of an input, which [`LayerNorm`](crate::LayerNorm) and [`RmsNorm`](crate::RmsNorm)
/// normalise together; in a configuration file an integer or a list.
///
/// ```
/// use selvedge_nn::LayerNorm;
///
/// let over_one = LayerNorm::new(512);
/// let over_three = LayerNorm::new([3, 28, 28]);
/// assert_eq!(over_three.weight.unwrap().size(), [3, 28, 28]);
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "Written", into = "Vec<i64>")]
pub struct NormalizedShape(Vec<i64>);

impl NormalizedShape {
    /// The sizes.
    #[must_use]
    pub fn as_slice(&self) -> &[i64] {
        &self.0
    }
}

impl From<i64> for NormalizedShape {
    fn from(size: i64) -> Self {
        Self(vec![size])
    }
}

impl From<Vec<i64>> for NormalizedShape {
    fn from(sizes: Vec<i64>) -> Self {
        Self(sizes)
    }
}

impl From<&[i64]> for NormalizedShape {
    fn from(sizes: &[i64]) -> Self {
        Self(sizes.to_vec())
    }
}

impl<const N: usize> From<[i64; N]> for NormalizedShape {
    fn from(sizes: [i64; N]) -> Self {
        Self(sizes.to_vec())
    }
}

impl From<NormalizedShape> for Vec<i64> {
    fn from(shape: NormalizedShape) -> Self {
        shape.0
    }
}

#[derive(Deserialize)]
#[serde(untagged, expecting = "expected an integer or a list of integers")]
enum Written {
    One(i64),
    Each(Vec<i64>),
}

impl From<Written> for NormalizedShape {
    fn from(written: Written) -> Self {
        match written {
            Written::One(size) => size.into(),
            Written::Each(sizes) => sizes.into(),
        }
    }
}
