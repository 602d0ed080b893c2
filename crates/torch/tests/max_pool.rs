//! The pool of our own gives the values and places of libtorch, whatever the windows, and refuses what it would read or
//! write wrongly.

use selvedge_torch::planned::{self, Windows};
use tch::{Device, Kind, Tensor};

const FLOAT: (Kind, Device) = (Kind::Float, Device::Cpu);

fn windows(kernel_size: [i64; 2], stride: [i64; 2], padding: [i64; 2], dilation: [i64; 2]) -> Windows {
    Windows { kernel_size, stride, padding, dilation }
}

fn by_libtorch(input: &Tensor, windows: Windows, ceil_mode: bool) -> (Tensor, Tensor) {
    let Windows { kernel_size, stride, padding, dilation } = windows;
    input.max_pool2d_with_indices(kernel_size, stride, padding, dilation, ceil_mode)
}

/// Ours and libtorch's, bit for bit.
fn compare(input: &Tensor, windows: Windows, ceil_mode: bool) {
    let (output, indices) = by_libtorch(input, windows, ceil_mode);
    let (our_output, our_indices) = (output.zeros_like(), indices.zeros_like());
    planned::max_pool2d(&our_output, &our_indices, input, windows).expect("the windows are libtorch's");
    let bits = |values: &Tensor| values.view_dtype(Kind::Int);
    assert_eq!(bits(&our_output), bits(&output), "{windows:?} of {:?}", input.size());
    assert_eq!(our_indices, indices, "{windows:?} of {:?}", input.size());
}

#[test]
fn the_values_and_places_are_those_of_libtorch() {
    let kinds = [
        windows([2, 2], [2, 2], [0, 0], [1, 1]),
        windows([3, 2], [1, 2], [1, 0], [1, 1]),
        windows([3, 3], [2, 1], [1, 1], [1, 1]),
        windows([2, 3], [3, 3], [0, 1], [2, 2]),
        windows([5, 5], [1, 1], [2, 2], [3, 1]),
        windows([1, 1], [4, 2], [0, 0], [1, 1]),
    ];
    for threads in [1, 2] {
        tch::set_num_threads(threads);
        for windows in kinds {
            // Rows of outputs that are as long as a register, longer and shorter; enough planes for two threads.
            for size in [[2, 3, 28, 28], [1, 2, 40, 75], [64, 16, 14, 14], [1, 1, 13, 9]] {
                let input = Tensor::randn(size, FLOAT);
                compare(&input, windows, false);
                compare(&input, windows, true);
            }
        }
    }
}

#[test]
fn what_is_no_ordinary_number_is_chosen_as_libtorch_chooses() {
    let odd = [f32::NAN, f32::NEG_INFINITY, f32::INFINITY, -0.0, 0.0, 1.0];
    let input =
        Tensor::from_slice(&odd).index_select(0, &Tensor::randint(6, [4000], (Kind::Int64, Device::Cpu)));
    for windows in [windows([2, 2], [2, 2], [0, 0], [1, 1]), windows([3, 3], [1, 1], [1, 1], [1, 1])] {
        compare(&input.view([10, 20, 20]), windows, false);
        compare(&Tensor::full([1, 18, 18], f64::NEG_INFINITY, FLOAT), windows, false);
    }
}

#[test]
fn without_planes_or_outputs_there_is_nothing_to_do() {
    let two = windows([2, 2], [2, 2], [0, 0], [1, 1]);
    let tensors =
        |size: [i64; 3]| (Tensor::zeros(size, FLOAT), Tensor::zeros(size, (Kind::Int64, Device::Cpu)));
    let (output, indices) = tensors([0, 2, 2]);
    planned::max_pool2d(&output, &indices, &Tensor::zeros([0, 4, 4], FLOAT), two).unwrap();
    let (output, indices) = tensors([3, 2, 0]);
    planned::max_pool2d(&output, &indices, &Tensor::zeros([3, 4, 4], FLOAT), two).unwrap();
}

