use tch::{Device, Tensor};

use crate::plan::{Placement, Stage, Work};

/// A [`Dropout`](super::Dropout) in a plan; what it draws is what libtorch's `dropout` draws.
#[derive(Debug)]
pub(super) struct DropoutStage {
    pub(super) p: f64,
}

impl Stage for DropoutStage {
    fn place(&self, placement: &Placement<'_>) -> Result<Box<dyn Work>, String> {
        let input = placement.input;
        if !input.is_floating_point() {
            return Err(format!("its input is of kind {:?}", input.kind()));
        }
        if !(0.0..=1.0).contains(&self.p) {
            return Err(format!("the probability p has to lie in [0, 1], found {}", self.p));
        }
        if !placement.mode.is_train() || self.p == 0.0 || input.numel() == 0 {
            return Ok(Box::new(Nothing {
                output: input.shallow_clone(),
                may_be_overwritten: placement.may_overwrite,
            }));
        }
        match input.device() {
            Device::Cuda(_) if self.p < 1.0 => Ok(Box::new(FusedDropoutWork {
                p: self.p,
                mask: Tensor::new(),
                output: input.empty_like(),
                input_gradient: Tensor::new(),
            })),
            Device::Cpu | Device::Cuda(_) => Ok(Box::new(DropoutWork {
                kept: 1.0 - self.p,
                noise: input.zeros_like(),
                output: input.empty_like(),
            })),
            // It may draw in another way there.
            other => Err(format!("on {other:?} it is not planned")),
        }
    }
}

/// Dropout that drops nothing.
struct Nothing {
    output: Tensor,
    may_be_overwritten: bool,
}

impl Work for Nothing {
    fn output(&self) -> &Tensor {
        &self.output
    }

    fn may_be_overwritten(&self) -> bool {
        self.may_be_overwritten
    }

    fn forward(&mut self, input: &Tensor) {
        self.output = input.shallow_clone();
    }

    fn backward(&mut self, _: &Tensor, _: &Tensor) {}

    fn input_gradient<'a>(&'a self, gradient: &'a Tensor) -> &'a Tensor {
        gradient
    }
}

struct DropoutWork {
    /// The probability to keep a value.
    kept: f64,
    /// 0 where a value is dropped, `1 / kept` elsewhere.
    noise: Tensor,
    output: Tensor,
}

impl Work for DropoutWork {
    fn output(&self) -> &Tensor {
        &self.output
    }

    fn may_be_overwritten(&self) -> bool {
        true
    }

    fn forward(&mut self, input: &Tensor) {
        // With nothing to keep libtorch draws nothing.
        if self.kept > 0.0 {
            let _ = self.noise.bernoulli_float_(self.kept).g_div_scalar_(self.kept);
        }
        let _ = input.mul_out(&self.output, &self.noise);
    }

    fn backward(&mut self, _: &Tensor, gradient: &Tensor) {
        let _ = gradient.mul_out(gradient, &self.noise);
    }

    fn input_gradient<'a>(&'a self, gradient: &'a Tensor) -> &'a Tensor {
        gradient
    }
}

/// On CUDA libtorch has one kernel that draws and multiplies, with numbers of its own.
struct FusedDropoutWork {
    p: f64,
    /// Whether a value is kept.
    mask: Tensor,
    output: Tensor,
    input_gradient: Tensor,
}

impl Work for FusedDropoutWork {
    fn output(&self) -> &Tensor {
        &self.output
    }

    fn may_be_overwritten(&self) -> bool {
        true
    }

    fn forward(&mut self, input: &Tensor) {
        (self.output, self.mask) = input.native_dropout(self.p, true);
    }

    fn backward(&mut self, _: &Tensor, gradient: &Tensor) {
        self.input_gradient = Tensor::native_dropout_backward(gradient, &self.mask, 1.0 / (1.0 - self.p));
    }

    fn input_gradient<'a>(&'a self, _: &'a Tensor) -> &'a Tensor {
        &self.input_gradient
    }
}
