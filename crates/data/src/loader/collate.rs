use std::any::Any;
use std::cell::Cell;
use std::mem::discriminant;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, OnceLock};

use selvedge_torch::{Fill, filled, filled_by_parts};
use tch::{Device, Kind, Tensor};

use super::resident::Resident;
use crate::transform::Table;
use crate::{Apply, Batch, Compose, Dataset, Draws, Error, LoaderOptions, Pixels, Result, Sample, Shape};

/// Makes a batch of the samples of given numbers.
pub(super) struct Collate {
    dataset: Arc<dyn Dataset>,
    transform: Compose,
    /// The pointwise steps at the head of the transform, made for the channels of the first sample that could be had.
    table: OnceLock<Option<Table>>,
    resident: Option<Resident>,
    seed: u64,
    device: Device,
    pin_memory: bool,
    /// Whether libtorch's threads share the look-up. Workers would each start as many again.
    shares: bool,
}

/// As many values as take a few times as long to look up as to wake another thread for them.
const WORTH_A_THREAD: usize = 1 << 14;

impl Collate {
    pub(super) fn new(dataset: Arc<dyn Dataset>, options: LoaderOptions) -> Result<Self> {
        let LoaderOptions { transform, seed, device, pin_memory, resident, num_workers, .. } = options;
        let table = OnceLock::new();
        // A first sample that is damaged is an error of its own batch; that batch or another makes the table.
        let first = || (!dataset.is_empty()).then(|| sample(&*dataset, 0));
        if let Ok(Some(Ok(first))) = catch_unwind(AssertUnwindSafe(first)) {
            let _ = table.set(Table::of(&transform, first.shape.channels)?);
        }
        let mut collate = Self {
            dataset,
            transform,
            table,
            resident: None,
            seed,
            device,
            pin_memory: pin_memory && device.is_cuda(),
            shares: num_workers == 0,
        };
        if resident {
            collate.resident = Some(collate.all()?);
        }
        Ok(collate)
    }

    /// Puts the whole dataset onto the device.
    fn all(&self) -> Result<Resident> {
        let samples: Vec<_> =
            (0..self.dataset.len()).map(|index| sample(&*self.dataset, index)).collect::<Result<_>>()?;
        let Some(first) = samples.first() else {
            let empty = |size: &[i64], kind| Tensor::zeros(size, (kind, Device::Cpu));
            let images = empty(&[0, 0, 0, 0], Kind::Uint8);
            return Ok(Resident::new(Batch { images, labels: empty(&[0], Kind::Int64) }, self.device));
        };
        if let Some(odd) = samples.iter().position(|sample| !alike(first, sample)) {
            return Err(Error::Shape {
                what: format!("sample {odd} of a dataset that is to be resident"),
                expected: format!("the shape {} and kind of sample 0", first.shape),
                found: samples[odd].shape.to_string(),
            });
        }
        let images = match &first.pixels {
            Pixels::Bytes(_) => stacked(&samples, first.shape, Pixels::bytes),
            Pixels::Floats(_) => stacked(&samples, first.shape, Pixels::floats),
        };
        Ok(Resident::new(Batch { images, labels: labels(&samples) }, self.device))
    }

    pub(super) fn dataset(&self) -> &dyn Dataset {
        &*self.dataset
    }

    pub(super) fn device(&self) -> Device {
        self.device
    }

    /// The batch of these samples. A panic of the dataset or of a transform comes back as an error, so that it
    /// reaches the caller from any thread.
    pub(super) fn batch(&self, epoch: u64, indices: &[usize]) -> Result<Batch> {
        let at = Cell::new(None);
        let made = catch_unwind(AssertUnwindSafe(|| self.unguarded_batch(epoch, indices, &at)));
        made.unwrap_or_else(|panic| {
            let what = match at.get() {
                Some(index) => format!("sample {index}"),
                None => format!("the transform of the samples {indices:?}"),
            };
            Err(Error::Panic { what, message: message(&*panic) })
        })
    }

