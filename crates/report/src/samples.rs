use selvedge_data::Dataset;
use serde::{Deserialize, Serialize};

use crate::{ImageData, Result};

/// The images whose predictions are followed, as `predictions.jsonl` has them: `samples.json`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Samples {
    /// The names of the classes by number.
    pub classes: Vec<String>,
    /// The images, in their order.
    pub images: Vec<SampleImage>,
}

/// One of [`Samples`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SampleImage {
    /// Its class.
    pub truth: usize,
    /// What it looks like.
    pub image: ImageData,
}

impl Samples {
    /// The first `count` of some images; none where one of them can not be shown.
    ///
    /// # Errors
    ///
    /// When an image can not be had.
    pub fn first(count: usize, images: &dyn Dataset, classes: &[&str]) -> Result<Option<Self>> {
        let mut first = Vec::with_capacity(count);
        for index in 0..count.min(images.len()) {
            let sample = images.sample(index)?;
            let (Some(image), Ok(truth)) = (ImageData::of(&sample), usize::try_from(sample.label)) else {
                return Ok(None);
            };
            first.push(SampleImage { truth, image });
        }
        Ok(Some(Self { classes: classes.iter().map(|&name| name.to_owned()).collect(), images: first }))
    }
}
