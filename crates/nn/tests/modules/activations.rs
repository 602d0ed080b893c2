use selvedge_nn::{LogSoftmax, Relu, Softmax, Softmin, Tanh};

use crate::unit::{Table, one};

pub(crate) const UNITS: Table = &[
    ("LogSoftmax", |it| one(it.options::<LogSoftmax>())),
    ("ReLU", |it| one(it.options::<Relu>())),
    ("Softmax", |it| one(it.options::<Softmax>())),
    ("Softmin", |it| one(it.options::<Softmin>())),
    ("Tanh", |it| one(it.options::<Tanh>())),
];
