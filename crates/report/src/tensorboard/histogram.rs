use tch::{Kind, Tensor};

use super::message::Histogram;

/// TensorBoard draws 30 of its own.
const BUCKETS: i64 = 60;

/// The finite values in buckets of equal width; none where there are none.
pub(super) fn of(values: &Tensor) -> Option<Histogram> {
    let values = values.detach().to_device(tch::Device::Cpu).to_kind(Kind::Double).flatten(0, -1);
    let values = values.masked_select(&values.isfinite());
    let count = values.numel();
    if count == 0 {
        return None;
    }
    let (min, max) = (values.min().double_value(&[]), values.max().double_value(&[]));
    // A constant needs a bucket, too.
    let width = ((max - min) / BUCKETS as f64).max(max.abs() * 1e-9).max(1e-12);
    let bucket = ((&values - min) / width).floor().clamp(0.0, (BUCKETS - 1) as f64).to_kind(Kind::Int64);
    let counts = bucket.bincount(None::<&Tensor>, BUCKETS).to_kind(Kind::Double);
    Some(Histogram {
        min,
        max,
        count: count as f64,
        sum: values.sum(Kind::Double).double_value(&[]),
        sum_of_squares: values.square().sum(Kind::Double).double_value(&[]),
        bucket_limit: (1..=BUCKETS).map(|bucket| min + width * bucket as f64).collect(),
        bucket: Vec::try_from(counts).ok()?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_finite_value_is_in_a_bucket() {
        let values = Tensor::from_slice(&[-1.0, 0.0, 0.5, 5.0, f64::NAN, f64::INFINITY]);
        let histogram = of(&values).unwrap();
        assert_eq!((histogram.min, histogram.max, histogram.count, histogram.sum), (-1.0, 5.0, 4.0, 4.5));
        assert_eq!(histogram.sum_of_squares, 26.25);
        assert_eq!(histogram.bucket.iter().sum::<f64>(), 4.0);
        assert_eq!((histogram.bucket[0], histogram.bucket[10], histogram.bucket[59]), (1.0, 1.0, 1.0));
    }

    #[test]
    fn a_constant_and_nothing_have_their_histograms() {
        let histogram = of(&Tensor::from_slice(&[3.0, 3.0])).unwrap();
        assert_eq!(histogram.bucket[0], 2.0);
        assert!(histogram.bucket_limit[0] > 3.0);
        assert!(of(&Tensor::from_slice(&[f64::NAN])).is_none());
        assert!(of(&Tensor::zeros([0], (Kind::Float, tch::Device::Cpu))).is_none());
    }
}
