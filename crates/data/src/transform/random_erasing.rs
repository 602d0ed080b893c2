use serde::{Deserialize, Serialize};
use tch::Tensor;

use crate::transform::functional::{Frame, Region};
use crate::transform::{distribution, limits};
use crate::{Apply, Draws, Fill, Random, Result, functional};

/// Writes over a rectangle of each image with a probability; torchvision's `RandomErasing`, "Random Erasing
/// Data Augmentation" (Zhong et al.).
///
/// # Shapes
///
/// `[N, C, H, W]`, unchanged.
///
/// Differs from PyTorch: each image of a batch has a draw of its own; there is no `inplace`.
///
/// ```
/// use selvedge_data::{Apply, ErasingValue, RandomErasing};
///
/// let erasing = RandomErasing { value: ErasingValue::Random, ..RandomErasing::default() };
/// let json = r#"{"p":0.5,"scale":[0.02,0.33],"ratio":[0.3,3.3],"value":"random"}"#;
/// assert_eq!(serde_json::to_string(&erasing)?, json);
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct RandomErasing {
    /// The probability for each image. Default: 0.5.
    pub p: f64,
    /// The least and the largest share of the image. Default: 0.02 to 0.33.
    pub scale: [f64; 2],
    /// The least and the largest ratio of height to width. Default: 0.3 to 3.3.
    pub ratio: [f64; 2],
    /// What is written. Default: 0.
    pub value: ErasingValue,
}

/// What [`RandomErasing`] writes: in JSON a number, a list of one for each channel, or `"random"`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(from = "Written", into = "Written")]
pub enum ErasingValue {
    /// These values.
    Fill(Fill),
    /// Another number for each pixel, of mean 0 and deviation 1.
    Random,
}

#[derive(Serialize, Deserialize)]
#[serde(untagged, expecting = "expected a number, a list of numbers or \"random\"")]
enum Written {
    Fill(Fill),
    Word(Word),
}

#[derive(Serialize, Deserialize)]
enum Word {
    #[serde(rename = "random")]
    Random,
}

impl From<Written> for ErasingValue {
    fn from(written: Written) -> Self {
        match written {
            Written::Fill(fill) => Self::Fill(fill),
            Written::Word(Word::Random) => Self::Random,
        }
    }
}

impl From<ErasingValue> for Written {
    fn from(value: ErasingValue) -> Self {
        match value {
            ErasingValue::Fill(fill) => Self::Fill(fill),
            ErasingValue::Random => Self::Word(Word::Random),
        }
    }
}

impl Default for RandomErasing {
    fn default() -> Self {
        Self { p: 0.5, scale: [0.02, 0.33], ratio: [0.3, 3.3], value: ErasingValue::Fill(Fill::default()) }
    }
}

impl RandomErasing {
    /// A rectangle; one without rows where none was found that fits.
    fn region(&self, frame: Frame, random: &mut Random) -> Region {
        let area = (frame.height * frame.width) as f64;
        for _ in 0..10 {
            let area = area * random.between(self.scale[0], self.scale[1]);
            let ratio = random.between(self.ratio[0].ln(), self.ratio[1].ln()).exp();
            let height = (area * ratio).sqrt().round_ties_even() as i64;
            let width = (area / ratio).sqrt().round_ties_even() as i64;
            if height < frame.height && width < frame.width {
                let top = random.below((frame.height - height + 1) as usize) as i64;
                let left = random.below((frame.width - width + 1) as usize) as i64;
                return Region { top, left, height, width };
            }
        }
        NOTHING
    }
}

const NOTHING: Region = Region { top: 0, left: 0, height: 0, width: 0 };

impl Apply for RandomErasing {
    fn apply_with(&self, images: &Tensor, draws: &Draws<'_>) -> Result<Tensor> {
        self.validate()?;
        let frame = Frame::of("RandomErasing", images)?;
        let mut noise = Vec::new();
        let regions: Vec<_> = draws
            .images()
            .map(|mut random| {
                let region = if random.chance(self.p) { self.region(frame, &mut random) } else { NOTHING };
                if self.value == ErasingValue::Random {
                    noise.push(self::noise(frame, region, &mut random));
                }
                region
            })
            .collect();
        let values = match &self.value {
            ErasingValue::Fill(fill) => fill.tensor("RandomErasing.value", images)?,
            ErasingValue::Random if noise.is_empty() => return Ok(images.shallow_clone()),
            ErasingValue::Random => Tensor::stack(&noise, 0),
        };
        functional::erase(images, &regions, &values)
    }

    fn validate(&self) -> Result<()> {
        limits::probability("RandomErasing.p", self.p)?;
        limits::range("RandomErasing.scale", self.scale, 0.0, 1.0)?;
        limits::range("RandomErasing.ratio", self.ratio, f64::MIN_POSITIVE, f64::MAX)
    }
}

/// Numbers for the rectangle, and zeros around it.
fn noise(frame: Frame, region: Region, random: &mut Random) -> Tensor {
    let output = Tensor::zeros([frame.channels, frame.height, frame.width], tch::kind::FLOAT_CPU);
    let size = [frame.channels, region.height, region.width];
    let values = distribution::normals(random, size.iter().product::<i64>() as usize);
    let mut within = output.narrow(1, region.top, region.height).narrow(2, region.left, region.width);
    within.copy_(&Tensor::from_slice(&values).view(size));
    output
}
