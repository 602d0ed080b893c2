use selvedge_nn::{
    AdaptiveAvgPool1d, AdaptiveAvgPool2d, AdaptiveAvgPool3d, AdaptiveMaxPool1d, AdaptiveMaxPool2d,
    AdaptiveMaxPool3d, AvgPool1d, AvgPool2d, AvgPool3d, CircularPad1d, CircularPad2d, CircularPad3d,
    ConstantPad1d, ConstantPad2d, ConstantPad3d, MaxPool, ReflectionPad1d, ReflectionPad2d, ReflectionPad3d,
    ReplicationPad1d, ReplicationPad2d, ReplicationPad3d, ZeroPad1d, ZeroPad2d, ZeroPad3d,
};

use crate::unit::{Arguments, Table, Unit, many, one};

pub(crate) const UNITS: Table = &[
    ("AdaptiveAvgPool1d", |it| one(it.options::<AdaptiveAvgPool1d>())),
    ("AdaptiveAvgPool2d", |it| one(it.options::<AdaptiveAvgPool2d>())),
    ("AdaptiveAvgPool3d", |it| one(it.options::<AdaptiveAvgPool3d>())),
    ("AdaptiveMaxPool1d", |it| one(it.options::<AdaptiveMaxPool1d>())),
    ("AdaptiveMaxPool2d", |it| one(it.options::<AdaptiveMaxPool2d>())),
    ("AdaptiveMaxPool3d", |it| one(it.options::<AdaptiveMaxPool3d>())),
    ("AvgPool1d", |it| one(it.options::<AvgPool1d>())),
    ("AvgPool2d", |it| one(it.options::<AvgPool2d>())),
    ("AvgPool3d", |it| one(it.options::<AvgPool3d>())),
    ("CircularPad1d", |it| one(it.options::<CircularPad1d>())),
    ("CircularPad2d", |it| one(it.options::<CircularPad2d>())),
    ("CircularPad3d", |it| one(it.options::<CircularPad3d>())),
    ("ConstantPad1d", |it| one(it.options::<ConstantPad1d>())),
    ("ConstantPad2d", |it| one(it.options::<ConstantPad2d>())),
    ("ConstantPad3d", |it| one(it.options::<ConstantPad3d>())),
    ("MaxPool1d", max_pool::<1>),
    ("MaxPool2d", max_pool::<2>),
    ("MaxPool3d", max_pool::<3>),
    ("ReflectionPad1d", |it| one(it.options::<ReflectionPad1d>())),
    ("ReflectionPad2d", |it| one(it.options::<ReflectionPad2d>())),
    ("ReflectionPad3d", |it| one(it.options::<ReflectionPad3d>())),
    ("ReplicationPad1d", |it| one(it.options::<ReplicationPad1d>())),
    ("ReplicationPad2d", |it| one(it.options::<ReplicationPad2d>())),
    ("ReplicationPad3d", |it| one(it.options::<ReplicationPad3d>())),
    ("ZeroPad1d", |it| one(it.options::<ZeroPad1d>())),
    ("ZeroPad2d", |it| one(it.options::<ZeroPad2d>())),
    ("ZeroPad3d", |it| one(it.options::<ZeroPad3d>())),
];

/// PyTorch's option to return indices is another call here.
fn max_pool<const N: usize>(it: &mut Arguments<'_>) -> Box<dyn Unit> {
    let indices = it.take::<Option<bool>>("return_indices").unwrap_or_default();
    let pool = it.options::<MaxPool<N>>();
    if !indices {
        return one(pool);
    }
    many(pool, |pool, inputs, _| {
        let (output, indices) = pool.forward_with_indices(&inputs[0]);
        vec![output, indices]
    })
}
