use selvedge_nn::{BatchNorm, GroupNorm, InstanceNorm, LayerNorm, NormalizedShape, RmsNorm};

use crate::unit::{Arguments, Table, Unit, one};

pub(crate) const UNITS: Table = &[
    ("BatchNorm1d", batch_norm::<1>),
    ("BatchNorm2d", batch_norm::<2>),
    ("BatchNorm3d", batch_norm::<3>),
    ("GroupNorm", |it| {
        let (groups, channels) = (it.take("num_groups"), it.take("num_channels"));
        one(GroupNorm::with(groups, channels, it.options()).expect("good options"))
    }),
    ("InstanceNorm1d", instance_norm::<1>),
    ("InstanceNorm2d", instance_norm::<2>),
    ("InstanceNorm3d", instance_norm::<3>),
    ("LayerNorm", |it| one(LayerNorm::with(normalized_shape(it), it.options()).expect("good options"))),
    ("RMSNorm", |it| one(RmsNorm::with(normalized_shape(it), it.options()).expect("good options"))),
];

fn batch_norm<const N: usize>(it: &mut Arguments<'_>) -> Box<dyn Unit> {
    one(BatchNorm::<N>::with(it.take("num_features"), it.options()).expect("good options"))
}

fn instance_norm<const N: usize>(it: &mut Arguments<'_>) -> Box<dyn Unit> {
    one(InstanceNorm::<N>::with(it.take("num_features"), it.options()).expect("good options"))
}

fn normalized_shape(it: &mut Arguments<'_>) -> NormalizedShape {
    it.take("normalized_shape")
}
