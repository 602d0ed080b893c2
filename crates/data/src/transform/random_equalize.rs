use crate::functional;
use crate::transform::chance::with_probability;

with_probability! {
    /// Makes each channel use all values about equally often, with a probability for each image;
    /// torchvision's `RandomEqualize`.
    ///
    /// # Shapes
    ///
    /// `[N, C, H, W]`, unchanged; floats are from 0 to 1.
    ///
    /// Differs from PyTorch: each image of a batch has a draw of its own.
    ///
    /// ```
    /// use selvedge_data::{Apply, RandomEqualize};
    /// use tch::{Device, Kind, Tensor};
    ///
    /// let images = Tensor::rand([8, 3, 24, 24], (Kind::Float, Device::Cpu));
    /// let step = RandomEqualize { p: 0.3 };
    /// assert_eq!(step.apply(&images)?.size(), [8, 3, 24, 24]);
    /// # Ok::<(), selvedge_data::Error>(())
    /// ```
    RandomEqualize, 0.5, functional::equalize
}
