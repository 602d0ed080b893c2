use anyhow::{Result, anyhow, bail};
use selvedge_data::{
    Dataset, Error, RandomSampler, Sampler, SequentialSampler, StratifiedSampler, SubsetRandomSampler,
    WeightedRandomSampler, balanced_class_weights,
};
use serde::{Deserialize, Serialize};

use super::units;
use crate::session::CLASSES;

units! {
    /// Which images an epoch takes, and in which order.
    SamplerUnit {
        "RandomSampler" => Random(Plain) = Plain {},
        "SequentialSampler" => Sequential(Plain) = Plain {},
        "StratifiedSampler" => Stratified(Plain) = Plain {},
        "SubsetRandomSampler" => Subset(Indices) = Indices { indices: vec![0] },
        "WeightedRandomSampler" => Weighted(Weighted) = Weighted::default(),
    }
}

/// A sampler that the images and the seed decide.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Plain {}

/// The images of a `SubsetRandomSampler`.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Indices {
    /// Their numbers in the training set.
    indices: Vec<usize>,
}

/// The options of a `WeightedRandomSampler`.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Weighted {
    /// The weight of each class. Where there are none of images either, all classes are drawn equally often.
    class_weights: Option<Vec<f64>>,
    /// The weight of each image of the training set, in place of those of classes.
    weights: Option<Vec<f64>>,
    /// Draws in an epoch; as many as there are images where there is no number.
    num_samples: Option<usize>,
    /// Whether an epoch may draw an image again.
    replacement: bool,
}

impl Default for Weighted {
    fn default() -> Self {
        Self { class_weights: None, weights: None, num_samples: None, replacement: true }
    }
}

/// Each image once, in another order in each epoch.
impl Default for SamplerUnit {
    fn default() -> Self {
        Self::Random(Plain {})
    }
}

/// The images that are learnt from.
pub(crate) struct Learnt<'a> {
    /// The images themselves.
    pub(crate) images: &'a dyn Dataset,
    /// The number that each has in the training set.
    pub(crate) numbers: &'a [usize],
    /// How many images the training set has, with those that are held back.
    pub(crate) of: usize,
}

impl SamplerUnit {
    /// Refuses what can not be, whatever the images are.
    pub(crate) fn validate(&self) -> Result<()> {
        match self {
            Self::Random(_) | Self::Sequential(_) | Self::Stratified(_) => Ok(()),
            Self::Subset(Indices { indices }) if indices.is_empty() => {
                bail!("\"data.sampler.indices\" has to have at least one number, found none")
            }
            Self::Subset(_) => Ok(()),
            Self::Weighted(weighted) => weighted.validate(),
        }
    }

    /// The sampler of these images.
    ///
    /// # Errors
    ///
    /// When an option does not fit the images.
    pub(crate) fn build(&self, learnt: &Learnt<'_>, seed: u64) -> Result<Box<dyn Sampler>> {
        let len = learnt.numbers.len();
        Ok(match self {
            Self::Random(_) => Box::new(RandomSampler { len, seed }),
            Self::Sequential(_) => Box::new(SequentialSampler { len }),
            Self::Stratified(_) => Box::new(StratifiedSampler { labels: learnt.images.labels()?, seed }),
            Self::Subset(Indices { indices }) => {
                Box::new(SubsetRandomSampler { indices: learnt.places(indices)?, seed })
            }
            Self::Weighted(weighted) => {
                let weights = weighted.of_images(learnt)?;
                let num_samples = weighted.num_samples.unwrap_or(len);
                let replacement = weighted.replacement;
                let sampler = WeightedRandomSampler { weights, num_samples, replacement, seed };
                sampler.check().map_err(|error| weighted.placed(error))?;
                Box::new(sampler)
            }
        })
    }
}

