use crate::functional;
use crate::transform::chance::with_probability;

with_probability! {
    /// Stretches each channel from black to white with a probability for each image; torchvision's
    /// `RandomAutocontrast`.
    ///
    /// # Shapes
    ///
    /// `[N, 1 or 3, H, W]`, unchanged; floats are from 0 to 1.
    ///
    /// Differs from PyTorch: each image of a batch has a draw of its own.
    ///
    /// ```
    /// use selvedge_data::{Apply, RandomAutocontrast};
    /// use tch::{Device, Kind, Tensor};
    ///
    /// let images = Tensor::rand([8, 3, 24, 24], (Kind::Float, Device::Cpu));
    /// let step = RandomAutocontrast { p: 0.3 };
    /// assert_eq!(step.apply(&images)?.size(), [8, 3, 24, 24]);
    /// # Ok::<(), selvedge_data::Error>(())
    /// ```
    RandomAutocontrast, 0.5, functional::autocontrast
}
