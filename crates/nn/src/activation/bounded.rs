use crate::functional;

activation! {
    /// `1 / (1 + exp(-input))`, in `[0, 1]`.
    ///
    /// PyTorch: `torch.nn.Sigmoid`.
    ///
    /// ```
    /// use selvedge_nn::{Forward, Mode, Sigmoid};
    /// use tch::Tensor;
    ///
    /// assert_eq!(Sigmoid.forward(&Tensor::from_slice(&[0.0]), Mode::Eval), Tensor::from_slice(&[0.5]));
    /// ```
    Sigmoid as "Sigmoid"
    |input| functional::sigmoid(input)
}

activation! {
    /// The logarithm of the [`Sigmoid`], computed without leaving the range of the numbers.
    ///
    /// PyTorch: `torch.nn.LogSigmoid`.
    LogSigmoid as "LogSigmoid"
    |input| functional::logsigmoid(input)
}

activation! {
    /// `input / 6 + 1 / 2`, cut to `[0, 1]`.
    ///
    /// PyTorch: `torch.nn.Hardsigmoid`.
    Hardsigmoid as "Hardsigmoid"
    |input| functional::hardsigmoid(input)
}

activation! {
    /// The hyperbolic tangent of each value, in `[-1, 1]`.
    ///
    /// PyTorch: `torch.nn.Tanh`.
    Tanh as "Tanh"
    |input| functional::tanh(input)
}

activation! {
    /// The input, cut to an interval.
    ///
    /// PyTorch: `torch.nn.Hardtanh`.
    ///
    /// # Panics
    ///
    /// `forward` does when `min_val` is above `max_val`.
    Hardtanh as "Hardtanh" {
        /// The least value. Default -1.
        min_val: f64 = -1.0,
        /// The greatest value. Default 1.
        max_val: f64 = 1.0,
    }
    |this, input, _| functional::hardtanh(input, this.min_val, this.max_val)
}

activation! {
    /// The input, cut to `[0, 6]`.
    ///
    /// PyTorch: `torch.nn.ReLU6`.
    Relu6 as "ReLU6"
    |input| functional::relu6(input)
}

activation! {
    /// `input / (1 + |input|)`, in `[-1, 1]`.
    ///
    /// PyTorch: `torch.nn.Softsign`.
    Softsign as "Softsign"
    |input| functional::softsign(input)
}