impl Weighted {
    fn validate(&self) -> Result<()> {
        if self.num_samples == Some(0) {
            bail!("\"data.sampler.num_samples\" has to be at least 1, found 0");
        }
        if self.weights.is_some() && self.class_weights.is_some() {
            bail!("\"data.sampler\" has \"weights\" and \"class_weights\": take one of them away");
        }
        if let Some(weights) = &self.class_weights {
            self.expect_weights(CLASSES as usize, "class")?;
            self.check(weights)?;
        }
        self.weights.as_ref().map_or(Ok(()), |weights| self.check(weights))
    }

    /// The weight of each image that is learnt from.
    fn of_images(&self, learnt: &Learnt<'_>) -> Result<Vec<f64>> {
        if let Some(weights) = &self.weights {
            self.expect_weights(learnt.of, "image of the training set")?;
            return Ok(learnt.numbers.iter().map(|&number| weights[number]).collect());
        }
        let of_class = match &self.class_weights {
            Some(weights) => weights.clone(),
            None => balanced_class_weights(&learnt.images.class_counts()?),
        };
        let labels = learnt.images.labels()?;
        let weight = |label| usize::try_from(label).ok().and_then(|class| of_class.get(class)).copied();
        let weights: Option<Vec<f64>> = labels.iter().map(|&label| weight(label)).collect();
        weights.ok_or_else(|| anyhow!("an image is of none of the {CLASSES} classes"))
    }

    /// Refuses weights that are not one for each.
    fn expect_weights(&self, expected: usize, each: &str) -> Result<()> {
        let found = self.given().map_or(expected, Vec::len);
        if found != expected {
            let key = self.key();
            bail!(
                "\"data.sampler.{key}\" has to have {expected} numbers, one for each {each}, found {found}"
            );
        }
        Ok(())
    }

    /// Refuses weights that nothing can be drawn by.
    fn check(&self, weights: &[f64]) -> Result<()> {
        let sampler =
            WeightedRandomSampler { weights: weights.to_vec(), num_samples: 1, replacement: true, seed: 0 };
        sampler.check().map_err(|error| self.placed(error))
    }

    /// An error of the library's sampler, which knows weights of images alone.
    fn placed(&self, error: Error) -> anyhow::Error {
        let Error::Option { option, expected, found } = error else { return error.into() };
        let option = if option == "weights" { self.key() } else { option };
        anyhow!("\"data.sampler.{option}\": expected {expected}, found {found}")
    }

    fn given(&self) -> Option<&Vec<f64>> {
        self.weights.as_ref().or(self.class_weights.as_ref())
    }

    fn key(&self) -> &'static str {
        if self.weights.is_some() { "weights" } else { "class_weights" }
    }
}

impl Learnt<'_> {
    /// Where the images of these numbers are among those that are learnt from; without those that are held back.
    fn places(&self, indices: &[usize]) -> Result<Vec<usize>> {
        let mut places = vec![None; self.of];
        for (place, &number) in self.numbers.iter().enumerate() {
            places[number] = Some(place);
        }
        if let Some(index) = indices.iter().find(|&&index| index >= self.of) {
            let of = self.of;
            bail!("\"data.sampler.indices\" has to have numbers below {of}, found {index}");
        }
        let learnt: Vec<usize> = indices.iter().filter_map(|&index| places[index]).collect();
        if learnt.is_empty() {
            bail!("\"data.sampler.indices\" has no image that \"data.validation\" does not hold back");
        }
        Ok(learnt)
    }
}

#[cfg(test)]
mod tests {
    use selvedge_data::{ImageBytes, Shape, Subset};
    use serde_json::{Value, json};

    use super::*;

    /// Ten images, of which the last three are held back and the others lie in another order.
    const NUMBERS: [usize; 7] = [6, 0, 5, 1, 4, 2, 3];

