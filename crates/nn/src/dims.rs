use serde::{Deserialize, Serialize};

/// A size for each of `N` dimensions, given once for all of them or one by one; PyTorch's `int` or tuple.
///
/// In a configuration file: `2` or `[2, 1]`.
///
/// ```
/// use selvedge_nn::Dims;
///
/// let same: Dims<2> = 3.into();
/// assert_eq!(same.to_array(), [3, 3]);
/// let each: Dims<2> = [3, 5].into();
/// assert_eq!(each.to_array(), [3, 5]);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(
    try_from = "Written<T>",
    into = "Written<T>",
    bound(serialize = "T: Copy + Serialize", deserialize = "T: Deserialize<'de>")
)]
pub enum Dims<const N: usize, T = i64> {
    /// The same in each dimension.
    All(T),
    /// One for each dimension, the outermost first.
    Each([T; N]),
}

impl<const N: usize, T: Copy> Dims<N, T> {
    /// The size in each dimension.
    #[must_use]
    pub fn to_array(self) -> [T; N] {
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

/// A size that may be left open, as in adaptive pools.
impl<const N: usize> From<i64> for Dims<N, Option<i64>> {
    fn from(size: i64) -> Self {
        Self::All(Some(size))
    }
}

impl<const N: usize> From<[i64; N]> for Dims<N, Option<i64>> {
    fn from(sizes: [i64; N]) -> Self {
        Self::Each(sizes.map(Some))
    }
}

impl<const N: usize> From<[Option<i64>; N]> for Dims<N, Option<i64>> {
    fn from(sizes: [Option<i64>; N]) -> Self {
        Self::Each(sizes)
    }
}

/// How a [`Dims`] is written; serde has no arrays of a generic length.
#[derive(Serialize, Deserialize)]
#[serde(untagged, expecting = "expected a size or a list of sizes")]
enum Written<T> {
    Each(Vec<T>),
    All(T),
}

impl<const N: usize, T> TryFrom<Written<T>> for Dims<N, T> {
    type Error = String;

    fn try_from(written: Written<T>) -> Result<Self, String> {
        match written {
            Written::All(size) => Ok(Self::All(size)),
            Written::Each(sizes) => <[T; N]>::try_from(sizes).map(Self::Each).map_err(|sizes| {
                format!("expected a size or a list of {N}, found a list of {}", sizes.len())
            }),
        }
    }
}

impl<const N: usize, T: Copy> From<Dims<N, T>> for Written<T> {
    fn from(dims: Dims<N, T>) -> Self {
        match dims {
            Dims::All(size) => Self::All(size),
            Dims::Each(sizes) => Self::Each(sizes.to_vec()),
        }
    }
}
