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
    RandomAutocontrast, 0.5, functional::autocontrast
}
