use crate::{functional, misuse};

activation! {
    /// `exp(input) / Σ exp(input)` along a dimension: values in `[0, 1]` that sum to 1.
    ///
    /// PyTorch: `torch.nn.Softmax`.
    ///
    /// ```
    /// use selvedge_nn::{Forward, Mode, Softmax};
    /// use tch::Tensor;
    ///
    /// let softmax = Softmax::new(1);
    /// assert_eq!(softmax.to_string(), "Softmax(dim=1)");
    /// let output = softmax.forward(&Tensor::from_slice2(&[[2.0, 2.0]]), Mode::Eval);
    /// assert_eq!(output, Tensor::from_slice2(&[[0.5, 0.5]]));
    /// ```
    Softmax as "Softmax" {
        /// The dimension that sums to 1. Default `None`: PyTorch's implicit choice, the first dimension for
        /// inputs of 0, 1 or 3 dimensions, otherwise the second.
        dim: Option<i64> = None,
    }
    |this, input, _| functional::softmax(input, this.dim)
}

activation! {
    /// The logarithm of the [`Softmax`], computed without leaving the range of the numbers.
    ///
    /// PyTorch: `torch.nn.LogSoftmax`.
    LogSoftmax as "LogSoftmax" {
        /// As in [`Softmax`]. Default `None`.
        dim: Option<i64> = None,
    }
    |this, input, _| functional::log_softmax(input, this.dim)
}

activation! {
    /// The [`Softmax`] of `-input`: the smallest value gets the largest share.
    ///
    /// PyTorch: `torch.nn.Softmin`.
    Softmin as "Softmin" {
        /// As in [`Softmax`]. Default `None`.
        dim: Option<i64> = None,
    }
    |this, input, _| functional::softmin(input, this.dim)
}

activation! {
    /// A [`Softmax`] over the channels of each place of an image.
    ///
    /// PyTorch: `torch.nn.Softmax2d`.
    ///
    /// # Shapes
    ///
    /// `[batch, channels, height, width]` or `[channels, height, width]`; the output has the shape of the input.
    Softmax2d as "Softmax2d"
    |input| {
        misuse::planes::<2>(&Softmax2d, input);
        functional::softmax(input, -3)
    }
}

macro_rules! new {
    ($($name:ident),+) => {
        $(impl $name {
            /// Along a dimension, or along PyTorch's implicit choice for `None`.
            #[must_use]
            pub fn new(dim: impl Into<Option<i64>>) -> Self {
                Self { dim: dim.into() }
            }
        })+
    };
}

new!(Softmax, LogSoftmax, Softmin);
