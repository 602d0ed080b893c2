use crate::Draws;

/// The positions in the batch of the images for which a coin of this probability falls on the right side.
pub(super) fn heads(p: f64, draws: &Draws<'_>) -> Vec<usize> {
    draws.images().enumerate().filter_map(|(row, mut random)| random.chance(p).then_some(row)).collect()
}

/// A transform that does one thing to each image with a probability, and has no other option.
macro_rules! with_probability {
    ($(#[$doc:meta])* $name:ident, $default:literal, $change:expr) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, serde::Serialize, serde::Deserialize)]
        #[serde(default, deny_unknown_fields)]
        pub struct $name {
            #[doc = concat!("The probability for each image. Default: ", stringify!($default), ".")]
            pub p: f64,
        }

        impl Default for $name {
            fn default() -> Self {
                Self { p: $default }
            }
        }

        impl crate::Apply for $name {
            fn apply_with(&self, images: &tch::Tensor, draws: &crate::Draws<'_>) -> crate::Result<tch::Tensor> {
                self.validate()?;
                let rows = crate::transform::chance::heads(self.p, draws);
                crate::transform::rows::changed(images, &rows, $change)
            }

            fn validate(&self) -> crate::Result<()> {
                crate::transform::limits::probability(concat!(stringify!($name), ".p"), self.p)
            }
        }
    };
}

pub(super) use with_probability;
