//! The product of our own gives the very bits of the sum that is written down here, on any number of threads, and
//! refuses what it would read or write wrongly.

use selvedge_torch::planned::blocked_product;
use tch::{Device, Kind, Tensor};

const FLOAT: (Kind, Device) = (Kind::Float, Device::Cpu);

/// One value after the other, in the order that the function promises.
fn expected(bias: Option<&Tensor>, first: &Tensor, second: &Tensor, block: usize) -> Vec<f32> {
    let values = |tensor: &Tensor| Vec::<f32>::try_from(tensor.contiguous().view(-1)).expect("values of f32");
    let ([rows, terms], [_, columns]) = (size(first), size(second));
    let (first, second, bias) = (values(first), values(second), bias.map(values));
    let mut output = Vec::new();
    for row in 0..rows {
        for column in 0..columns {
            let mut total = bias.as_ref().map_or(0.0, |bias| bias[column]);
            for start in (0..terms).step_by(block) {
                let block = start..(start + block).min(terms);
                total += block.fold(0.0f32, |sum, term| {
                    first[row * terms + term].mul_add(second[term * columns + column], sum)
                });
            }
            output.push(total);
        }
    }
    output
}

fn size(matrix: &Tensor) -> [usize; 2] {
    let (rows, columns) = matrix.size2().expect("a matrix");
    [rows as usize, columns as usize]
}

fn matrix(rows: i64, columns: i64) -> Tensor {
    (Tensor::arange(rows * columns, FLOAT) * 0.7).sin().view([rows, columns])
}

#[test]
fn each_value_is_summed_in_the_order_that_was_asked_for() {
    let sizes = [(1, 1, 1, 1), (64, 784, 256, 192), (13, 100, 45, 64), (100, 64, 33, 64), (300, 7, 10, 3)];
    for (rows, terms, columns, block) in sizes {
        for threads in 1..=4 {
            tch::set_num_threads(threads);
            for with_bias in [false, true] {
                let bias = with_bias.then(|| matrix(1, columns).view([columns]));
                let (first, second) = (matrix(rows, terms), matrix(terms, columns));
                let output = Tensor::full([rows, columns], f64::NAN, FLOAT);
                blocked_product(&output, bias.as_ref(), &first, &second, block).unwrap();
                let found = Vec::<f32>::try_from(output.view(-1)).unwrap();
                let expected = expected(bias.as_ref(), &first, &second, block);
                let what = format!("[{rows}, {terms}] times [{terms}, {columns}] on {threads} threads");
                assert!(found == expected, "{what}: {found:?} instead of {expected:?}");
            }
        }
    }
}

#[test]
fn matrices_may_be_transposed_and_parts_of_others() {
    // Beside the parts that it computes with and writes to, all is NaN or stays as it is.
    let first = Tensor::full([20, 90], f64::NAN, FLOAT);
    first.narrow(1, 3, 70).copy_(&matrix(20, 70));
    let first = first.narrow(1, 3, 70).tr();
    let second = Tensor::full([20, 60], f64::NAN, FLOAT);
    second.narrow(1, 5, 41).copy_(&matrix(20, 41));
    let second = second.narrow(1, 5, 41);
    let whole = Tensor::full([72, 50], 7.0, FLOAT);
    let output = whole.narrow(0, 1, 70).narrow(1, 4, 41);
    blocked_product(&output, None, &first, &second, 20).unwrap();
    let found = Vec::<f32>::try_from(output.contiguous().view(-1)).unwrap();
    assert_eq!(found, expected(None, &first, &second, 20));
    let _ = output.shallow_clone().fill_(7.0);
    assert_eq!(whole, Tensor::full([72, 50], 7.0, FLOAT));
}

#[test]
fn without_terms_the_bias_is_left() {
    let (bias, output) = (matrix(1, 5).squeeze(), Tensor::zeros([3, 5], FLOAT));
    blocked_product(&output, Some(&bias), &matrix(3, 0), &matrix(0, 5), 1).unwrap();
    assert_eq!(output, bias.expand([3, 5], true));
    blocked_product(&matrix(0, 5), None, &matrix(0, 4), &matrix(4, 5), 4).unwrap();
}

#[test]
fn what_does_not_go_together_is_refused() {
    let (output, bias) = (Tensor::zeros([2, 4], FLOAT), Tensor::zeros([4], FLOAT));
    let (first, second) = (matrix(2, 3), matrix(3, 4));
    let refused =
        |output: &Tensor, bias: Option<&Tensor>, first: &Tensor, second: &Tensor, block, says: &str| {
            let error = blocked_product(output, bias, first, second, block).unwrap_err().to_string();
            assert!(error.contains(says), "{error}");
        };
    refused(
        &output,
        None,
        &first,
        &matrix(4, 4),
        3,
        "[2, 3] times [4, 4], in blocks of 3, does not give [2, 4]",
    );
    refused(&output, None, &first, &second, 0, "in blocks of 0");
    refused(&bias, None, &first, &second, 3, "expected a matrix, found [4]");
    refused(&output, Some(&Tensor::zeros([2], FLOAT)), &first, &second, 3, "a bias of 4 values");
    refused(&output, None, &first.to_kind(Kind::Double), &second, 3, "expected f32 on the CPU, found Double");
    refused(&output, None, &first, &matrix(4, 3).tr(), 3, "neighbours");
    refused(&bias.expand([2, 4], false), None, &first, &second, 3, "neighbours");
    let square = matrix(4, 4);
    refused(&square.narrow(0, 0, 2), None, &first, &square.narrow(0, 1, 3), 3, "shares memory");
}
