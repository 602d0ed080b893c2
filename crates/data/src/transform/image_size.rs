use std::fmt;

use serde::{Deserialize, Serialize};

use crate::{Error, Result};

/// Rows and columns. In JSON a number for a square, or `[height, width]`.
///
/// ```
/// use selvedge_data::ImageSize;
///
/// assert_eq!(serde_json::from_str::<ImageSize>("224")?, ImageSize::from(224));
/// assert_eq!(serde_json::from_str::<ImageSize>("[28, 30]")?, ImageSize::from([28, 30]));
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(from = "Written", into = "[i64; 2]")]
pub struct ImageSize {
    /// Rows.
    pub height: i64,
    /// Columns.
    pub width: i64,
}

#[derive(Deserialize)]
#[serde(untagged, expecting = "expected a whole number, or a list of 1 or 2 of them")]
enum Written {
    Square(i64),
    One([i64; 1]),
    Two([i64; 2]),
}

impl ImageSize {
    /// The most pixels that a transform makes an image of: 8192 by 8192. Beyond the memory, libtorch fails without a reason that
    /// a user could act on.
    pub const MAX_PIXELS: i64 = 1 << 26;

    /// An error that names the option, unless both sides are positive and make no more than the
    /// [`MAX_PIXELS`](Self::MAX_PIXELS).
    pub(crate) fn check(self, option: &'static str) -> Result<()> {
        if self.height <= 0 || self.width <= 0 {
            return Err(Error::option(option, "positive numbers", self));
        }
        match self.height.checked_mul(self.width) {
            Some(pixels) if pixels <= Self::MAX_PIXELS => Ok(()),
            _ => {
                let expected = format!("numbers whose product is at most {}", Self::MAX_PIXELS);
                Err(Error::option(option, expected, self))
            }
        }
    }
}

impl fmt::Display for ImageSize {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "[{}, {}]", self.height, self.width)
    }
}

impl From<i64> for ImageSize {
    fn from(side: i64) -> Self {
        Self { height: side, width: side }
    }
}

impl From<[i64; 2]> for ImageSize {
    fn from([height, width]: [i64; 2]) -> Self {
        Self { height, width }
    }
}

impl From<ImageSize> for [i64; 2] {
    fn from(size: ImageSize) -> Self {
        [size.height, size.width]
    }
}

impl From<Written> for ImageSize {
    fn from(written: Written) -> Self {
        match written {
            Written::Square(side) | Written::One([side]) => Self::from(side),
            Written::Two(size) => Self::from(size),
        }
    }
}
