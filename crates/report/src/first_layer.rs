use std::path::Path;

use image::ExtendedColorType;
use selvedge_data::Shape;
use selvedge_nn::StateDict;
use tch::{Kind, Tensor};

use crate::{ImageData, Result};

/// Between two tiles, in pixels; half of it between small ones.
const GAP: usize = 2;
/// Of opacity.
const LEVELS: f32 = 24.0;

/// The weights that see the image, each unit's or kernel's as a tile of one picture.
///
/// Zero is transparent, so that the picture fits any ground; the further from zero, the more opaque, up to the largest of
/// the tile. What is positive is blue, what is negative red.
#[derive(Debug, Clone, PartialEq)]
pub struct FirstLayer {
    /// The path of the weight in the state dict.
    pub name: String,
    /// Tiles in the picture.
    pub tiles: usize,
    /// Rows and columns of a tile.
    pub tile: (usize, usize),
    /// The largest size of a weight.
    pub strongest: f64,
    /// All tiles, those of the largest norm first.
    pub picture: ImageData,
}

impl FirstLayer {
    /// The weights of a model file that take images of that shape, or none: those of a linear layer with an input for
    /// each pixel, or the kernels of a convolution with as many input channels as the image has.
    pub(crate) fn read(path: &Path, image: Shape) -> Result<Option<Self>> {
        Ok(Self::of_state(StateDict::load(path)?, image))
    }

    /// As [`read`](Self::read), of a state dict at hand.
    pub(crate) fn of_state(state: StateDict, image: Shape) -> Option<Self> {
        let mut state: Vec<(String, Tensor)> = state.into_iter().collect();
        state.sort_by(|left, right| left.0.cmp(&right.0));
        let channels = image.channels as i64;
        state.into_iter().find_map(|(name, weight)| {
            let kernels = match *weight.size().as_slice() {
                [units, inputs] if inputs == image.numel() as i64 => weight.view(image.batch(units as usize)),
                [_, inputs, height, width] if inputs == channels && height * width > 1 => weight,
                _ => return None,
            };
            Self::of(name, &kernels)
        })
    }

    /// `kernels` `[tiles, channels, height, width]`; the channels are averaged.
    fn of(name: String, kernels: &Tensor) -> Option<Self> {
        let mean = kernels.to_kind(Kind::Float).mean_dim(&[1_i64][..], false, Kind::Float);
        let order = mean.square().sum_dim_intlist(&[1_i64, 2][..], false, Kind::Float).argsort(0, true);
        let mean = mean.index_select(0, &order).contiguous();
        let [tiles, height, width] = *mean.size().as_slice() else { return None };
        let strongest = mean.abs().max().double_value(&[]);
        let values: Vec<f32> = Vec::try_from(mean.flatten(0, -1)).ok()?;
        let (tiles, height, width) = (tiles as usize, height as usize, width as usize);
        Some(Self {
            name,
            tiles,
            tile: (height, width),
            strongest,
            picture: paint(&values, (tiles, height, width))?,
        })
    }
}

fn paint(values: &[f32], (tiles, height, width): (usize, usize, usize)) -> Option<ImageData> {
    let columns = columns(tiles);
    let gap = if height.min(width) < 8 { 1 } else { GAP };
    let rows = tiles.div_ceil(columns);
    let (across, down) = (columns * (width + gap) - gap, rows * (height + gap) - gap);
    let mut pixels = vec![0; across * down * 4];
    for (tile, weights) in values.chunks(height * width).enumerate() {
        let strongest = weights.iter().copied().map(f32::abs).fold(f32::MIN_POSITIVE, f32::max);
        for (inside, &weight) in weights.iter().enumerate() {
            let x = tile % columns * (width + gap) + inside % width;
            let y = tile / columns * (height + gap) + inside / width;
            let [red, green, blue] = if weight < 0.0 { [196, 52, 34] } else { [32, 84, 176] };
            // Few levels make a small file.
            let level = (LEVELS * (weight.abs() / strongest).powf(0.75)).round() / LEVELS;
            pixels[4 * (y * across + x)..][..4].copy_from_slice(&[red, green, blue, (255.0 * level) as u8]);
        }
    }
    ImageData::encode(&pixels, across, down, ExtendedColorType::Rgba8)
}

/// A number of columns that leaves no row half empty and makes the picture somewhat wider than high.
fn columns(tiles: usize) -> usize {
    let wanted = (1.5 * tiles as f64).sqrt();
    let even = (1..=tiles).filter(|columns| tiles.is_multiple_of(*columns)).min_by(|left, right| {
        let distance = |columns: usize| (columns as f64 - wanted).abs();
        distance(*left).total_cmp(&distance(*right))
    });
    // A prime number of tiles has no even rows.
    even.filter(|columns| *columns as f64 > 0.5 * wanted && (*columns as f64) < 3.0 * wanted)
        .unwrap_or((wanted.ceil() as usize).max(1))
}
