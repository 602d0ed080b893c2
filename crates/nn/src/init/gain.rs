/// The function that follows the layer whose weight is initialised.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub enum Nonlinearity {
    /// None; PyTorch's `linear`, `conv1d` to `conv3d` and the transposed ones. Gain 1.
    Linear,
    /// Gain 1.
    Sigmoid,
    /// Gain 5/3.
    Tanh,
    /// Gain `√2`.
    Relu,
    /// Gain `√(2 / (1 + negative_slope²))`.
    LeakyRelu {
        /// PyTorch's `a` of the Kaiming functions and `param` of `calculate_gain`.
        negative_slope: f64,
    },
    /// Gain 3/4. For a self-normalising network take [`Linear`](Self::Linear), whose variance is `1 / fan_in`.
    Selu,
}

impl Default for Nonlinearity {
    /// PyTorch's default of the Kaiming functions: leaky ReLU with slope 0, whose gain is ReLU's.
    fn default() -> Self {
        Self::LeakyRelu { negative_slope: 0.0 }
    }
}

/// The factor on the standard deviation that makes up for what the nonlinearity takes away; PyTorch's
/// `calculate_gain`.
#[must_use]
pub fn calculate_gain(nonlinearity: Nonlinearity) -> f64 {
    match nonlinearity {
        Nonlinearity::Linear | Nonlinearity::Sigmoid => 1.0,
        Nonlinearity::Tanh => 5.0 / 3.0,
        Nonlinearity::Relu => 2f64.sqrt(),
        Nonlinearity::LeakyRelu { negative_slope } => (2.0 / (1.0 + negative_slope.powi(2))).sqrt(),
        Nonlinearity::Selu => 0.75,
    }
}
