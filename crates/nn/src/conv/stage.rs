use selvedge_torch::planned::{Convolution, Gradients};
use tch::Tensor;

use super::{ConvOptions, ConvPadding, PaddingMode};
use crate::plan::{Placement, Stage, StageParameter, Work};

/// A [`Conv`](super::Conv) in a plan. The kernels make their results, which are kept until the next step.
#[derive(Debug)]
pub(super) struct ConvStage<const N: usize> {
    pub(super) weight: Tensor,
    pub(super) bias: Option<Tensor>,
    pub(super) options: ConvOptions<N>,
}

impl<const N: usize> ConvStage<N> {
    fn convolution(&self) -> Result<Convolution<N>, String> {
        let ConvOptions { stride, padding, dilation, groups, padding_mode, .. } = self.options;
        if padding_mode != PaddingMode::Zeros {
            return Err(format!("its padding_mode {:?} is not planned", padding_mode.name()));
        }
        let dilation = dilation.to_array();
        let padding = match padding {
            ConvPadding::Size(size) => size.to_array(),
            ConvPadding::Valid => [0; N],
            ConvPadding::Same => {
                let kernel = self.weight.size();
                let around: [i64; N] = std::array::from_fn(|dim| dilation[dim] * (kernel[dim + 2] - 1));
                if around.iter().any(|around| around % 2 != 0) {
                    return Err("a padding that differs between the sides is not planned".to_owned());
                }
                around.map(|around| around / 2)
            }
        };
        Ok(Convolution { stride: stride.to_array(), padding, dilation, groups })
    }
}

impl<const N: usize> Stage for ConvStage<N> {
    fn parameters(&self) -> Vec<StageParameter<'_>> {
        let parameters = [Some(&self.weight), self.bias.as_ref()].into_iter().flatten();
        parameters.map(|tensor| StageParameter { tensor, transposed: false }).collect()
    }

    fn place(&self, placement: &Placement<'_>) -> Result<Box<dyn Work>, String> {
        let size = placement.input.size();
        let channels = self.weight.size()[1] * self.options.groups;
        if size.len() != N + 2 || size[1] != channels {
            return Err(format!(
                "expected an input of {} dimensions, the second {channels}, found {size:?}",
                N + 2
            ));
        }
        placement.expect_form_of(&self.weight)?;
        let mut work = ConvWork {
            convolution: self.convolution()?,
            weight: self.weight.detach(),
            bias: self.bias.as_ref().map(Tensor::detach),
            weight_gradient: placement.gradient_of(&self.weight),
            bias_gradient: self.bias.as_ref().and_then(|bias| placement.gradient_of(bias)),
            wants_input_gradient: placement.wants_gradient,
            output: Tensor::new(),
            input_gradient: None,
        };
        work.output = work.convolve(placement.input).map_err(|error| error.to_string())?;
        Ok(Box::new(work))
    }
}

struct ConvWork<const N: usize> {
    convolution: Convolution<N>,
    weight: Tensor,
    bias: Option<Tensor>,
    output: Tensor,
    weight_gradient: Option<Tensor>,
    bias_gradient: Option<Tensor>,
    wants_input_gradient: bool,
    input_gradient: Option<Tensor>,
}

impl<const N: usize> ConvWork<N> {
    fn convolve(&self, input: &Tensor) -> Result<Tensor, tch::TchError> {
        let Convolution { stride, padding, dilation, groups } = self.convolution;
        let (weight, bias) = (&self.weight, self.bias.as_ref());
        input.f_convolution(weight, bias, stride, padding, dilation, false, [0; N], groups)
    }
}

impl<const N: usize> Work for ConvWork<N> {
    fn output(&self) -> &Tensor {
        &self.output
    }

    fn may_be_overwritten(&self) -> bool {
        true
    }

    fn forward(&mut self, input: &Tensor) {
        self.output = self.convolve(input).expect("it was convolved when the plan was made");
    }

    fn backward(&mut self, input: &Tensor, gradient: &Tensor) {
        let into = Gradients {
            input: self.wants_input_gradient,
            weight: self.weight_gradient.as_ref(),
            bias: self.bias_gradient.as_ref(),
        };
        let backward = self.convolution.backward(gradient, input, &self.weight, into);
        self.input_gradient = backward.expect("the backward takes what the forward took");
    }

    fn input_gradient<'a>(&'a self, gradient: &'a Tensor) -> &'a Tensor {
        self.input_gradient.as_ref().unwrap_or(gradient)
    }
}
