use crate::functional;
use crate::repr::python::Python;

activation! {
    /// The input, but 0 where it lies in `[-lambd, lambd]`.
    ///
    /// PyTorch: `torch.nn.Hardshrink`.
    ///
    /// ```
    /// use selvedge_nn::{Forward, Hardshrink, Mode};
    /// use tch::Tensor;
    ///
    /// let output = Hardshrink::default().forward(&Tensor::from_slice(&[-1.0, 0.5]), Mode::Eval);
    /// assert_eq!(output, Tensor::from_slice(&[-1.0, 0.0]));
    /// ```
    Hardshrink as "Hardshrink" {
        /// The width on each side of 0. Default 0.5.
        lambd: f64 = 0.5,
    }
    prints |this| this.lambd.python(),
    |this, input, _| functional::hardshrink(input, this.lambd)
}

activation! {
    /// The input moved towards 0 by `lambd`, but not past it.
    ///
    /// PyTorch: `torch.nn.Softshrink`.
    ///
    /// # Panics
    ///
    /// `forward` does when `lambd` is negative.
    Softshrink as "Softshrink" {
        /// How far. Default 0.5.
        lambd: f64 = 0.5,
    }
    prints |this| this.lambd.python(),
    |this, input, _| functional::softshrink(input, this.lambd)
}

activation! {
    /// `input - tanh(input)`.
    ///
    /// PyTorch: `torch.nn.Tanhshrink`.
    Tanhshrink as "Tanhshrink"
    |input| functional::tanhshrink(input)
}
