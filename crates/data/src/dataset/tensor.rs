use tch::{Kind, Tensor};

use crate::{Dataset, Error, Pixels, Result, Sample, Shape};

/// Images and labels out of tensors; PyTorch's `TensorDataset` of two.
///
/// Differs from PyTorch: the values are copied out of the tensors, so that threads can share them.
///
/// ```
/// use selvedge_data::{Dataset, TensorDataset};
/// use tch::{Device, Kind, Tensor};
///
/// let images = Tensor::zeros([5, 3, 8, 8], (Kind::Float, Device::Cpu));
/// let labels = Tensor::arange(5, (Kind::Int64, Device::Cpu));
/// let dataset = TensorDataset::new(&images, &labels)?;
/// assert_eq!(dataset.len(), 5);
/// # Ok::<(), selvedge_data::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct TensorDataset {
    shape: Shape,
    values: Values,
    labels: Vec<i64>,
}

#[derive(Debug, Clone)]
enum Values {
    Bytes(Vec<u8>),
    Floats(Vec<f32>),
}

impl TensorDataset {
    /// The rows of two tensors.
    ///
    /// # Shapes
    ///
    /// `images`: `[N, C, H, W]`, u8 or floats, which become f32. `labels`: `[N]`, i64.
    ///
    /// # Errors
    ///
    /// When the shapes or kinds are others.
    pub fn new(images: &Tensor, labels: &Tensor) -> Result<Self> {
        let &[count, channels, height, width] = &images.size()[..] else {
            return Err(wrong("images", "the shape [N, C, H, W]", images));
        };
        if labels.size() != [count] || labels.kind() != Kind::Int64 {
            return Err(wrong("labels", &format!("Int64 of shape [{count}]"), labels));
        }
        let flat = images.contiguous().view(-1);
        let values = match images.kind() {
            Kind::Uint8 => Values::Bytes(Vec::try_from(&flat).map_err(Error::other)?),
            Kind::Float | Kind::Double | Kind::Half | Kind::BFloat16 => {
                Values::Floats(Vec::try_from(flat.to_kind(Kind::Float)).map_err(Error::other)?)
            }
            _ => return Err(wrong("images", "Uint8 or floats", images)),
        };
        Ok(Self {
            shape: Shape::new(channels as usize, height as usize, width as usize),
            values,
            labels: Vec::try_from(labels).map_err(Error::other)?,
        })
    }
}

fn wrong(what: &str, expected: &str, tensor: &Tensor) -> Error {
    let found = format!("{:?} of shape {:?}", tensor.kind(), tensor.size());
    Error::Shape { what: what.to_owned(), expected: expected.to_owned(), found }
}

impl Dataset for TensorDataset {
    fn len(&self) -> usize {
        self.labels.len()
    }

    fn sample(&self, index: usize) -> Result<Sample<'_>> {
        let size = self.shape.numel();
        let range = index * size..(index + 1) * size;
        let pixels = match &self.values {
            Values::Bytes(bytes) => Pixels::from(&bytes[range]),
            Values::Floats(floats) => Pixels::from(&floats[range]),
        };
        Ok(Sample { shape: self.shape, pixels, label: self.labels[index] })
    }

    fn label(&self, index: usize) -> Result<i64> {
        Ok(self.labels[index])
    }
}