    /// Keeps the number of the sample that is being had in `at`.
    fn unguarded_batch(&self, epoch: u64, indices: &[usize], at: &Cell<Option<usize>>) -> Result<Batch> {
        let _no_grad = tch::no_grad_guard();
        let draws = Draws::new(self.seed, epoch, indices);
        if let Some(resident) = &self.resident {
            let Batch { images, labels } = resident.select(indices)?;
            return Ok(Batch { images: self.transform.apply_with(&images, &draws)?, labels });
        }
        let mut samples = Vec::with_capacity(indices.len());
        for &index in indices {
            at.set(Some(index));
            samples.push(sample(&*self.dataset, index)?);
        }
        at.set(None);
        let images = if samples.windows(2).all(|pair| alike(&pair[0], &pair[1])) {
            self.images(&samples, &draws)?
        } else {
            // Images of different sizes go through the transform one by one and have to come out alike.
            let each = samples.chunks(1).zip(indices.chunks(1));
            let images: Vec<_> =
                each.map(|(sample, index)| self.images(sample, &draws.of(index))).collect::<Result<_>>()?;
            joined(&images, indices)?
        };
        Ok(Batch { images, labels: self.moved(&labels(&samples)) })
    }

    /// The images of samples that are alike, after the transform.
    fn images(&self, samples: &[Sample<'_>], draws: &Draws<'_>) -> Result<Tensor> {
        let Some(first) = samples.first() else {
            return Ok(Tensor::zeros([0, 0, 0, 0], (Kind::Float, self.device)));
        };
        let table = match self.table.get() {
            Some(table) => table,
            None => {
                let table = Table::of(&self.transform, first.shape.channels)?;
                // Another thread may have made the same.
                self.table.get_or_init(|| table)
            }
        };
        let (images, done) = match (&first.pixels, table) {
            (Pixels::Bytes(_), Some(table)) if table.channels() == first.shape.channels => {
                (self.looked_up(samples, first.shape, table), self.transform.pointwise_steps())
            }
            (Pixels::Bytes(_), _) => (stacked(samples, first.shape, Pixels::bytes), 0),
            (Pixels::Floats(_), _) => (stacked(samples, first.shape, Pixels::floats), 0),
        };
        self.transform.apply_from(done, &self.moved(&images), draws)
    }

    /// The images of samples that are alike and made of bytes, after the table.
    fn looked_up(&self, samples: &[Sample<'_>], shape: Shape, table: &Table) -> Tensor {
        let image = shape.numel().max(1);
        let grain = if self.shares { WORTH_A_THREAD / image } else { samples.len() };
        filled_by_parts(shape.batch(samples.len()), image, grain, |part, values| {
            // Shuffled images are far apart in memory. A copy is so short that the processor has several of them
            // under way at a time; a look-up of the same bytes would wait for each.
            let mut bytes = Vec::with_capacity(values.len());
            samples[part].iter().for_each(|sample| bytes.extend_from_slice(sample.pixels.bytes()));
            for (bytes, values) in bytes.chunks_exact(image).zip(values.chunks_exact_mut(image)) {
                table.look_up(bytes, values);
            }
        })
    }

    /// The tensor on the loader's device. From pinned memory the copy runs while the caller goes on.
    fn moved(&self, tensor: &Tensor) -> Tensor {
        if self.pin_memory {
            tensor.pin_memory(self.device).to_device_(self.device, tensor.kind(), true, false)
        } else {
            tensor.to_device(self.device)
        }
    }
}

fn labels(samples: &[Sample<'_>]) -> Tensor {
    let labels: Vec<i64> = samples.iter().map(|sample| sample.label).collect();
    Tensor::from_slice(&labels)
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

/// The images of a batch that came out of the transform one by one.
fn joined(images: &[Tensor], indices: &[usize]) -> Result<Tensor> {
    let described = |image: &Tensor| format!("{:?} of shape {:?}", image.kind(), &image.size()[1..]);
    let first = described(&images[0]);
    if let Some(odd) = images.iter().position(|image| described(image) != first) {
        return Err(Error::Shape {
            what: format!(
                "images {} and {} of a batch, after the transform (a step such as CenterCrop makes them alike)",
                indices[0], indices[odd]
            ),
            expected: first,
            found: described(&images[odd]),
        });
    }
    Ok(Tensor::cat(images, 0))
}

/// What a panic said.
fn message(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().copied();
    let text = text.or_else(|| panic.downcast_ref::<String>().map(String::as_str));
    text.unwrap_or("no message").to_owned()
}

/// A sample that is whole, or an error that names its index.
fn sample(dataset: &dyn Dataset, index: usize) -> Result<Sample<'_>> {
    let within = |source: Error| Error::Sample { index, source: Box::new(source) };
    if index >= dataset.len() {
        return Err(Error::index(index, dataset.len()));
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
