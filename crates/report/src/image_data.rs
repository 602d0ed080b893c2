use std::io::Cursor;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use image::{ExtendedColorType, ImageEncoder};
use selvedge_data::{Pixels, Sample};
use serde::{Deserialize, Serialize};

/// A small image that a file of JSON can hold.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ImageData {
    /// The bytes of a PNG, in base64.
    pub png: String,
    /// Columns.
    pub width: usize,
    /// Rows.
    pub height: usize,
}

impl ImageData {
    /// The image of a sample; one of floats is stretched between its lowest and its highest value. None where the
    /// sample is neither grey nor of three colours.
    #[must_use]
    pub fn of(sample: &Sample<'_>) -> Option<Self> {
        let shape = sample.shape;
        let stretched;
        let bytes = match &sample.pixels {
            Pixels::Bytes(bytes) => bytes.as_ref(),
            Pixels::Floats(values) => {
                stretched = stretch(values);
                &stretched
            }
        };
        let pixels = shape.height * shape.width;
        if bytes.len() != shape.numel() {
            return None;
        }
        match shape.channels {
            1 => Self::encode(bytes, shape.width, shape.height, ExtendedColorType::L8),
            3 => {
                let woven: Vec<u8> = (0..pixels)
                    .flat_map(|at| [0, 1, 2].map(|channel| bytes[channel * pixels + at]))
                    .collect();
                Self::encode(&woven, shape.width, shape.height, ExtendedColorType::Rgb8)
            }
            _ => None,
        }
    }

    pub(crate) fn encode(
        bytes: &[u8],
        width: usize,
        height: usize,
        colours: ExtendedColorType,
    ) -> Option<Self> {
        let mut png = Cursor::new(Vec::new());
        let encoder = image::codecs::png::PngEncoder::new_with_quality(
            &mut png,
            image::codecs::png::CompressionType::Best,
            image::codecs::png::FilterType::Adaptive,
        );
        encoder.write_image(bytes, width as u32, height as u32, colours).ok()?;
        Some(Self { png: STANDARD.encode(png.get_ref()), width, height })
    }

    /// The address that an `<img>` shows without asking anybody.
    #[must_use]
    pub fn data_uri(&self) -> String {
        format!("data:image/png;base64,{}", self.png)
    }

    /// The bytes of the PNG; none where they are no base64.
    #[must_use]
    pub fn bytes(&self) -> Vec<u8> {
        STANDARD.decode(&self.png).unwrap_or_default()
    }
}

fn stretch(values: &[f32]) -> Vec<u8> {
    let low = values.iter().copied().fold(f32::INFINITY, f32::min);
    let high = values.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    values.iter().map(|value| (255.0 * (value - low) / (high - low).max(f32::MIN_POSITIVE)) as u8).collect()
}
