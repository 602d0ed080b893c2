//! The activations in a plan.

mod relu;
mod softmax;

use tch::Tensor;

use self::relu::ReluStage;
use self::softmax::{Flavour, SoftmaxStage};
use super::{
    Celu, Elu, Gelu, Glu, Hardshrink, Hardsigmoid, Hardswish, Hardtanh, LeakyRelu, LogSigmoid, LogSoftmax,
    Mish, Relu, Relu6, Rrelu, Selu, Sigmoid, Silu, Softmax, Softmax2d, Softmin, Softplus, Softshrink,
    Softsign, Tanh, Tanhshrink, Threshold,
};
use crate::Module;
use crate::plan::{Chain, Pointwise, PointwiseKernels, Refusal};

/// How an activation offers itself to a chain.
pub(crate) trait Offer {
    fn offer(&self, chain: &mut Chain) -> Result<(), Refusal>;
}

macro_rules! offers {
    ($($activation:ident |$this:pat_param| $stage:expr;)+) => {$(
        impl Offer for $activation {
            fn offer(&self, chain: &mut Chain) -> Result<(), Refusal> {
                let $this = self;
                chain.push(self.name(), $stage);
                Ok(())
            }
        }
    )+};
}

macro_rules! refuses {
    ($($activation:ident $reason:literal;)+) => {$(
        impl Offer for $activation {
            fn offer(&self, chain: &mut Chain) -> Result<(), Refusal> {
                Err(chain.refusal(self.name(), $reason))
            }
        }
    )+};
}

/// Activations value by value: what their backward looks at, and its kernel, which works in place.
macro_rules! pointwise {
    ($($activation:ident from $from:ident |$this:pat_param, $gradient:ident, $value:ident| $backward:expr;)+) => {$(
        impl PointwiseKernels for $activation {
            const FROM_OUTPUT: bool = pointwise!(@ $from);

            fn backward(&self, $gradient: &Tensor, $value: &Tensor) {
                let $this = self;
                let _ = $backward;
            }
        }

        offers! { $activation |this| Pointwise(*this); }
    )+};
    (@ output) => { true };
    (@ input) => { false };
}

offers! {
    Relu |_| ReluStage;
    Softmax |this| SoftmaxStage { dim: this.dim, flavour: Flavour::Plain };
    Softmin |this| SoftmaxStage { dim: this.dim, flavour: Flavour::OfNegated };
    LogSoftmax |this| SoftmaxStage { dim: this.dim, flavour: Flavour::Logarithm };
    Softmax2d |_| SoftmaxStage { dim: Some(-3), flavour: Flavour::Plain };
}

refuses! {
    Rrelu "the slopes that it draws are not planned";
    Glu "it is not planned";
}

pointwise! {
    LeakyRelu from input |this, gradient, input|
        input.leaky_relu_backward_grad_input(gradient, gradient, this.negative_slope, false);
    Threshold from input |this, gradient, input|
        input.threshold_backward_grad_input(gradient, gradient, this.threshold);
    Elu from input |this, gradient, input| elu(gradient, input, [this.alpha, 1.0, 1.0]);
    // As libtorch's backward has it: divided by the f32.
    Celu from input |this, gradient, input|
        elu(gradient, input, [this.alpha, 1.0, 1.0 / f64::from(this.alpha as f32)]);
    Selu from input |_, gradient, input|
        elu(gradient, input, [1.673_263_242_354_377_2, 1.050_700_987_355_480_5, 1.0]);
    Softplus from input |this, gradient, input|
        input.softplus_backward_grad_input(gradient, gradient, this.beta, this.threshold);
    Sigmoid from output |_, gradient, output|
        Tensor::sigmoid_backward_grad_input(gradient, gradient, output);
    LogSigmoid from input |_, gradient, input| gradient.mul_out(gradient, &input.neg().sigmoid());
    Hardsigmoid from input |_, gradient, input| input.hardsigmoid_backward_grad_input(gradient, gradient);
    Tanh from output |_, gradient, output| Tensor::tanh_backward_grad_input(gradient, gradient, output);
    Hardtanh from input |this, gradient, input|
        input.hardtanh_backward_grad_input(gradient, gradient, this.min_val, this.max_val);
    Relu6 from input |_, gradient, input| input.hardtanh_backward_grad_input(gradient, gradient, 0.0, 6.0);
    Softsign from input |_, gradient, input|
        gradient.mul_out(gradient, &(input.abs() + 1.0).square().reciprocal());
    Silu from input |_, gradient, input| input.silu_backward_grad_input(gradient, gradient);
    Mish from input |_, gradient, input| gradient.shallow_clone().copy_(&input.mish_backward(gradient));
    Hardswish from input |_, gradient, input| input.hardswish_backward_out(gradient, gradient);
    Gelu from input |this, gradient, input|
        input.gelu_backward_grad_input(gradient, gradient, this.approximate.name());
    Hardshrink from input |this, gradient, input|
        input.hardshrink_backward_grad_input(gradient, gradient, this.lambd);
    Softshrink from input |this, gradient, input|
        input.softshrink_backward_grad_input(gradient, gradient, this.lambd);
    Tanhshrink from input |_, gradient, input| gradient.mul_out(gradient, &input.tanh().square());
}

fn elu(gradient: &Tensor, input: &Tensor, [alpha, scale, input_scale]: [f64; 3]) -> Tensor {
    Tensor::elu_backward_grad_input(gradient, gradient, alpha, scale, input_scale, false, input)
}
