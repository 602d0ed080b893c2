use serde::{Deserialize, Serialize};
use tch::Tensor;

use crate::transform::{limits, rows};
use crate::{Apply, Draws, Error, Random, Result, Transform};

/// Does one step of several to each image; torchvision's `RandomChoice`.
///
/// Differs from PyTorch: each image of a batch has a draw of its own.
///
/// ```
/// use selvedge_data::{Apply, RandomChoice, RandomHorizontalFlip, RandomVerticalFlip};
/// use tch::{Device, Kind, Tensor};
///
/// let images = Tensor::rand([8, 3, 24, 24], (Kind::Float, Device::Cpu));
/// let flips = [RandomHorizontalFlip { p: 1.0 }.into(), RandomVerticalFlip { p: 1.0 }.into()];
/// let choice = RandomChoice { p: Some(vec![0.9, 0.1]), ..RandomChoice::new(flips) };
/// assert_eq!(choice.apply(&images)?.size(), [8, 3, 24, 24]);
/// # Ok::<(), selvedge_data::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RandomChoice {
    /// The steps, at least one. No default, as in PyTorch.
    pub transforms: Vec<Transform>,
    /// How likely each step is, against the others. Default: each as likely as the others.
    #[serde(default)]
    pub p: Option<Vec<f64>>,
}

impl RandomChoice {
    /// One of these steps, each as likely as the others.
    #[must_use]
    pub fn new(transforms: impl Into<Vec<Transform>>) -> Self {
        Self { transforms: transforms.into(), p: None }
    }

    fn choose(&self, random: &mut Random) -> usize {
        let Some(weights) = &self.p else { return random.below(self.transforms.len()) };
        let mut left = random.uniform() * weights.iter().sum::<f64>();
        let within = |weight: &f64| {
            left -= weight;
            left < 0.0
        };
        // Where rounding leaves something over, it belongs to the last step that may be chosen.
        let last = weights.iter().rposition(|&weight| weight > 0.0).unwrap_or(0);
        weights.iter().position(within).unwrap_or(last)
    }
}

impl Apply for RandomChoice {
    fn apply_with(&self, images: &Tensor, draws: &Draws<'_>) -> Result<Tensor> {
        self.validate()?;
        let chosen: Vec<_> = draws
            .images()
            .zip(draws.indices())
            .map(|(mut random, &index)| (self.choose(&mut random), index))
            .collect();
        rows::grouped(
            images,
            &chosen,
            |(choice, _)| *choice,
            |images, &choice, chosen| {
                let indices: Vec<usize> = chosen.iter().map(|(_, index)| *index).collect();
                self.transforms[choice].apply_with(images, &draws.step(choice).of(&indices))
            },
        )
    }

    fn validate(&self) -> Result<()> {
        limits::some("RandomChoice.transforms", &self.transforms)?;
        if let Some(weights) = &self.p {
            if weights.len() != self.transforms.len() {
                let expected = format!("{} values, one for each step", self.transforms.len());
                return Err(Error::option("RandomChoice.p", expected, weights.len()));
            }
            limits::within("RandomChoice.p", weights, 0.0, f64::MAX)?;
            limits::positive("RandomChoice.p (their sum)", weights.iter().sum())?;
        }
        self.transforms.iter().try_for_each(Apply::validate)
    }

    fn varies_in_size(&self) -> bool {
        self.transforms.iter().any(Apply::varies_in_size)
    }
}
