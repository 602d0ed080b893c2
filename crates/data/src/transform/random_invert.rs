use crate::functional;
use crate::transform::chance::with_probability;

with_probability! {
    /// Makes black white and white black with a probability for each image; torchvision's `RandomInvert`.
    ///
    /// # Shapes
    ///
    /// `[N, C, H, W]`, unchanged; floats are from 0 to 1.
    ///
    /// Differs from PyTorch: each image of a batch has a draw of its own.
    ///
    /// ```
    /// use selvedge_data::{Apply, RandomInvert};
    /// use tch::Tensor;
    ///
    /// let images = Tensor::from_slice(&[0_u8, 100]).view([1, 1, 1, 2]);
    /// let inverted = RandomInvert { p: 1.0 }.apply(&images)?;
    /// assert_eq!(inverted.view(-1), Tensor::from_slice(&[255_u8, 155]));
    /// # Ok::<(), selvedge_data::Error>(())
    /// ```
    RandomInvert, 0.5, functional::invert
}
