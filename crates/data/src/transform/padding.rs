use serde::{Deserialize, Serialize};

use crate::{Error, Result};

/// Pixels around an image. In JSON, as in torchvision, one number for all sides, two for left and right and
/// for top and bottom, or four: left, top, right, bottom.
///
/// ```
/// use selvedge_data::Padding;
///
/// assert_eq!(serde_json::from_str::<Padding>("4")?, Padding::from(4));
/// assert_eq!(serde_json::from_str::<Padding>("[1, 2]")?, Padding { left: 1, top: 2, right: 1, bottom: 2 });
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(from = "Written", into = "[i64; 4]")]
pub struct Padding {
    /// Columns before the first.
    pub left: i64,
    /// Rows before the first.
    pub top: i64,
    /// Columns after the last.
    pub right: i64,
    /// Rows after the last.
    pub bottom: i64,
}

#[derive(Deserialize)]
#[serde(untagged, expecting = "expected a whole number, or a list of 1, 2 or 4 of them")]
enum Written {
    All(i64),
    One([i64; 1]),
    Two([i64; 2]),
    Four([i64; 4]),
}

impl Padding {
    /// The most pixels on a side.
    pub const MAX: i64 = 1 << 13;

    /// An error that names the option, where a side is negative or above [`MAX`](Self::MAX).
    pub(crate) fn check(self, option: &'static str) -> Result<()> {
        match <[i64; 4]>::from(self).into_iter().find(|side| !(0..=Self::MAX).contains(side)) {
            Some(side) if side < 0 => Err(Error::option(option, "numbers that are not negative", side)),
            Some(side) => Err(Error::option(option, format!("numbers up to {}", Self::MAX), side)),
            None => Ok(()),
        }
    }
}

impl From<i64> for Padding {
    fn from(all: i64) -> Self {
        Self { left: all, top: all, right: all, bottom: all }
    }
}

impl From<[i64; 4]> for Padding {
    fn from([left, top, right, bottom]: [i64; 4]) -> Self {
        Self { left, top, right, bottom }
    }
}

impl From<Padding> for [i64; 4] {
    fn from(padding: Padding) -> Self {
        [padding.left, padding.top, padding.right, padding.bottom]
    }
}

impl From<Written> for Padding {
    fn from(written: Written) -> Self {
        match written {
            Written::All(all) | Written::One([all]) => Self::from(all),
            Written::Two([across, down]) => Self::from([across, down, across, down]),
            Written::Four(sides) => Self::from(sides),
        }
    }
}

/// What padding shows.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PaddingMode {
    /// The fill.
    #[default]
    Constant,
    /// The value at the edge.
    Edge,
    /// The image mirrored at the edge, which is not repeated: 3 2 | 1 2 3 | 2 1.
    Reflect,
    /// The image mirrored at the edge, which is repeated: 2 1 | 1 2 3 | 3 2.
    Symmetric,
}
