use selvedge_nn::{Conv, ConvTranspose, Dims};

use crate::unit::{Arguments, Table, Unit, one};

pub(crate) const UNITS: Table = &[
    ("Conv1d", conv::<1>),
    ("Conv2d", conv::<2>),
    ("Conv3d", conv::<3>),
    ("ConvTranspose1d", conv_transpose::<1>),
    ("ConvTranspose2d", conv_transpose::<2>),
    ("ConvTranspose3d", conv_transpose::<3>),
];

fn conv<const N: usize>(it: &mut Arguments<'_>) -> Box<dyn Unit> {
    let (inputs, outputs) = (it.take("in_channels"), it.take("out_channels"));
    let kernel_size: Dims<N> = it.take("kernel_size");
    one(Conv::<N>::with(inputs, outputs, kernel_size, it.options()).expect("good options"))
}

fn conv_transpose<const N: usize>(it: &mut Arguments<'_>) -> Box<dyn Unit> {
    let (inputs, outputs) = (it.take("in_channels"), it.take("out_channels"));
    let kernel_size: Dims<N> = it.take("kernel_size");
    one(ConvTranspose::<N>::with(inputs, outputs, kernel_size, it.options()).expect("good options"))
}
