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
    RandomEqualize, 0.5, functional::equalize
}
