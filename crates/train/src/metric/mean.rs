use tch::{Device, Kind, Tensor};

/// A mean that is summed where the values are, and read when it is asked for.
#[derive(Debug, Default)]
pub(super) struct Mean {
    sum: Option<Tensor>,
    count: usize,
}

impl Mean {
    /// Adds the sum of the values of a batch.
    pub(super) fn add(&mut self, values: &Tensor) {
        self.add_sum(&wide(values).sum(None::<Kind>), values.numel());
    }

    pub(super) fn add_sum(&mut self, sum: &Tensor, count: usize) {
        let sum = wide(sum);
        self.sum = Some(match self.sum.take() {
            Some(total) => total + sum,
            None => sum,
        });
        self.count += count;
    }

    pub(super) fn value(&self) -> f64 {
        self.sum.as_ref().map_or(f64::NAN, |sum| sum.double_value(&[]) / self.count as f64)
    }
}

/// The values in the widest kind of their device, without a graph.
pub(super) fn wide(values: &Tensor) -> Tensor {
    let kind = if values.device() == Device::Mps { Kind::Float } else { Kind::Double };
    values.detach().to_kind(kind)
}