    fn order(sampler: Value) -> Result<Vec<usize>> {
        let labels = vec![0, 0, 0, 0, 0, 1, 1, 2, 2, 2];
        let images = ImageBytes::new(Shape::new(1, 1, 1), vec![0; 10], labels, vec![]).unwrap();
        let images = Subset::new(images, NUMBERS.to_vec()).unwrap();
        let unit: SamplerUnit = serde_json::from_value(sampler).unwrap();
        unit.validate()?;
        let sampler = unit.build(&Learnt { images: &images, numbers: &NUMBERS, of: 10 }, 7)?;
        sampler.check()?;
        let order = sampler.indices(3);
        assert_eq!(order.len(), sampler.len());
        assert_eq!(order, unit.build(&Learnt { images: &images, numbers: &NUMBERS, of: 10 }, 7)?.indices(3));
        // By the numbers that they have in the training set.
        Ok(order.into_iter().map(|place| NUMBERS[place]).collect())
    }

    fn sorted(mut order: Vec<usize>) -> Vec<usize> {
        order.sort_unstable();
        order
    }

    #[test]
    fn each_sampler_takes_the_images_that_it_is_asked_for() {
        let all: Vec<usize> = (0..7).collect();
        assert_eq!(order(json!({ "type": "SequentialSampler" })).unwrap(), NUMBERS);
        let random = order(json!({ "type": "RandomSampler" })).unwrap();
        assert_ne!(random, NUMBERS);
        assert_eq!(sorted(random), all);
        assert_eq!(sorted(order(json!({ "type": "StratifiedSampler" })).unwrap()), all);
        // The image 8 is held back.
        let subset = json!({ "type": "SubsetRandomSampler", "indices": [8, 2, 6, 6] });
        assert_eq!(sorted(order(subset).unwrap()), [2, 6, 6]);
    }

    #[test]
    fn weights_are_of_classes_or_of_images() {
        let weighted = |mut options: Value| {
            options["type"] = "WeightedRandomSampler".into();
            order(options).unwrap()
        };
        // Five images of the first class and two of the second, each class as often as the other.
        let drawn = weighted(json!({ "num_samples": 20_000 }));
        let second = drawn.iter().filter(|&&number| number >= 5).count();
        assert!((9_700..10_300).contains(&second), "{second}");
        assert_eq!(weighted(json!({})).len(), 7);

        let mut of_class = vec![0.0; 10];
        of_class[1] = 2.0;
        let drawn = weighted(json!({ "class_weights": of_class, "num_samples": 50 }));
        assert!(drawn.len() == 50 && drawn.iter().all(|&number| number >= 5), "{drawn:?}");

        let of_image = json!([0, 0, 1, 0, 1, 0, 0, 9, 9, 9]);
        let drawn = weighted(json!({ "weights": of_image, "num_samples": 2, "replacement": false }));
        assert_eq!(sorted(drawn), [2, 4]);
    }

    #[test]
    fn what_does_not_fit_the_images_is_named() {
        for (options, expected) in [
            (
                json!({ "type": "SubsetRandomSampler", "indices": [3, 10] }),
                r#""data.sampler.indices" has to have numbers below 10, found 10"#,
            ),
            (
                json!({ "type": "SubsetRandomSampler", "indices": [8, 9] }),
                r#""data.sampler.indices" has no image that "data.validation" does not hold back"#,
            ),
            (
                json!({ "type": "WeightedRandomSampler", "weights": [1, 2] }),
                r#""data.sampler.weights" has to have 10 numbers, one for each image of the training set, found 2"#,
            ),
            (
                json!({ "type": "WeightedRandomSampler", "weights": [0, 0, 0, 0, 0, 0, 0, 1, 1, 1] }),
                r#""data.sampler.weights": expected at least one above 0, found none"#,
            ),
            (
                json!({ "type": "WeightedRandomSampler", "class_weights": [0, 0, 0, 0, 0, 0, 0, 1, 1, 1] }),
                r#""data.sampler.class_weights": expected at least one above 0, found none"#,
            ),
            (
                json!({ "type": "WeightedRandomSampler", "num_samples": 8, "replacement": false }),
                r#""data.sampler.num_samples": expected at most 7, the number of weights above 0, without replacement, found 8"#,
            ),
        ] {
            assert_eq!(order(options).unwrap_err().to_string(), expected);
        }
    }
}
