use serde::{Deserialize, Serialize};
use tch::Tensor;

use super::PadSizes;
use crate::repr::python::Python;
use crate::{Forward, Mode, Module, PaddingMode, functional, misuse, observe};

/// Declares a pad whose values follow from its mode.
macro_rules! pad {
    ($(#[$doc:meta])* $pad:ident, $names:expr, $mode:expr,
        $($alias:ident = $dims:literal, $planes:literal);*) => {
        $(#[$doc])*
        ///
        /// # Shapes
        ///
        /// From `[batch, channels, sizes..]` or `[channels, sizes..]` to the same with each of the `N` sizes larger by
        /// the numbers before and after it.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Module)]
        #[serde(deny_unknown_fields)]
        #[module(name = Self::NAME, extra_repr)]
        pub struct $pad<const N: usize> {
            /// How many values on each side.
            #[module(skip)]
            pub padding: PadSizes<N>,
        }

        $(
            #[doc = concat!("A [`", stringify!($pad), "`] of ", $planes, ".")]
            pub type $alias = $pad<$dims>;
        )*

        impl<const N: usize> $pad<N> {
            const NAME: &'static str = $names[N - 1];

            /// A pad of that many values on all sides, or on each.
            #[must_use]
            pub fn new(padding: impl Into<PadSizes<N>>) -> Self {
                Self { padding: padding.into() }
            }

            fn extra_repr(&self) -> String {
                self.padding.python()
            }
        }

        impl<const N: usize> Forward for $pad<N> {
            #[track_caller]
            fn forward(&self, input: &Tensor, _: Mode) -> Tensor {
                misuse::planes::<N>(self, input);
                observe(self, functional::pad(input, self.padding.as_slice(), $mode))
            }
        }
    };
}

pad! {
    /// Puts zeros around a signal (`N` = 1), an image (2) or a volume (3).
    ///
    /// PyTorch: `torch.nn.ZeroPad1d`, `ZeroPad2d`, `ZeroPad3d`.
    ///
    /// ```
    /// use selvedge_nn::{Forward, Mode, ZeroPad1d};
    /// use tch::Tensor;
    ///
    /// let output = ZeroPad1d::new([2, 1]).forward(&Tensor::from_slice2(&[[1, 2]]), Mode::Eval);
    /// assert_eq!(output, Tensor::from_slice2(&[[0, 0, 1, 2, 0]]));
    /// ```
    ZeroPad, ["ZeroPad1d", "ZeroPad2d", "ZeroPad3d"], PaddingMode::Zeros,
    ZeroPad1d = 1, "signals"; ZeroPad2d = 2, "images"; ZeroPad3d = 3, "volumes"
}

pad! {
    /// Puts the input, mirrored at its edge, around a signal (`N` = 1), an image (2) or a volume (3); the edge itself is
    /// not repeated.
    ///
    /// PyTorch: `torch.nn.ReflectionPad1d`, `ReflectionPad2d`, `ReflectionPad3d`.
    ///
    /// ```
    /// use selvedge_nn::{Forward, Mode, ReflectionPad1d};
    /// use tch::Tensor;
    ///
    /// let output = ReflectionPad1d::new([2, 1]).forward(&Tensor::from_slice2(&[[1, 2, 3]]), Mode::Eval);
    /// assert_eq!(output, Tensor::from_slice2(&[[3, 2, 1, 2, 3, 2]]));
    /// ```
    ReflectionPad, ["ReflectionPad1d", "ReflectionPad2d", "ReflectionPad3d"], PaddingMode::Reflect,
    ReflectionPad1d = 1, "signals"; ReflectionPad2d = 2, "images"; ReflectionPad3d = 3, "volumes"
}

pad! {
    /// Repeats the values at the edge around a signal (`N` = 1), an image (2) or a volume (3).
    ///
    /// PyTorch: `torch.nn.ReplicationPad1d`, `ReplicationPad2d`, `ReplicationPad3d`.
    ///
    /// ```
    /// use selvedge_nn::{Forward, Mode, ReplicationPad1d};
    /// use tch::Tensor;
    ///
    /// let output = ReplicationPad1d::new([2, 1]).forward(&Tensor::from_slice2(&[[1, 2]]), Mode::Eval);
    /// assert_eq!(output, Tensor::from_slice2(&[[1, 1, 1, 2, 2]]));
    /// ```
    ReplicationPad, ["ReplicationPad1d", "ReplicationPad2d", "ReplicationPad3d"], PaddingMode::Replicate,
    ReplicationPad1d = 1, "signals"; ReplicationPad2d = 2, "images"; ReplicationPad3d = 3, "volumes"
}

pad! {
    /// Puts the input from its other end around a signal (`N` = 1), an image (2) or a volume (3).
    ///
    /// PyTorch: `torch.nn.CircularPad1d`, `CircularPad2d`, `CircularPad3d`.
    ///
    /// ```
    /// use selvedge_nn::{CircularPad1d, Forward, Mode};
    /// use tch::Tensor;
    ///
    /// let output = CircularPad1d::new([2, 1]).forward(&Tensor::from_slice2(&[[1, 2, 3]]), Mode::Eval);
    /// assert_eq!(output, Tensor::from_slice2(&[[2, 3, 1, 2, 3, 1]]));
    /// ```
    CircularPad, ["CircularPad1d", "CircularPad2d", "CircularPad3d"], PaddingMode::Circular,
    CircularPad1d = 1, "signals"; CircularPad2d = 2, "images"; CircularPad3d = 3, "volumes"
}
