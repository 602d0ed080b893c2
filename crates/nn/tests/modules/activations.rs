use selvedge_nn::{
    Celu, Elu, Gelu, Glu, Hardshrink, Hardsigmoid, Hardswish, Hardtanh, LeakyRelu, LogSigmoid, LogSoftmax,
    Mish, Prelu, Relu, Relu6, Rrelu, Selu, Sigmoid, Silu, Softmax, Softmax2d, Softmin, Softplus, Softshrink,
    Softsign, Tanh, Tanhshrink, Threshold,
};

use crate::unit::{Table, one};

pub(crate) const UNITS: Table = &[
    ("CELU", |it| one(it.options::<Celu>())),
    ("ELU", |it| one(it.options::<Elu>())),
    ("GELU", |it| one(it.options::<Gelu>())),
    ("GLU", |it| one(it.options::<Glu>())),
    ("Hardshrink", |it| one(it.options::<Hardshrink>())),
    ("Hardsigmoid", |it| one(it.options::<Hardsigmoid>())),
    ("Hardswish", |it| one(it.options::<Hardswish>())),
    ("Hardtanh", |it| one(it.options::<Hardtanh>())),
    ("LeakyReLU", |it| one(it.options::<LeakyRelu>())),
    ("LogSigmoid", |it| one(it.options::<LogSigmoid>())),
    ("LogSoftmax", |it| one(it.options::<LogSoftmax>())),
    ("Mish", |it| one(it.options::<Mish>())),
    ("PReLU", |it| one(Prelu::with(it.options()))),
    ("ReLU", |it| one(it.options::<Relu>())),
    ("ReLU6", |it| one(it.options::<Relu6>())),
    ("RReLU", |it| one(it.options::<Rrelu>())),
    ("SELU", |it| one(it.options::<Selu>())),
    ("Sigmoid", |it| one(it.options::<Sigmoid>())),
    ("SiLU", |it| one(it.options::<Silu>())),
    ("Softmax", |it| one(it.options::<Softmax>())),
    ("Softmax2d", |it| one(it.options::<Softmax2d>())),
    ("Softmin", |it| one(it.options::<Softmin>())),
    ("Softplus", |it| one(it.options::<Softplus>())),
    ("Softshrink", |it| one(it.options::<Softshrink>())),
    ("Softsign", |it| one(it.options::<Softsign>())),
    ("Tanh", |it| one(it.options::<Tanh>())),
    ("Tanhshrink", |it| one(it.options::<Tanhshrink>())),
    ("Threshold", |it| one(it.options::<Threshold>())),
];
