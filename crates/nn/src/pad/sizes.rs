use serde::{Deserialize, Serialize};

use crate::repr::python::Python;

/// The number of values that a pad puts before and after each of the last `N` dimensions.
///
/// Made of one number for all sides, or of a list in PyTorch's order: the last dimension first, before and after,
/// such as `[left, right, top, bottom]`. A negative number cuts off. In a configuration file: `2` or `[1, 1, 0, 2]`.
///
/// ```
/// use selvedge_nn::ZeroPad2d;
///
/// assert_eq!(ZeroPad2d::new(2), ZeroPad2d::new([2, 2, 2, 2]));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Written", into = "Written")]
pub struct PadSizes<const N: usize>([[i64; 2]; N]);

impl<const N: usize> PadSizes<N> {
    /// The numbers in PyTorch's order.
    #[must_use]
    pub fn as_slice(&self) -> &[i64] {
        self.0.as_flattened()
    }
}

impl<const N: usize> From<i64> for PadSizes<N> {
    fn from(size: i64) -> Self {
        Self([[size; 2]; N])
    }
}

impl From<[i64; 2]> for PadSizes<1> {
    fn from(sides: [i64; 2]) -> Self {
        Self([sides])
    }
}

impl From<[i64; 4]> for PadSizes<2> {
    fn from([left, right, top, bottom]: [i64; 4]) -> Self {
        Self([[left, right], [top, bottom]])
    }
}

impl From<[i64; 6]> for PadSizes<3> {
    fn from([left, right, top, bottom, front, back]: [i64; 6]) -> Self {
        Self([[left, right], [top, bottom], [front, back]])
    }
}

impl<const N: usize> Python for PadSizes<N> {
    fn python(&self) -> String {
        self.as_slice().python()
    }
}

#[derive(Serialize, Deserialize)]
#[serde(untagged, expecting = "expected an integer or a list of integers")]
enum Written {
    All(i64),
    Each(Vec<i64>),
}

impl<const N: usize> TryFrom<Written> for PadSizes<N> {
    type Error = String;

    fn try_from(written: Written) -> Result<Self, String> {
        match written {
            Written::All(size) => Ok(size.into()),
            Written::Each(sizes) => match sizes.as_chunks::<2>() {
                (sides, []) if sides.len() == N => Ok(Self(std::array::from_fn(|dim| sides[dim]))),
                _ => Err(format!("expected an integer or a list of {}, found {sizes:?}", 2 * N)),
            },
        }
    }
}

impl<const N: usize> From<PadSizes<N>> for Written {
    fn from(sizes: PadSizes<N>) -> Self {
        Self::Each(sizes.as_slice().to_vec())
    }
}
