use std::mem::discriminant;
use std::sync::Arc;

use selvedge_torch::{Fill, filled};
use tch::{Device, Tensor};

use crate::transform::Table;
use crate::{Apply, Batch, Compose, Dataset, Error, Pixels, Result, Sample, Shape};

/// Makes a batch of the samples of given numbers.
pub(super) struct Collate {
    dataset: Arc<dyn Dataset>,
    transform: Compose,
    table: Option<Table>,
    /// The steps of the transform that follow the table.
    rest: Compose,
    device: Device,
}

impl Collate {
    pub(super) fn new(dataset: Arc<dyn Dataset>, transform: Compose, device: Device) -> Result<Self> {
        let (table, rest) = if dataset.is_empty() {
            (None, Compose::default())
        } else {
            Table::collapse(&transform, sample(&*dataset, 0)?.shape.channels)?
        };
        Ok(Self { dataset, transform, table, rest, device })
    }

    pub(super) fn dataset(&self) -> &dyn Dataset {
        &*self.dataset
    }

    pub(super) fn device(&self) -> Device {
        self.device
    }

    pub(super) fn batch(&self, indices: &[usize]) -> Result<Batch> {
        let _no_grad = tch::no_grad_guard();
        let samples: Vec<_> =
            indices.iter().map(|&index| sample(&*self.dataset, index)).collect::<Result<_>>()?;
        let labels: Vec<i64> = samples.iter().map(|sample| sample.label).collect();
        let images = if samples.windows(2).all(|pair| alike(&pair[0], &pair[1])) {
            self.images(&samples)?
        } else {
            // Images of different sizes go through the transform one by one and have to come out alike.
            let images: Vec<_> =
                samples.chunks(1).map(|sample| self.images(sample)).collect::<Result<_>>()?;
            joined(&images, indices)?
        };
        Ok(Batch {
            images: images.to_device(self.device),
            labels: Tensor::from_slice(&labels).to_device(self.device),
        })
    }

    /// The images of samples that are alike, after the transform.
    fn images(&self, samples: &[Sample<'_>]) -> Result<Tensor> {
        let Some(first) = samples.first() else {
            return Ok(Tensor::zeros([0, 0, 0, 0], tch::kind::FLOAT_CPU));
        };
        let images = match (&first.pixels, &self.table) {
            (Pixels::Bytes(_), Some(table)) if table.channels() == first.shape.channels => {
                return self.rest.apply(&looked_up(samples, first.shape, table).to_device(self.device));
            }
            (Pixels::Bytes(_), _) => stacked(samples, first.shape, Pixels::bytes),
            (Pixels::Floats(_), _) => stacked(samples, first.shape, Pixels::floats),
        };
        self.transform.apply(&images.to_device(self.device))
    }
}

/// The images of samples that are alike, as they are.
fn stacked<'s, 'p, T: Fill>(
    samples: &'s [Sample<'p>],
    shape: Shape,
    values_of: fn(&'s Pixels<'p>) -> &'s [T],
) -> Tensor {
    filled(shape.batch(samples.len()), |values| {
        for (sample, values) in samples.iter().zip(values.chunks_exact_mut(shape.numel().max(1))) {
            values.copy_from_slice(values_of(&sample.pixels));
        }
    })
}

/// The images of samples that are alike and made of bytes, after the table.
fn looked_up(samples: &[Sample<'_>], shape: Shape, table: &Table) -> Tensor {
    let image = shape.numel().max(1);
    // Shuffled images are far apart in memory. A copy is so short that the processor has several of them
    // under way at a time; a look-up of the same bytes would wait for each.
    let mut bytes = Vec::with_capacity(samples.len() * image);
    samples.iter().for_each(|sample| bytes.extend_from_slice(sample.pixels.bytes()));
    filled(shape.batch(samples.len()), |values| {
        for (bytes, values) in bytes.chunks_exact(image).zip(values.chunks_exact_mut(image)) {
            table.look_up(bytes, values);
        }
    })
}

/// The images of a batch that came out of the transform one by one.
fn joined(images: &[Tensor], indices: &[usize]) -> Result<Tensor> {
    let sizes: Vec<_> = images.iter().map(|image| (image.size(), image.kind())).collect();
    if let Some(odd) = sizes.iter().position(|size| *size != sizes[0]) {
        return Err(Error::Shape {
            what: format!(
                "the images {} and {} of a batch, after the transform (a step such as CenterCrop makes them alike)",
                indices[0], indices[odd]
            ),
            expected: format!("{:?} {:?}", sizes[0].1, &sizes[0].0[1..]),
            found: format!("{:?} {:?}", sizes[odd].1, &sizes[odd].0[1..]),
        });
    }
    Ok(Tensor::cat(images, 0))
}

/// A sample that is whole, or an error that names its index.
fn sample(dataset: &dyn Dataset, index: usize) -> Result<Sample<'_>> {
    let within = |source: Error| Error::Sample { index, source: Box::new(source) };
    if index >= dataset.len() {
        let range = format!("below {}, the length of the dataset", dataset.len());
        return Err(within(Error::option("index", range, index)));
    }
    let sample = dataset.sample(index).map_err(within)?;
    if sample.pixels.len() != sample.shape.numel() {
        return Err(within(Error::Shape {
            what: "pixels".to_owned(),
            expected: format!("{} values of shape {}", sample.shape.numel(), sample.shape),
            found: sample.pixels.len().to_string(),
        }));
    }
    Ok(sample)
}

/// Whether two samples can go through the transform as one tensor.
fn alike(one: &Sample<'_>, other: &Sample<'_>) -> bool {
    one.shape == other.shape && discriminant(&one.pixels) == discriminant(&other.pixels)
}
