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
