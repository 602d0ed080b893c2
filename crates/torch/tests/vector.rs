//! The pass over long vectors gives what the two operations give one after the other.

use selvedge_torch::add_and_dot;
use tch::{Device, Kind, Tensor};

fn vectors(length: i64, kind: Kind) -> [Tensor; 3] {
    let angles = Tensor::arange(3 * length, (Kind::Double, Device::Cpu));
    let values: Vec<Tensor> = angles.sin().to_kind(kind).split(length, 0);
    values.try_into().expect("three parts")
}

#[test]
fn a_pass_is_as_good_as_two_operations() {
    // Short, as long as the pass takes, shared by threads, and with an end that fills no block.
    for length in [1, 16_384, 100_003] {
        for (kind, tolerance) in [(Kind::Float, 1e-6), (Kind::Double, 1e-13)] {
            let [sum, addend, with] = vectors(length, kind);
            let expected = &sum + &addend * -0.75;
            let product = add_and_dot(&sum, &addend, -0.75, &with).expect("three vectors");
            let [sum, expected, with] = [&sum, &expected, &with].map(|tensor| tensor.to_kind(Kind::Double));
            assert!(sum.allclose(&expected, tolerance, tolerance, false), "{kind:?}, {length}");
            let (wanted, scale) = (sum.dot(&with), (&sum * &with).abs().sum(Kind::Double));
            let error = (product - wanted.double_value(&[])).abs();
            assert!(error <= tolerance * scale.double_value(&[]), "{kind:?}, {length}: off by {error}");
        }
    }
}

#[test]
fn one_vector_may_be_given_twice() {
    let [sum, _, with] = vectors(20_000, Kind::Double);
    let expected = (&sum * 3.0).dot(&with).double_value(&[]);
    let product = add_and_dot(&sum, &sum.view([-1]), 2.0, &with).expect("vectors");
    assert!((product - expected).abs() < 1e-9);
    assert!(
        add_and_dot(
            &sum.narrow(0, 0, 19_000),
            &sum.narrow(0, 1_000, 19_000),
            1.0,
            &with.narrow(0, 0, 19_000)
        )
        .is_err()
    );
}

#[test]
fn what_does_not_fit_is_refused() {
    let [sum, addend, with] = vectors(20_000, Kind::Float);
    assert!(add_and_dot(&sum, &addend.narrow(0, 0, 19_999), 1.0, &with).is_err());
    assert!(add_and_dot(&sum, &addend, 1.0, &with.narrow(0, 0, 19_999)).is_err());
    assert!(add_and_dot(&sum, &addend, 1.0, &with.to_kind(Kind::Double)).is_err());
}
