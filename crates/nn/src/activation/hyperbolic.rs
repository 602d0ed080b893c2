use crate::functional;

activation! {
    /// The hyperbolic tangent of each value.
    ///
    /// PyTorch: `torch.nn.Tanh`.
    Tanh as "Tanh"
    |input| functional::tanh(input)
}
