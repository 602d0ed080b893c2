mod aug_mix;
mod auto_augment;
mod operation;
mod policies;
mod rand_augment;
mod space;
#[cfg(test)]
mod tests;
mod trivial_augment_wide;

pub use aug_mix::AugMix;
pub use auto_augment::{AutoAugment, AutoAugmentPolicy};
use operation::{Operation, Step, run};
pub use rand_augment::RandAugment;
use space::Space;
pub use trivial_augment_wide::TrivialAugmentWide;
