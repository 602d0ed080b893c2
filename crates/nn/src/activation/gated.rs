use crate::functional::{self, GeluApproximate};

activation! {
    /// `input · sigmoid(input)`, also known as swish.
    ///
    /// PyTorch: `torch.nn.SiLU`.
    Silu as "SiLU"
    |input| functional::silu(input)
}

activation! {
    /// `input · tanh(softplus(input))`.
    ///
    /// PyTorch: `torch.nn.Mish`, by Misra, 2019.
    Mish as "Mish"
    |input| functional::mish(input)
}

activation! {
    /// `input · hardsigmoid(input)`.
    ///
    /// PyTorch: `torch.nn.Hardswish`, by Howard et al., Searching for MobileNetV3, 2019.
    Hardswish as "Hardswish"
    |input| functional::hardswish(input)
}

activation! {
    /// `input · Φ(input)`, where Φ is the distribution function of the normal distribution.
    ///
    /// PyTorch: `torch.nn.GELU`, by Hendrycks and Gimpel, 2016.
    ///
    /// ```
    /// use selvedge_nn::{Gelu, functional::GeluApproximate};
    ///
    /// let activation = Gelu { approximate: GeluApproximate::Tanh };
    /// assert_eq!(activation.to_string(), "GELU(approximate='tanh')");
    /// ```
    Gelu as "GELU" {
        /// How Φ is computed. Default [`GeluApproximate::None`].
        approximate: GeluApproximate = GeluApproximate::None,
    }
    |this, input, _| functional::gelu(input, this.approximate)
}

activation! {
    /// The first half of a dimension, times the sigmoid of the second.
    ///
    /// PyTorch: `torch.nn.GLU`, by Dauphin et al., 2016.
    ///
    /// # Panics
    ///
    /// `forward` does when the input has no such dimension, or its length is odd.
    Glu as "GLU" {
        /// The dimension that is halved. Default -1.
        dim: i64 = -1,
    }
    |this, input, _| functional::glu(input, this.dim)
}
