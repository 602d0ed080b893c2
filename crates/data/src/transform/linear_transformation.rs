use serde::{Deserialize, Serialize};
use tch::Tensor;

use crate::transform::functional::Frame;
use crate::{Apply, Draws, Error, Result};

/// Multiplies each image, as one row of all its values, by a matrix, such as one that whitens:
/// `output = (input - mean_vector) · transformation_matrix`; torchvision's `LinearTransformation`.
///
/// # Shapes
///
/// `[N, C, H, W]`, unchanged; the vector has D = C·H·W values, the matrix D rows of D.
///
/// ```
/// use selvedge_data::{Apply, LinearTransformation};
/// use tch::Tensor;
///
/// let swap = LinearTransformation::new(vec![vec![0.0, 1.0], vec![1.0, 0.0]], vec![0.0, 0.5]);
/// let swapped = swap.apply(&Tensor::from_slice(&[1.0_f32, 2.0]).view([1, 1, 1, 2]))?;
/// assert_eq!(swapped.view(-1), Tensor::from_slice(&[1.5_f32, 1.0]));
/// # Ok::<(), selvedge_data::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LinearTransformation {
    /// The matrix, row by row. No default, as in PyTorch.
    pub transformation_matrix: Vec<Vec<f64>>,
    /// What is taken off first. No default, as in PyTorch.
    pub mean_vector: Vec<f64>,
}

impl LinearTransformation {
    /// A multiplication by this matrix.
    #[must_use]
    pub fn new(transformation_matrix: Vec<Vec<f64>>, mean_vector: Vec<f64>) -> Self {
        Self { transformation_matrix, mean_vector }
    }
}

impl Apply for LinearTransformation {
    fn apply_with(&self, images: &Tensor, _: &Draws<'_>) -> Result<Tensor> {
        self.validate()?;
        let frame = Frame::of("LinearTransformation", images)?;
        let values = frame.channels * frame.height * frame.width;
        if self.mean_vector.len() as i64 != values || !images.is_floating_point() {
            return Err(Error::Shape {
                what: "LinearTransformation".to_owned(),
                expected: format!("floats, {} for each image", self.mean_vector.len()),
                found: format!("{:?} of shape {:?}", images.kind(), images.size()),
            });
        }
        let like =
            |numbers: &[f64]| Tensor::from_slice(numbers).to_kind(images.kind()).to_device(images.device());
        let matrix = like(&self.transformation_matrix.concat()).view([values, values]);
        let rows = images.reshape([-1, values]) - like(&self.mean_vector);
        Ok(rows.mm(&matrix).view_as(images))
    }

    fn validate(&self) -> Result<()> {
        let length = self.mean_vector.len();
        let matrix = &self.transformation_matrix;
        if matrix.len() != length || matrix.iter().any(|row| row.len() != length) {
            let expected = format!("{length} rows of {length}, as mean_vector has");
            let found = format!("{} rows of {}", matrix.len(), matrix.first().map_or(0, Vec::len));
            return Err(Error::option("LinearTransformation.transformation_matrix", expected, found));
        }
        Ok(())
    }
}
