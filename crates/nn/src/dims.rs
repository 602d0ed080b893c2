use serde::{Deserialize, Serialize};

/// A size for each of `N` dimensions, given once for all of them or one by one; PyTorch's `int` or tuple.
///
/// In a configuration file: `2` or `[2, 1]`.
///
/// ```
/// use selvedge_nn::Dims;
///
/// assert_eq!(Dims::<2>::from(3).to_array(), [3, 3]);
/// assert_eq!(Dims::from([3, 5]).to_array(), [3, 5]);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Written", into = "Written")]
pub enum Dims<const N: usize> {
    /// The same in each dimension.
    All(i64),
    /// One for each dimension, the outermost first.
    Each([i64; N]),
}

impl<const N: usize> Dims<N> {
    /// The size in each dimension.
    #[must_use]
    pub fn to_array(self) -> [i64; N] {
        match self {
            Self::All(size) => [size; N],
            Self::Each(sizes) => sizes,
        }
    }
}

impl<const N: usize> From<i64> for Dims<N> {
    fn from(size: i64) -> Self {
        Self::All(size)
    }
}

impl<const N: usize> From<[i64; N]> for Dims<N> {
    fn from(sizes: [i64; N]) -> Self {
        Self::Each(sizes)
    }
}

/// How a [`Dims`] is written; serde has no arrays of a generic length.
#[derive(Serialize, Deserialize)]
#[serde(untagged, expecting = "expected an integer or a list of integers")]
enum Written {
    All(i64),
    Each(Vec<i64>),
}

impl<const N: usize> TryFrom<Written> for Dims<N> {
    type Error = String;

    fn try_from(written: Written) -> Result<Self, String> {
        match written {
            Written::All(size) => Ok(Self::All(size)),
            Written::Each(sizes) => <[i64; N]>::try_from(sizes)
                .map(Self::Each)
                .map_err(|sizes| format!("expected an integer or a list of {N}, found {sizes:?}")),
        }
    }
}

impl<const N: usize> From<Dims<N>> for Written {
    fn from(dims: Dims<N>) -> Self {
        match dims {
            Dims::All(size) => Self::All(size),
            Dims::Each(sizes) => Self::Each(sizes.to_vec()),
        }
    }
}
