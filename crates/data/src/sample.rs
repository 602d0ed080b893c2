use std::borrow::Cow;
use std::fmt;

use serde::{Deserialize, Serialize};

/// The size of an image.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Shape {
    /// 1 for grey, 3 for colour.
    pub channels: usize,
    /// Rows.
    pub height: usize,
    /// Columns.
    pub width: usize,
}

impl Shape {
    /// A shape of so many channels, rows and columns.
    #[must_use]
    pub const fn new(channels: usize, height: usize, width: usize) -> Self {
        Self { channels, height, width }
    }

    /// The number of values in an image of this shape.
    #[must_use]
    pub const fn numel(self) -> usize {
        self.channels * self.height * self.width
    }

    /// The size of a tensor that holds `count` images of this shape.
    #[must_use]
    pub const fn batch(self, count: usize) -> [i64; 4] {
        [count as i64, self.channels as i64, self.height as i64, self.width as i64]
    }
}

impl fmt::Display for Shape {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "[{}, {}, {}]", self.channels, self.height, self.width)
    }
}

/// The values of an image: channel by channel, each row by row.
#[derive(Debug, Clone, PartialEq)]
pub enum Pixels<'a> {
    /// 0 to 255.
    Bytes(Cow<'a, [u8]>),
    /// Any numbers.
    Floats(Cow<'a, [f32]>),
}

impl Pixels<'_> {
    /// The bytes; none where the values are floats.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        match self {
            Self::Bytes(bytes) => bytes,
            Self::Floats(_) => &[],
        }
    }

    /// The floats; none where the values are bytes.
    #[must_use]
    pub fn floats(&self) -> &[f32] {
        match self {
            Self::Bytes(_) => &[],
            Self::Floats(floats) => floats,
        }
    }

    /// The number of values.
    #[must_use]
    pub fn len(&self) -> usize {
        match self {
            Self::Bytes(bytes) => bytes.len(),
            Self::Floats(floats) => floats.len(),
        }
    }

    /// Whether there are no values.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

impl<'a> From<&'a [u8]> for Pixels<'a> {
    fn from(bytes: &'a [u8]) -> Self {
        Self::Bytes(Cow::Borrowed(bytes))
    }
}

impl From<Vec<u8>> for Pixels<'_> {
    fn from(bytes: Vec<u8>) -> Self {
        Self::Bytes(Cow::Owned(bytes))
    }
}

impl<'a> From<&'a [f32]> for Pixels<'a> {
    fn from(floats: &'a [f32]) -> Self {
        Self::Floats(Cow::Borrowed(floats))
    }
}

impl From<Vec<f32>> for Pixels<'_> {
    fn from(floats: Vec<f32>) -> Self {
        Self::Floats(Cow::Owned(floats))
    }
}

/// An image and its label, borrowed from the dataset where that holds them in memory.
#[derive(Debug, Clone, PartialEq)]
pub struct Sample<'a> {
    /// The size of the image.
    pub shape: Shape,
    /// The image: `shape.numel()` values.
    pub pixels: Pixels<'a>,
    /// The number of the class.
    pub label: i64,
}

impl<'a> Sample<'a> {
    /// A sample of bytes or floats.
    pub fn new(shape: Shape, pixels: impl Into<Pixels<'a>>, label: i64) -> Self {
        Self { shape, pixels: pixels.into(), label }
    }
}
