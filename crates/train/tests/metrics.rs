//! The metrics, over batches of every size.

use selvedge_train::metric::{Accuracy, ConfusionMatrix, Metric};
use tch::{Device, Kind, Tensor};

/// Scores whose highest is that of the given class.
fn scores(predicted: &[i64], classes: i64) -> Tensor {
    Tensor::from_slice(predicted).one_hot(classes).to_kind(Kind::Float)
}

#[test]
fn accuracy_does_not_depend_on_the_batches() {
    let (predicted, target) = ([0, 1, 2, 2, 1, 0, 1], [0_i64, 1, 1, 2, 1, 2, 0]);
    for size in 1..=7 {
        let mut accuracy = Accuracy::default();
        for (predicted, target) in predicted.chunks(size).zip(target.chunks(size)) {
            accuracy.update(&scores(predicted, 3), &Tensor::from_slice(target));
        }
        assert_eq!(accuracy.compute(), 4.0 / 7.0);
    }
}

#[test]
fn accuracy_of_nothing_is_not_a_number() {
    let mut accuracy = Accuracy::default();
    assert!(accuracy.compute().is_nan());
    accuracy.update(&scores(&[1], 2), &Tensor::from_slice(&[1_i64]));
    accuracy.reset();
    assert!(accuracy.compute().is_nan());
}

#[test]
fn confusion_matrix_has_true_classes_as_rows() {
    let mut matrix = ConfusionMatrix::new(3);
    matrix.update(&scores(&[0, 1, 2, 2], 3), &Tensor::from_slice(&[0_i64, 1, 1, 2]));
    matrix.update(&scores(&[1, 0, 1], 3), &Tensor::from_slice(&[1_i64, 2, 0]));
    assert_eq!(matrix.counts(), [[1, 1, 0], [0, 2, 1], [1, 0, 1]]);
    matrix.reset();
    assert_eq!(matrix.counts(), [[0; 3]; 3]);
}

#[test]
fn confusion_matrix_takes_pixels() {
    let mut matrix = ConfusionMatrix::new(2);
    let output = scores(&[0, 1, 1, 0], 2).reshape([1, 2, 2, 2]).permute([0, 3, 1, 2]);
    matrix.update(&output, &Tensor::from_slice(&[0_i64, 1, 0, 0]).reshape([1, 2, 2]));
    assert_eq!(matrix.counts(), [[2, 1], [0, 1]]);
}

#[test]
#[should_panic(expected = "ConfusionMatrix: expected targets from 0 to 2")]
fn confusion_matrix_refuses_a_target_out_of_range() {
    ConfusionMatrix::new(3).update(&scores(&[0], 3), &Tensor::from_slice(&[3_i64]));
}

#[test]
#[should_panic(expected = "ConfusionMatrix: expected targets from 0 to 2")]
fn confusion_matrix_refuses_a_negative_target() {
    ConfusionMatrix::new(3).update(&scores(&[1], 3), &Tensor::from_slice(&[-1_i64]));
}

#[test]
#[should_panic(expected = "Accuracy: expected target of size [2], found [2, 1]")]
fn accuracy_refuses_a_column_of_targets() {
    let target = Tensor::zeros([2, 1], (Kind::Int64, Device::Cpu));
    Accuracy::default().update(&scores(&[0, 1], 2), &target);
}
