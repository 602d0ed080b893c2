use selvedge_nn::{Flatten, Identity, Linear, Unflatten};

use crate::unit::{Table, one};

pub(crate) const UNITS: Table = &[
    ("Flatten", |it| one(it.options::<Flatten>())),
    ("Identity", |_| one(Identity)),
    ("Linear", |it| one(Linear::with(it.take("in_features"), it.take("out_features"), it.options()))),
    ("Unflatten", |it| one(it.options::<Unflatten>())),
];
