use serde::{Deserialize, Serialize};
use tch::Tensor;

use crate::{
    AugMix, AutoAugment, CenterCrop, ColorJitter, Compose, ConvertImageDtype, Draws, ElasticTransform,
    FiveCrop, GaussianBlur, GaussianNoise, Grayscale, Lambda, LinearTransformation, Normalize, Pad,
    RandAugment, RandomAdjustSharpness, RandomAffine, RandomApply, RandomAutocontrast,
    RandomChannelPermutation, RandomChoice, RandomCrop, RandomEqualize, RandomErasing, RandomGrayscale,
    RandomHorizontalFlip, RandomInvert, RandomOrder, RandomPerspective, RandomPosterize, RandomResizedCrop,
    RandomRotation, RandomSolarize, RandomVerticalFlip, RandomZoomOut, Resize, Result, ScaleJitter, TenCrop,
    ToDtype, ToImage, ToTensor, TrivialAugmentWide,
};

/// Maps a batch of images to another.
pub trait Apply {
    /// The images after this step, given the images before it and what random steps draw from.
    ///
    /// # Shapes
    ///
    /// `[N, C, H, W]` to `[N, C′, H′, W′]`; bytes (u8) until a step such as [`ToTensor`] makes them f32.
    ///
    /// # Errors
    ///
    /// When the images are not such as the step takes, or an option has a value that it can not have.
    fn apply_with(&self, images: &Tensor, draws: &Draws<'_>) -> Result<Tensor>;

    /// [`apply_with`](Self::apply_with) where nothing random matters: random steps draw with the seed 0, in
    /// the epoch 0, for the images 0, 1, 2 and so on.
    ///
    /// # Errors
    ///
    /// As [`apply_with`](Self::apply_with).
    fn apply(&self, images: &Tensor) -> Result<Tensor> {
        let count = images.size().first().map_or(0, |&count| count as usize);
        let indices: Vec<usize> = (0..count).collect();
        self.apply_with(images, &Draws::new(0, 0, &indices))
    }

    /// Whether the options have values that they can have. A loader asks before it starts, and each step
    /// before it works.
    ///
    /// # Errors
    ///
    /// That names the option, what it can be and what it is.
    fn validate(&self) -> Result<()> {
        Ok(())
    }

    /// Whether each value of the output depends on the value at the same place of the input and on its
    /// channel alone. The loader collapses such steps into one look-up.
    fn is_pointwise(&self) -> bool {
        false
    }

    /// Whether images of one size may come out in several. A [`Compose`] then takes the images of a batch
    /// through the rest of its steps one by one, which has to make them alike.
    fn varies_in_size(&self) -> bool {
        false
    }
}

macro_rules! transforms {
    ($($step:ident),* $(,)?) => {
        /// Any step that can stand in a [`Compose`], and in a configuration file:
        /// `{"type": "Normalize", "mean": [0.5], "std": [0.5]}`.
        #[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
        #[serde(tag = "type")]
        #[non_exhaustive]
        pub enum Transform {
            $(#[doc = concat!("See [`", stringify!($step), "`].")] $step($step),)*
            /// See [`Lambda`]. It has no JSON.
            #[serde(skip)]
            Lambda(Lambda),
        }

        impl Transform {
            /// The name of the type.
            pub(super) fn name(&self) -> &'static str {
                match self {
                    $(Self::$step(_) => stringify!($step),)*
                    Self::Lambda(_) => "Lambda",
                }
            }

            fn step(&self) -> &dyn Apply {
                match self {
                    $(Self::$step(step) => step,)*
                    Self::Lambda(step) => step,
                }
            }
        }

        $(impl From<$step> for Transform {
            fn from(step: $step) -> Self {
                Self::$step(step)
            }
        })*
    };
}

transforms!(
    AugMix,
    AutoAugment,
    CenterCrop,
    ColorJitter,
    Compose,
    ConvertImageDtype,
    ElasticTransform,
    FiveCrop,
    GaussianBlur,
    GaussianNoise,
    Grayscale,
    LinearTransformation,
    Normalize,
    Pad,
    RandAugment,
    RandomAdjustSharpness,
    RandomAffine,
    RandomApply,
    RandomAutocontrast,
    RandomChannelPermutation,
    RandomChoice,
    RandomCrop,
    RandomEqualize,
    RandomErasing,
    RandomGrayscale,
    RandomHorizontalFlip,
    RandomInvert,
    RandomOrder,
    RandomPerspective,
    RandomPosterize,
    RandomResizedCrop,
    RandomRotation,
    RandomSolarize,
    RandomVerticalFlip,
    RandomZoomOut,
    Resize,
    ScaleJitter,
    TenCrop,
    ToDtype,
    ToImage,
    ToTensor,
    TrivialAugmentWide,
);

impl From<Lambda> for Transform {
    fn from(step: Lambda) -> Self {
        Self::Lambda(step)
    }
}

impl Apply for Transform {
    fn apply_with(&self, images: &Tensor, draws: &Draws<'_>) -> Result<Tensor> {
        self.step().apply_with(images, draws)
    }

    fn validate(&self) -> Result<()> {
        self.step().validate()
    }

    fn is_pointwise(&self) -> bool {
        self.step().is_pointwise()
    }

    fn varies_in_size(&self) -> bool {
        self.step().varies_in_size()
    }
}