#[test]
fn what_does_not_go_together_is_refused() {
    let two = windows([2, 2], [2, 2], [0, 0], [1, 1]);
    let input = Tensor::zeros([3, 4, 4], FLOAT);
    let output = Tensor::zeros([3, 2, 2], FLOAT);
    let indices = Tensor::zeros([3, 2, 2], (Kind::Int64, Device::Cpu));
    let refused = |output: &Tensor, indices: &Tensor, input: &Tensor, windows: Windows, reason: &str| {
        let error = planned::max_pool2d(output, indices, input, windows).unwrap_err().to_string();
        assert!(error.contains(reason), "{error}");
    };
    refused(&output.totype(Kind::Double), &indices, &input, two, "expected Float");
    refused(&output, &indices.totype(Kind::Int), &input, two, "expected Int64");
    refused(&output, &indices, &input.transpose(1, 2), two, "without gaps");
    refused(&output, &indices, &input.view([48]), two, "do not give [3, 2, 2]");
    refused(&output, &indices, &Tensor::zeros([4, 4, 4], FLOAT), two, "do not give [3, 2, 2]");
    refused(&output, &indices.narrow(0, 0, 2), &input, two, "indices of [2, 2, 2]");
    // The third window of a row would begin after its end.
    let wide = (Tensor::zeros([3, 2, 3], FLOAT), Tensor::zeros([3, 2, 3], (Kind::Int64, Device::Cpu)));
    refused(&wide.0, &wide.1, &input, two, "do not give [3, 2, 3]");
    for windows in [
        windows([0, 2], [2, 2], [0, 0], [1, 1]),
        windows([2, 2], [0, 2], [0, 0], [1, 1]),
        windows([2, 2], [2, 2], [-1, 0], [1, 1]),
        windows([2, 2], [2, 2], [0, 0], [1, 0]),
        // The first window has nothing but padding.
        windows([2, 2], [2, 2], [2, 0], [1, 1]),
    ] {
        refused(&output, &indices, &input, windows, "do not give");
    }
    refused(&input.view([48]).narrow(0, 0, 12).view([3, 2, 2]), &indices, &input, two, "share memory");
}

/// The output, the indices, the gradient of the input and the gradient of the output's gradient.
fn followed(input: &Tensor, pool: impl Fn(&Tensor) -> (Tensor, Tensor)) -> [Tensor; 4] {
    let input = input.copy().set_requires_grad(true);
    let (output, indices) = pool(&input);
    let gradient = output.detach().sin().set_requires_grad(true);
    let graph = (&output * &gradient).sum(output.kind());
    let of_input = Tensor::run_backward(&[graph], &[&input], true, true).remove(0);
    let again = of_input.square().sum(output.kind());
    let of_gradient = Tensor::run_backward(&[again], &[gradient], false, false).remove(0);
    [output.detach(), indices, of_input.detach(), of_gradient]
}

#[test]
fn autograd_follows_as_it_follows_libtorch() {
    let kinds = [
        windows([2, 2], [2, 2], [0, 0], [1, 1]),
        windows([3, 3], [2, 1], [1, 1], [1, 1]),
        windows([3, 2], [2, 2], [1, 0], [2, 1]),
        // More padding than the kernel's own half is libtorch's to judge.
        windows([2, 2], [2, 2], [1, 1], [3, 3]),
    ];
    let inputs = [
        Tensor::randn([2, 3, 11, 14], FLOAT),
        Tensor::randn([3, 12, 9], FLOAT).relu(),
        Tensor::randn([2, 3, 8, 8], (Kind::Double, Device::Cpu)),
        Tensor::randn([2, 8, 8, 3], FLOAT).permute([0, 3, 1, 2]),
    ];
    for windows in kinds {
        for (input, ceil_mode) in inputs.iter().flat_map(|input| [(input, false), (input, true)]) {
            let ours =
                followed(input, |input| selvedge_torch::max_pool2d(input, windows, ceil_mode).unwrap());
            let theirs = followed(input, |input| by_libtorch(input, windows, ceil_mode));
            assert_eq!(ours, theirs, "{windows:?} of {:?}, ceil_mode {ceil_mode}", input.size());
        }
    }
    let input = Tensor::randn([1, 4, 4], FLOAT);
    let two = windows([2, 2], [2, 2], [0, 0], [1, 1]);
    assert!(!selvedge_torch::max_pool2d(&input, two, false).unwrap().0.requires_grad());
    let input = input.set_requires_grad(true);
    let unrecorded = tch::no_grad(|| selvedge_torch::max_pool2d(&input, two, false).unwrap());
    assert!(!unrecorded.0.requires_grad());
}

#[test]
fn libtorch_refuses_what_is_no_pool() {
    let refused = |size: &[i64], windows: Windows| {
        let error = selvedge_torch::max_pool2d(&Tensor::zeros(size, FLOAT), windows, false).unwrap_err();
        assert!(error.to_string().starts_with("max_pool2d"), "{error}");
    };
    refused(&[1, 4, 4], windows([2, 2], [2, 2], [2, 0], [1, 1]));
    refused(&[1, 4, 4], windows([2, 2], [2, 0], [0, 0], [1, 1]));
    refused(&[1, 4, 4], windows([9, 2], [2, 2], [0, 0], [1, 1]));
    refused(&[4, 4], windows([2, 2], [2, 2], [0, 0], [1, 1]));
    refused(&[1, 4, 4], windows([i64::MAX, 2], [2, 2], [0, 0], [i64::MAX, 1]));
}
