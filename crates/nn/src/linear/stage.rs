use selvedge_torch::planned;
use tch::{Device, Kind, Tensor};

use crate::plan::{Placement, Stage, StageParameter, Work};

/// A [`Linear`](super::Linear) in a plan: one matrix product and, with a bias, its sum, forward; one product for
/// each gradient backward.
///
/// Where both sizes are at least [`WIDE`], `[in_features, out_features]` is the matrix without gaps: over several
/// threads the product for its gradient is then split along the longer side, and each value is summed up as before,
/// to the bit. For narrow matrices libtorch's library has kernels that sum in an order that depends on the layout.
#[derive(Debug)]
pub(super) struct LinearStage {
    pub(super) weight: Tensor,
    pub(super) bias: Option<Tensor>,
}

const WIDE: i64 = 64;

impl Stage for LinearStage {
    fn parameters(&self) -> Vec<StageParameter<'_>> {
        let transposed = self.weight.size().iter().all(|&size| size >= WIDE);
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
        let rows_of_output = placement.buffer(&[rows, out_features]);
        let input_gradient = placement.input_gradient();
        let matrix = self.weight.detach().tr();
        let bias = self.bias.as_ref().map(Tensor::detach);
        Ok(Box::new(LinearWork {
            rows: (size.len() != 2).then_some([rows, in_features]),
            shared: SharedProduct::new(&rows_of_output, bias.as_ref(), &matrix),
            transposed: matrix.tr(),
            matrix,
            bias,
            output: rows_of_output.view([&size[..size.len() - 1], &[out_features]].concat().as_slice()),
            rows_of_output,
            weight_gradient: placement.gradient_of(&self.weight).map(|gradient| gradient.tr()),
            bias_gradient: self.bias.as_ref().and_then(|bias| placement.gradient_of(bias)),
            rows_of_input_gradient: input_gradient
                .as_ref()
                .map(|gradient| gradient.view([rows, in_features])),
            input_gradient,
        }))
    }
}

/// All matrices have a row for each place before the last dimension.
struct LinearWork {
    /// The shape to see the input in, where it is another.
    rows: Option<[i64; 2]>,
    matrix: Tensor,
    transposed: Tensor,
    bias: Option<Tensor>,
    shared: Option<SharedProduct>,
    output: Tensor,
    rows_of_output: Tensor,
    weight_gradient: Option<Tensor>,
    bias_gradient: Option<Tensor>,
    input_gradient: Option<Tensor>,
    rows_of_input_gradient: Option<Tensor>,
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
        let input = rows.as_ref().unwrap_or(input);
        let _ = match (&self.shared, &self.bias) {
            (Some(shared), _) => return shared.run(input),
            (None, Some(bias)) => bias.addmm_out(&self.rows_of_output, input, &self.matrix),
            (None, None) => input.mm_out(&self.rows_of_output, &self.matrix),
        };
    }

    fn backward(&mut self, input: &Tensor, gradient: &Tensor) {
        let rows = self.rows.map(|rows| (input.reshape(rows), gradient.reshape([-1, self.matrix.size()[1]])));
        let (input, gradient) =
            rows.as_ref().map_or((input, gradient), |(input, gradient)| (input, gradient));
        if let Some(weight_gradient) = &self.weight_gradient {
            let _ = input.tr().mm_out(weight_gradient, gradient);
        }
        if let Some(bias_gradient) = &self.bias_gradient {
            let _ = gradient.sum_intlist_out(bias_gradient, 0, false, None::<Kind>);
        }
        if let Some(input_gradient) = &self.rows_of_input_gradient {
            let _ = gradient.mm_out(input_gradient, &self.transposed);
        }
    }

    fn input_gradient<'a>(&'a self, gradient: &'a Tensor) -> &'a Tensor {
        self.input_gradient.as_ref().unwrap_or(gradient)
    }
}

/// The forward of a layer that is wider than its batch, a part for each thread.
///
/// Reading the matrix is then most of the work, and the threads have to wait for the memory. With columns of its own a
/// thread reads its part alone, and the optimizer finds no part in the cache of two processors.
struct SharedProduct {
    outputs: Vec<Tensor>,
    biases: Vec<Tensor>,
    matrices: Vec<Tensor>,
}

impl SharedProduct {
    fn new(output: &Tensor, bias: Option<&Tensor>, matrix: &Tensor) -> Option<Self> {
        let (rows, columns) = (output.size()[0], output.size()[1]);
        // As many parts as threads, unless they would be narrow.
        let parts = i64::from(tch::get_num_threads()).min(columns / WIDE);
        if parts < 2 || columns < 2 * rows || matrix.size()[0] < WIDE || output.device() != Device::Cpu {
            return None;
        }
        // Whole cache lines, so that no two threads write to one.
        let width = (columns / parts + WIDE / 4 - 1) / (WIDE / 4) * (WIDE / 4);
        Some(Self {
            outputs: output.split(width, 1),
            biases: bias.map_or_else(Vec::new, |bias| bias.split(width, 0)),
            matrices: matrix.split(width, 1),
        })
    }

    #[track_caller]
    fn run(&self, input: &Tensor) {
        planned::shared_product(&self.outputs, &self.biases, input, &self.matrices)
            .unwrap_or_else(|error| panic!("{error}"));
    }
}
