use tch::{Kind, Tensor};

/// Panics unless `found` has the kind and shape of `expected` and each value lies within `relative` of the
/// expected one, measured against the larger of that value and the mean magnitude of the tensor, so that a
/// value near zero among large ones is not held to more digits than the sum it came from had. NaN and
/// infinities have to stand at the same places.
///
/// # Panics
///
/// With `what` and the worst value, when they differ.
#[track_caller]
pub fn assert_close(what: &str, found: &Tensor, expected: &Tensor, relative: f64) {
    assert_eq!(found.size(), expected.size(), "{what}: shape");
    assert_eq!(found.kind(), expected.kind(), "{what}: kind");
    if expected.numel() == 0 {
        return;
    }
    let (found, expected) = (flat(found), flat(expected));
    let finite: Vec<f64> = expected.iter().copied().filter(|value| value.is_finite()).collect();
    let mean = finite.iter().map(|value| value.abs()).sum::<f64>() / finite.len().max(1) as f64;
    for (index, (found, expected)) in found.into_iter().zip(expected).enumerate() {
        let same = found == expected || (found.is_nan() && expected.is_nan());
        let tolerance = relative * expected.abs().max(mean);
        assert!(
            same || (expected.is_finite() && (found - expected).abs() <= tolerance),
            "{what}: value {index} is {found:e}, PyTorch has {expected:e} (tolerance {tolerance:e})"
        );
    }
}

fn flat(tensor: &Tensor) -> Vec<f64> {
    let tensor = tensor.detach().to_kind(Kind::Double).flatten(0, -1).contiguous();
    Vec::<f64>::try_from(&tensor).expect("a flat tensor of doubles is a vector")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accepts_what_is_close() {
        let expected = Tensor::from_slice(&[1.0, -2.0, f64::INFINITY, f64::NAN]);
        let found = Tensor::from_slice(&[1.0 + 1e-13, -2.0, f64::INFINITY, f64::NAN]);
        assert_close("close", &found, &expected, 1e-12);
    }

    #[test]
    #[should_panic(expected = "value 1")]
    fn refuses_what_is_not() {
        let expected = Tensor::from_slice(&[1.0, -2.0]);
        assert_close("far", &Tensor::from_slice(&[1.0, -2.1]), &expected, 1e-5);
    }

    #[test]
    #[should_panic(expected = "value 0")]
    fn refuses_nan_for_a_number() {
        assert_close("nan", &Tensor::from_slice(&[f64::NAN]), &Tensor::from_slice(&[1.0]), 1e-5);
    }

    #[test]
    #[should_panic(expected = "value 0")]
    fn refuses_a_number_for_infinity() {
        assert_close("inf", &Tensor::from_slice(&[1.0]), &Tensor::from_slice(&[f64::INFINITY]), 1e-5);
    }

    #[test]
    #[should_panic(expected = "shape")]
    fn refuses_another_shape() {
        assert_close("shape", &Tensor::from_slice(&[1.0]), &Tensor::from_slice(&[1.0, 1.0]), 1e-5);
    }
}
