use std::sync::{Mutex, MutexGuard, PoisonError};

use tch::{Device, Tensor};

use crate::{Batch, Error, Result};

/// All samples of a dataset on the device, as they are before the transform.
pub(super) struct Resident {
    len: usize,
    // A tensor is a handle that threads may not share; they take a handle of their own under the lock.
    all: Mutex<Batch>,
}

impl Resident {
    pub(super) fn new(all: Batch, device: Device) -> Self {
        let len = all.len();
        let all = Batch { images: all.images.to_device(device), labels: all.labels.to_device(device) };
        Self { len, all: Mutex::new(all) }
    }

    /// The samples of these numbers, gathered on the device.
    pub(super) fn select(&self, indices: &[usize]) -> Result<Batch> {
        if let Some(&index) = indices.iter().find(|&&index| index >= self.len) {
            return Err(Error::index(index, self.len));
        }
        let Batch { images, labels } = {
            let all = self.all();
            Batch { images: all.images.shallow_clone(), labels: all.labels.shallow_clone() }
        };
        let places: Vec<i64> = indices.iter().map(|&index| index as i64).collect();
        let places = Tensor::from_slice(&places).to_device(images.device());
        Ok(Batch { images: images.index_select(0, &places), labels: labels.index_select(0, &places) })
    }

    fn all(&self) -> MutexGuard<'_, Batch> {
        self.all.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
