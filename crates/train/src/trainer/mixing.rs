use selvedge_data::{Batch, CutMix, Draws, Mix, MixUp, Result};
use serde::{Deserialize, Serialize};

/// Mixes the images of a training batch with each other, and their labels with them.
///
/// The loss has to take probabilities for labels, as [`CrossEntropyLoss`](crate::CrossEntropyLoss) does.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Mixing {
    /// Blends each image with another. Default: none. Where both are given, each batch draws which.
    pub mix_up: Option<MixUp>,
    /// Shows a part of another image in each. Default: none.
    pub cut_mix: Option<CutMix>,
    /// What the draws come from, with the epoch and the number of the batch. Default: 0.
    pub seed: u64,
}

/// No sample and no step of a transform draws from here.
const STEP: usize = usize::MAX - 1;

impl Mixing {
    /// Whether the options have values that they can have.
    ///
    /// # Errors
    ///
    /// When one has not.
    pub fn validate(&self) -> Result<()> {
        self.mix_up.as_ref().map_or(Ok(()), Mix::validate)?;
        self.cut_mix.as_ref().map_or(Ok(()), Mix::validate)
    }

    /// The batch of a number, in an epoch, of images whose first has the position `first` in it. Class numbers
    /// become probabilities of `classes` where the step does not say how many there are.
    ///
    /// # Errors
    ///
    /// When the images are not such as the step takes.
    pub fn mix(&self, batch: Batch, epoch: u64, first: usize, classes: i64) -> Result<Batch> {
        let positions: Vec<usize> = (first..first + batch.len()).collect();
        let draws = Draws::new(self.seed, epoch, &positions).step(STEP);
        let mix_up = self
            .mix_up
            .as_ref()
            .map(|step| MixUp { num_classes: step.num_classes.or(Some(classes)), ..step.clone() });
        let cut_mix = self
            .cut_mix
            .as_ref()
            .map(|step| CutMix { num_classes: step.num_classes.or(Some(classes)), ..step.clone() });
        let step: &dyn Mix = match (&mix_up, &cut_mix) {
            (None, None) => return Ok(batch),
            (Some(step), None) => step,
            (None, Some(step)) => step,
            (Some(mix_up), Some(cut_mix)) => match positions.is_empty() {
                false if draws.step(STEP).image(0).chance(0.5) => mix_up,
                _ => cut_mix,
            },
        };
        step.mix(&batch, &draws)
    }
}
