mod stage;

use serde::de::{Deserialize, Deserializer, Error, Unexpected};
use serde::{Deserialize as DeriveDeserialize, Serialize};
use tch::Tensor;

use crate::plan::{Chain, Refusal};
use crate::repr::python;
use crate::{Forward, Mode, Module, functional, observe};

/// Declares a layer whose only option is the probability to drop.
macro_rules! dropout_layer {
    ($(#[doc = $doc:literal])+ $layer:ident = functional::$function:ident $(as stage::$stage:ident)?) => {
        $(#[doc = $doc])+
        ///
        /// # Panics
        ///
        #[doc = concat!("`forward` panics as [`functional::", stringify!($function), "`] does.")]
        #[derive(Debug, Clone, Copy, PartialEq, Module, Serialize, DeriveDeserialize)]
        #[serde(default, deny_unknown_fields)]
        #[module(extra_repr)]
        pub struct $layer {
            /// The probability to drop, in `[0, 1]`. Default: 0.5
            #[serde(deserialize_with = "probability")]
            #[module(skip)]
            pub p: f64,
        }

        impl $layer {
            /// A layer that drops with probability `p`.
            ///
            /// # Panics
            ///
            /// When `p` lies outside `[0, 1]`. A `p` that comes from a file is checked as it is deserialised.
            #[must_use]
            #[track_caller]
            pub fn new(p: f64) -> Self {
                let name = stringify!($layer);
                assert!(is_probability(p), "{name}: the probability p has to lie in [0, 1], found {p}");
                Self { p }
            }

            fn extra_repr(&self) -> String {
                python::arguments(&[("p", &self.p), ("inplace", &false)])
            }
        }

        impl Default for $layer {
            fn default() -> Self {
                Self { p: 0.5 }
            }
        }

        impl Forward for $layer {
            fn forward(&self, input: &Tensor, mode: Mode) -> Tensor {
                observe(self, functional::$function(input, self.p, mode))
            }

            $(fn chain(&self, chain: &mut Chain) -> Result<(), Refusal> {
                chain.push(stringify!($layer), stage::$stage { p: self.p });
                Ok(())
            })?
        }
    };
}

dropout_layer! {
    /// Sets each value to zero with probability `p` in training, and scales the others by `1 / (1 - p)`; PyTorch's
    /// `Dropout`, by Hinton et al., 2012.
    ///
    /// ```
    /// use selvedge_nn::{Dropout, Forward, Mode};
    /// use tch::{Device, Kind, Tensor};
    ///
    /// let dropout = Dropout::new(0.25);
    /// let input = Tensor::ones([2, 3], (Kind::Float, Device::Cpu));
    /// assert_eq!(dropout.forward(&input, Mode::Eval), input);
    /// assert_eq!(dropout.to_string(), "Dropout(p=0.25, inplace=False)");
    /// ```
    ///
    /// # Shapes
    ///
    /// Any; the output has the shape of the input.
    Dropout = functional::dropout as stage::DropoutStage
}

dropout_layer! {
    /// Drops whole channels of sequences in training; PyTorch's `Dropout1d`.
    ///
    /// # Shapes
    ///
    /// `[N, C, L]` or `[C, L]`; the output has the shape of the input.
    Dropout1d = functional::dropout1d
}

dropout_layer! {
    /// Drops whole channels of images in training; PyTorch's `Dropout2d`, by Tompson et al., Efficient Object
    /// Localization Using Convolutional Networks, 2015.
    ///
    /// # Shapes
    ///
    /// `[N, C, H, W]` or, as a batch of sequences, `[N, C, L]`; the output has the shape of the input.
    Dropout2d = functional::dropout2d
}

dropout_layer! {
    /// Drops whole channels of volumes in training; PyTorch's `Dropout3d`.
    ///
    /// # Shapes
    ///
    /// `[N, C, D, H, W]` or `[C, D, H, W]`; the output has the shape of the input.
    Dropout3d = functional::dropout3d
}

dropout_layer! {
    /// Drops to SELU's negative saturation in training, keeping mean 0 and variance 1; PyTorch's `AlphaDropout`,
    /// by Klambauer et al., Self-Normalizing Neural Networks, 2017.
    ///
    /// # Shapes
    ///
    /// Any; the output has the shape of the input.
    AlphaDropout = functional::alpha_dropout
}

dropout_layer! {
    /// [`AlphaDropout`] of whole channels; PyTorch's `FeatureAlphaDropout`.
    ///
    /// # Shapes
    ///
    /// `[N, C, ...]`; the output has the shape of the input.
    FeatureAlphaDropout = functional::feature_alpha_dropout
}

fn is_probability(p: f64) -> bool {
    (0.0..=1.0).contains(&p)
}

fn probability<'de, D: Deserializer<'de>>(deserializer: D) -> Result<f64, D::Error> {
    let p = f64::deserialize(deserializer)?;
    if is_probability(p) {
        Ok(p)
    } else {
        Err(D::Error::invalid_value(Unexpected::Float(p), &"a probability in [0, 1]"))
    }
}
