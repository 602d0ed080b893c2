use crate::functional;

activation! {
    /// `max(0, input)`, value by value.
    ///
    /// PyTorch: `torch.nn.ReLU`. Differs from PyTorch: no `inplace`, here and in the other activations.
    ///
    /// ```
    /// use selvedge_nn::{Forward, Mode, Relu};
    /// use tch::Tensor;
    ///
    /// let output = Relu.forward(&Tensor::from_slice(&[-1.0, 2.0]), Mode::Eval);
    /// assert_eq!(output, Tensor::from_slice(&[0.0, 2.0]));
    /// ```
    Relu as "ReLU"
    |input| functional::relu(input)
}

activation! {
    /// Values above 0 as they are, others times a slope.
    ///
    /// PyTorch: `torch.nn.LeakyReLU`.
    ///
    /// ```
    /// use selvedge_nn::{Forward, LeakyRelu, Mode};
    /// use tch::Tensor;
    ///
    /// let activation = LeakyRelu { negative_slope: 0.5 };
    /// assert_eq!(activation.to_string(), "LeakyReLU(negative_slope=0.5)");
    /// let output = activation.forward(&Tensor::from_slice(&[-1.0, 2.0]), Mode::Eval);
    /// assert_eq!(output, Tensor::from_slice(&[-0.5, 2.0]));
    /// ```
    LeakyRelu as "LeakyReLU" {
        /// The slope for values below 0. Default 0.01.
        negative_slope: f64 = 0.01,
    }
    |this, input, _| functional::leaky_relu(input, this.negative_slope)
}

activation! {
    /// Values above 0 as they are, others times a slope that is drawn anew for each value in training, and is the
    /// middle of the two bounds otherwise.
    ///
    /// PyTorch: `torch.nn.RReLU`.
    ///
    /// # Panics
    ///
    /// `forward` does when `lower` is above `upper`.
    Rrelu as "RReLU" {
        /// The least slope. Default 1/8.
        lower: f64 = 1.0 / 8.0,
        /// The greatest slope. Default 1/3.
        upper: f64 = 1.0 / 3.0,
    }
    |this, input, mode| functional::rrelu(input, this.lower, this.upper, mode)
}

activation! {
    /// Values above a threshold as they are, another value for the others.
    ///
    /// PyTorch: `torch.nn.Threshold`, which has no defaults.
    Threshold as "Threshold" {
        /// The threshold. Default 0.
        threshold: f64 = 0.0,
        /// What stands for the values that are not above it. Default 0.
        value: f64 = 0.0,
    }
    |this, input, _| functional::threshold(input, this.threshold, this.value)
}

activation! {
    /// Values above 0 as they are, `alpha · (exp(input) - 1)` for the others.
    ///
    /// PyTorch: `torch.nn.ELU`, by Clevert et al., 2015.
    Elu as "ELU" {
        /// The limit far below 0, but for the sign. Default 1.
        alpha: f64 = 1.0,
    }
    |this, input, _| functional::elu(input, this.alpha)
}

activation! {
    /// Values above 0 as they are, `alpha · (exp(input / alpha) - 1)` for the others, so that the derivative has
    /// no jump.
    ///
    /// PyTorch: `torch.nn.CELU`, by Barron, 2017.
    Celu as "CELU" {
        /// The limit far below 0, but for the sign. Default 1.
        alpha: f64 = 1.0,
    }
    |this, input, _| functional::celu(input, this.alpha)
}

activation! {
    /// An [`Elu`] with a scale, the two constants chosen to keep mean 0 and variance 1 through many layers.
    ///
    /// PyTorch: `torch.nn.SELU`, by Klambauer et al., Self-Normalizing Neural Networks, 2017.
    Selu as "SELU"
    |input| functional::selu(input)
}

activation! {
    /// `ln(1 + exp(beta · input)) / beta`, a smooth [`Relu`].
    ///
    /// PyTorch: `torch.nn.Softplus`.
    Softplus as "Softplus" {
        /// The sharpness of the bend. Default 1.
        beta: f64 = 1.0,
        /// Where `beta · input` is above this, the output is the input. Default 20.
        threshold: f64 = 20.0,
    }
    |this, input, _| functional::softplus(input, this.beta, this.threshold)
}
