use selvedge_nn::functional::GeluApproximate;
use selvedge_nn::{
    BatchNorm1d, BatchNorm2d, BatchNorm3d, BatchNormOptions, Celu, Conv1d, Conv2d, Conv3d, ConvOptions,
    ConvPadding, Dropout, Elu, Flatten, Forward, Gelu, Hardshrink, Hardsigmoid, Hardswish, Hardtanh,
    Identity, LeakyRelu, Linear, LinearOptions, LogSigmoid, LogSoftmax, MaxPool2d, Mish, Relu, Relu6, Selu,
    Sequential, Sigmoid, Silu, Softmax, Softmax2d, Softmin, Softplus, Softshrink, Softsign, Tanh, Tanhshrink,
    Threshold, Unflatten,
};

/// A layer or a few in a row, and the shape of their input.
pub(crate) struct Case(pub(crate) Box<dyn Forward>, pub(crate) Vec<i64>);

fn case(layer: impl Forward + 'static, size: impl Into<Vec<i64>>) -> Case {
    Case(Box::new(layer), size.into())
}

pub(crate) fn conv2d(options: ConvOptions<2>) -> Conv2d {
    Conv2d::with(2, 4, 3, options).expect("the options are good")
}

fn batch_norm(options: BatchNormOptions) -> BatchNorm1d {
    BatchNorm1d::with(7, options).expect("the options are good")
}

pub(crate) fn cases() -> Vec<Case> {
    let matrix = [5, 7];
    vec![
        case(Linear::new(7, 3), matrix),
        case(Linear::with(7, 3, LinearOptions { bias: false }), matrix),
        case(Linear::new(7, 3), [2, 5, 7]),
        case(Linear::new(7, 3), [7]),
        case(Linear::new(70, 90), [5, 70]),
        case(Identity, matrix),
        case(Flatten::default(), [2, 3, 4]),
        case(Flatten { start_dim: 0, end_dim: 1 }, [2, 3, 4]),
        case(Unflatten::new(1, [2, 3]), [4, 6]),
        case(Dropout::new(0.3), matrix),
        case(Dropout::new(0.0), matrix),
        case(Dropout::new(1.0), matrix),
        case(Relu, matrix),
        case(LeakyRelu { negative_slope: 0.3 }, matrix),
        case(Threshold { threshold: 0.2, value: -1.0 }, matrix),
        case(Elu { alpha: 0.7 }, matrix),
        case(Celu { alpha: 0.7 }, matrix),
        case(Selu, matrix),
        case(Softplus { beta: 2.0, threshold: 1.5 }, matrix),
        case(Sigmoid, matrix),
        case(LogSigmoid, matrix),
        case(Hardsigmoid, matrix),
        case(Tanh, matrix),
        case(Hardtanh { min_val: -0.4, max_val: 0.6 }, matrix),
        case(Relu6, matrix),
        case(Softsign, matrix),
        case(Silu, matrix),
        case(Mish, matrix),
        case(Hardswish, matrix),
        case(Gelu::default(), matrix),
        case(Gelu { approximate: GeluApproximate::Tanh }, matrix),
        case(Hardshrink { lambd: 0.3 }, matrix),
        case(Softshrink { lambd: 0.3 }, matrix),
        case(Tanhshrink, matrix),
        case(Softmax::new(1), matrix),
        case(Softmax::new(0), matrix),
        case(Softmax::new(None), [2, 3, 4]),
        case(Softmin::new(-1), matrix),
        case(LogSoftmax::new(1), matrix),
        case(Softmax2d, [2, 3, 4, 4]),
        case(Conv2d::new(2, 3, 3), [2, 2, 6, 5]),
        case(conv2d(ConvOptions { bias: false, ..ConvOptions::default() }), [2, 2, 6, 5]),
        case(
            conv2d(ConvOptions { stride: 2.into(), padding: [1, 0].into(), ..ConvOptions::default() }),
            [2, 2, 6, 5],
        ),
        case(
            conv2d(ConvOptions { dilation: 2.into(), padding: ConvPadding::Same, ..ConvOptions::default() }),
            [2, 2, 6, 5],
        ),
        case(
            conv2d(ConvOptions { padding: ConvPadding::Valid, groups: 2, ..ConvOptions::default() }),
            [2, 2, 6, 5],
        ),
        case(Conv1d::new(2, 3, 3), [2, 2, 6]),
        case(Conv3d::new(2, 3, 2), [2, 2, 3, 4, 3]),
        case(MaxPool2d::new(2), [2, 3, 5, 6]),
        case(
            MaxPool2d { stride: Some(1.into()), padding: 1.into(), ceil_mode: true, ..MaxPool2d::new(3) },
            [2, 3, 5, 6],
        ),
        case(MaxPool2d { dilation: 2.into(), ..MaxPool2d::new(2) }, [2, 3, 5, 6]),
        case(BatchNorm1d::new(7), matrix),
        case(BatchNorm1d::new(3), [2, 3, 4]),
        case(BatchNorm2d::new(3), [2, 3, 4, 4]),
        case(BatchNorm3d::new(3), [2, 3, 2, 2, 2]),
        case(
            batch_norm(BatchNormOptions { momentum: None, eps: 0.1, ..BatchNormOptions::default() }),
            matrix,
        ),
        case(batch_norm(BatchNormOptions { affine: false, ..BatchNormOptions::default() }), matrix),
        case(batch_norm(BatchNormOptions { bias: false, ..BatchNormOptions::default() }), matrix),
        case(
            batch_norm(BatchNormOptions { track_running_stats: false, ..BatchNormOptions::default() }),
            matrix,
        ),
        case(
            Sequential::new().then(Conv2d::new(2, 3, 3)).then(Relu).then(MaxPool2d::new(2)).then(Relu),
            [2, 2, 6, 6],
        ),
        case(Sequential::new().then(BatchNorm1d::new(7)).then(Relu).then(Dropout::new(0.2)), matrix),
        // What writes over its input must not disturb what reads it afterwards.
        case(Sequential::new().then(Sigmoid).then(Relu), matrix),
        case(Sequential::new().then(Relu).then(Relu), matrix),
        case(Sequential::new().then(Silu).then(Relu).then(Tanh), matrix),
        case(
            Sequential::new().then(Linear::new(7, 7)).then(Identity).then(Relu).then(Linear::new(7, 2)),
            matrix,
        ),
        case(Sequential::new().then(Relu).then(Dropout::new(0.5)).then(Relu), matrix),
        case(Sequential::new().then(Softmax::new(1)).then(Relu).then(Linear::new(7, 2)), matrix),
    ]
}
