use selvedge_data::Loader;
use serde::{Deserialize, Serialize};
use tch::Tensor;

use super::exact;
use super::training::zero;

/// The updates since the losses were told last.
#[derive(Debug)]
pub(super) struct Recent {
    /// The sum of their losses, on the device.
    pub(super) loss: Tensor,
    pub(super) steps: u64,
    pub(super) images: usize,
}

/// The same as numbers, for a checkpoint: the losses that are told next are those of an uninterrupted training.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RecentLosses {
    /// The sum of the losses.
    #[serde(with = "exact")]
    pub loss: f64,
    /// How many updates there were.
    pub steps: u64,
    /// The images that they learnt.
    pub images: usize,
}

impl Recent {
    pub(super) fn none(loader: &Loader) -> Self {
        Self { loss: zero(loader), steps: 0, images: 0 }
    }

    pub(super) fn of(losses: &RecentLosses, loader: &Loader) -> Self {
        Self { loss: zero(loader).fill_(losses.loss), steps: losses.steps, images: losses.images }
    }

    /// It waits for the device.
    pub(super) fn losses(&self) -> RecentLosses {
        RecentLosses { loss: self.loss.double_value(&[]), steps: self.steps, images: self.images }
    }

    pub(super) fn add(&mut self, loss: &Tensor, images: usize) {
        self.loss += loss;
        self.steps += 1;
        self.images += images;
    }

    pub(super) fn mean(&self) -> Tensor {
        &self.loss / self.steps as f64
    }
}
