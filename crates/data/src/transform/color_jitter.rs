use serde::{Deserialize, Serialize};
use tch::Tensor;

use crate::transform::{limits, rows, written};
use crate::{Apply, Draws, Random, Result, functional};

/// Changes the brightness, contrast, saturation and hue of each image, in a random order; torchvision's
/// `ColorJitter`.
///
/// In JSON a number d stands for the factors from 1 - d to 1 + d, and for the hues from -d to d.
///
/// # Shapes
///
/// `[N, 1 or 3, H, W]`, unchanged; floats are from 0 to 1.
///
/// Differs from PyTorch: each image of a batch has a draw of its own.
///
/// ```
/// use selvedge_data::ColorJitter;
///
/// let jitter = ColorJitter { brightness: Some([0.5, 1.5]), hue: Some([-0.1, 0.1]), ..ColorJitter::default() };
/// assert_eq!(serde_json::from_str::<ColorJitter>(r#"{"brightness": 0.5, "hue": 0.1}"#)?, jitter);
/// assert_eq!(jitter, ColorJitter::new(0.5, 0.0, 0.0, 0.1));
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ColorJitter {
    /// The least and the largest factor. Default: none, which leaves it.
    #[serde(deserialize_with = "written::maybe_around_one")]
    pub brightness: Option<[f64; 2]>,
    /// The least and the largest factor. Default: none, which leaves it.
    #[serde(deserialize_with = "written::maybe_around_one")]
    pub contrast: Option<[f64; 2]>,
    /// The least and the largest factor. Default: none, which leaves it.
    #[serde(deserialize_with = "written::maybe_around_one")]
    pub saturation: Option<[f64; 2]>,
    /// The least and the largest turn, within -0.5 to 0.5 of the circle. Default: none, which leaves it.
    #[serde(deserialize_with = "written::maybe_around_zero")]
    pub hue: Option<[f64; 2]>,
}

type Change = fn(&Tensor, &[f64]) -> Result<Tensor>;

/// The four changes, in the order of their fields.
const CHANGES: [Change; 4] = [
    functional::adjust_brightness,
    functional::adjust_contrast,
    functional::adjust_saturation,
    functional::adjust_hue,
];

impl ColorJitter {
    /// The numbers that torchvision takes: each how far to go from the image, 0 to leave it.
    #[must_use]
    pub fn new(brightness: f64, contrast: f64, saturation: f64, hue: f64) -> Self {
        let factors = |distance: f64| (distance != 0.0).then(|| written::around_one(distance));
        Self {
            brightness: factors(brightness),
            contrast: factors(contrast),
            saturation: factors(saturation),
            hue: (hue != 0.0).then_some([-hue, hue]),
        }
    }

    fn ranges(&self) -> [Option<[f64; 2]>; 4] {
        [self.brightness, self.contrast, self.saturation, self.hue]
    }

    /// Which changes, first to last, and by what.
    fn draw(&self, random: &mut Random) -> [(usize, Option<f64>); 4] {
        let mut order = [0, 1, 2, 3];
        random.shuffle(&mut order);
        let factors = self.ranges().map(|range| range.map(|[least, most]| random.between(least, most)));
        order.map(|change| (change, factors[change]))
    }
}

impl Apply for ColorJitter {
    fn apply_with(&self, images: &Tensor, draws: &Draws<'_>) -> Result<Tensor> {
        self.validate()?;
        let drawn: Vec<_> = draws.images().map(|mut random| self.draw(&mut random)).collect();
        (0..4).try_fold(images.shallow_clone(), |images, place| {
            let changes: Vec<_> = drawn.iter().map(|changes| changes[place]).collect();
            rows::grouped(
                &images,
                &changes,
                |(change, _)| *change,
                |images, &change, changes| {
                    let factors: Option<Vec<f64>> = changes.iter().map(|(_, factor)| *factor).collect();
                    factors.map_or_else(
                        || Ok(images.shallow_clone()),
                        |factors| CHANGES[change](images, &factors),
                    )
                },
            )
        })
    }

    fn validate(&self) -> Result<()> {
        let names = ["ColorJitter.brightness", "ColorJitter.contrast", "ColorJitter.saturation"];
        for (name, range) in names.into_iter().zip(self.ranges()) {
            limits::range(name, range.unwrap_or([1.0; 2]), 0.0, f64::MAX)?;
        }
        limits::range("ColorJitter.hue", self.hue.unwrap_or([0.0; 2]), -0.5, 0.5)
    }
}
