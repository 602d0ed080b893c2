use serde::{Deserialize, Serialize};
use tch::Tensor;

use crate::repr::python;
use crate::{Dims, Forward, Mode, Module, functional, misuse, observe};

/// Declares a pool that is given the size of its output.
macro_rules! adaptive_pool {
    ($(#[$doc:meta])* $pool:ident, $names:expr, $function:ident,
        $(#[$alias_doc:meta] $alias:ident = $dims:literal),*) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Module)]
        #[serde(deny_unknown_fields)]
        #[module(name = Self::NAME, extra_repr)]
        pub struct $pool<const N: usize> {
            /// The size of the output; `None` for the input's own.
            #[module(skip)]
            pub output_size: Dims<N, Option<i64>>,
        }

        $(#[$alias_doc] pub type $alias = $pool<$dims>;)*

        impl<const N: usize> $pool<N> {
            const NAME: &'static str = $names[N - 1];

            /// A pool to that size: one for all dimensions, or one for each.
            #[must_use]
            pub fn new(output_size: impl Into<Dims<N, Option<i64>>>) -> Self {
                Self { output_size: output_size.into() }
            }

            fn extra_repr(&self) -> String {
                python::arguments(&[("output_size", &self.output_size)])
            }
        }

        impl<const N: usize> Forward for $pool<N> {
            #[track_caller]
            fn forward(&self, input: &Tensor, _: Mode) -> Tensor {
                misuse::planes::<N>(self, input);
                observe(self, functional::$function(input, self.output_size.to_array()))
            }
        }
    };
}

adaptive_pool! {
    /// The means of as many windows as the output has places, usually by the names [`AdaptiveAvgPool1d`],
    /// [`AdaptiveAvgPool2d`] and [`AdaptiveAvgPool3d`].
    ///
    /// The window of place `i` goes from `⌊i · size / output⌋` to `⌈(i + 1) · size / output⌉`. PyTorch:
    /// `torch.nn.AdaptiveAvgPool1d`, `AdaptiveAvgPool2d`, `AdaptiveAvgPool3d`.
    ///
    /// # Shapes
    ///
    /// From `[batch, channels, sizes..]` or `[channels, sizes..]` to the same with the sizes of the output.
    ///
    /// ```
    /// use selvedge_nn::{AdaptiveAvgPool2d, Forward, Mode};
    /// use tch::{Device, Kind, Tensor};
    ///
    /// let images = Tensor::randn([64, 16, 28, 30], (Kind::Float, Device::Cpu));
    /// let pool = AdaptiveAvgPool2d::new([Some(7), None]);
    /// assert_eq!(pool.to_string(), "AdaptiveAvgPool2d(output_size=(7, None))");
    /// assert_eq!(pool.forward(&images, Mode::Eval).size(), [64, 16, 7, 30]);
    /// ```
    AdaptiveAvgPool, ["AdaptiveAvgPool1d", "AdaptiveAvgPool2d", "AdaptiveAvgPool3d"], adaptive_avg_pool,
    /// An [`AdaptiveAvgPool`] over signals.
    AdaptiveAvgPool1d = 1,
    /// An [`AdaptiveAvgPool`] over images.
    AdaptiveAvgPool2d = 2,
    /// An [`AdaptiveAvgPool`] over volumes.
    AdaptiveAvgPool3d = 3
}

adaptive_pool! {
    /// The largest values of as many windows as the output has places, usually by the names
    /// [`AdaptiveMaxPool1d`], [`AdaptiveMaxPool2d`] and [`AdaptiveMaxPool3d`].
    ///
    /// The windows are those of [`AdaptiveAvgPool`]. PyTorch: `torch.nn.AdaptiveMaxPool1d`, `AdaptiveMaxPool2d`,
    /// `AdaptiveMaxPool3d`; its `return_indices` is
    /// [`functional::adaptive_max_pool_with_indices`].
    ///
    /// # Shapes
    ///
    /// From `[batch, channels, sizes..]` or `[channels, sizes..]` to the same with the sizes of the output.
    ///
    /// ```
    /// use selvedge_nn::{AdaptiveMaxPool1d, Forward, Mode};
    /// use tch::Tensor;
    ///
    /// let signal = Tensor::from_slice2(&[[1.0, 5.0, 2.0, 3.0]]);
    /// let output = AdaptiveMaxPool1d::new(2).forward(&signal, Mode::Eval);
    /// assert_eq!(output, Tensor::from_slice2(&[[5.0, 3.0]]));
    /// ```
    AdaptiveMaxPool, ["AdaptiveMaxPool1d", "AdaptiveMaxPool2d", "AdaptiveMaxPool3d"], adaptive_max_pool,
    /// An [`AdaptiveMaxPool`] over signals.
    AdaptiveMaxPool1d = 1,
    /// An [`AdaptiveMaxPool`] over images.
    AdaptiveMaxPool2d = 2,
    /// An [`AdaptiveMaxPool`] over volumes.
    AdaptiveMaxPool3d = 3
}
