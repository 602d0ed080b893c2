use tch::{Device, Kind, Tensor};

use super::product::Product;
use crate::plan::{Placement, Stage, StageParameter, Work};

/// A [`Linear`](super::Linear) in a plan: one matrix product and, with a bias, its sum, forward; one product for
/// each gradient backward.
///
/// On the CPU, where both sizes are at least [`WIDE`], `[in_features, out_features]` is the matrix without gaps: our kernel
/// reads it like that, and over several threads the product for its gradient is split along the longer side.
#[derive(Debug)]
pub(super) struct LinearStage {
    pub(super) weight: Tensor,
    pub(super) bias: Option<Tensor>,
}

const WIDE: i64 = 64;

impl Stage for LinearStage {
    fn parameters(&self) -> Vec<StageParameter<'_>> {
        let wide = self.weight.size().iter().all(|&size| size >= WIDE);
        let transposed = wide && self.weight.device() == Device::Cpu;
        let weight = StageParameter { tensor: &self.weight, transposed };
        let bias = self.bias.as_ref().map(|tensor| StageParameter { tensor, transposed: false });
        [Some(weight), bias].into_iter().flatten().collect()
    }

    fn place(&self, placement: &Placement<'_>) -> Result<Box<dyn Work>, String> {
        let size = placement.input.size();
        let (in_features, out_features) = (self.weight.size()[1], self.weight.size()[0]);
        if size.last() != Some(&in_features) {
            return Err(format!("expected an input of shape [.., {in_features}], found {size:?}"));
        }
        placement.expect_form_of(&self.weight)?;
        let rows: i64 = size[..size.len() - 1].iter().product();
        let output = placement.buffer(&[&size[..size.len() - 1], &[out_features]].concat());
        let input_gradient = placement.input_gradient();
        // Matrices as they will be multiplied; those of the batch lie without gaps.
        let input = placement.buffer(&[rows, in_features]);
        let rows_of_output = output.view([rows, out_features]);
        let matrix = self.weight.detach().tr();
        let bias = self.bias.as_ref().map(Tensor::detach);
        let of_weight = placement.gradient_of(&self.weight);
        let of_weight =
            of_weight.map(|gradient| Product::new(gradient.tr(), None, &input.tr(), &rows_of_output));
        let of_input = input_gradient.as_ref().map(|gradient| gradient.view([rows, in_features]));
        let of_input = of_input.map(|gradient| Product::new(gradient, None, &rows_of_output, &matrix.tr()));
        Ok(Box::new(LinearWork {
            rows: (size.len() != 2).then_some([rows, in_features]),
            forward: Product::new(rows_of_output, bias, &input, &matrix),
            of_weight,
            of_input,
            matrix,
            output,
            bias_gradient: self.bias.as_ref().and_then(|bias| placement.gradient_of(bias)),
            input_gradient,
        }))
    }
}

/// All matrices have a row for each place before the last dimension.
struct LinearWork {
    /// The shape to see the input in, where it is another.
    rows: Option<[i64; 2]>,
    matrix: Tensor,
    forward: Product,
    of_weight: Option<Product>,
    of_input: Option<Product>,
    output: Tensor,
    bias_gradient: Option<Tensor>,
    input_gradient: Option<Tensor>,
}

impl Work for LinearWork {
    fn output(&self) -> &Tensor {
        &self.output
    }

    fn may_be_overwritten(&self) -> bool {
        true
    }

    fn forward(&mut self, input: &Tensor) {
        let rows = self.rows.map(|rows| input.reshape(rows));
        self.forward.run(rows.as_ref().unwrap_or(input), &self.matrix);
    }

    fn backward(&mut self, input: &Tensor, gradient: &Tensor) {
        let rows = self.rows.map(|rows| (input.reshape(rows), gradient.reshape([-1, self.matrix.size()[1]])));
        let (input, gradient) =
            rows.as_ref().map_or((input, gradient), |(input, gradient)| (input, gradient));
        if let Some(of_weight) = &self.of_weight {
            of_weight.run(&input.tr(), gradient);
        }
        if let Some(bias_gradient) = &self.bias_gradient {
            let _ = gradient.sum_intlist_out(bias_gradient, 0, false, None::<Kind>);
        }
        if let Some(of_input) = &self.of_input {
            of_input.run(gradient, &self.matrix.tr());
        }
    }

    fn input_gradient<'a>(&'a self, gradient: &'a Tensor) -> &'a Tensor {
        self.input_gradient.as_ref().unwrap_or(gradient)
    }
}
