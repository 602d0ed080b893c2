use std::fmt::Display;

use tch::Tensor;

use crate::named_layers::named;

/// Panics with the layer, its path where that is known, the shape it takes and the shape it was given.
#[track_caller]
pub(crate) fn shape(layer: &dyn Display, expected: impl Display, input: &Tensor) -> ! {
    panic!("{}: expected an input of shape {expected}, found {:?}", named(layer), input.size())
}

/// Panics unless the input has `N` dimensions after its channels, with or without a batch.
#[track_caller]
pub(crate) fn planes<const N: usize>(layer: &dyn Display, input: &Tensor) {
    if ![N + 1, N + 2].contains(&input.dim()) {
        let sizes = DIMENSIONS[N - 1];
        shape(layer, format_args!("[batch, channels, {sizes}] or [channels, {sizes}]"), input);
    }
}

/// As [`planes`], with that number of channels.
#[track_caller]
pub(crate) fn channels<const N: usize>(layer: &dyn Display, channels: i64, input: &Tensor) {
    let size = input.size();
    if ![N + 1, N + 2].contains(&size.len()) || size[size.len() - N - 1] != channels {
        let sizes = DIMENSIONS[N - 1];
        shape(layer, format_args!("[batch, {channels}, {sizes}] or [{channels}, {sizes}]"), input);
    }
}

pub(crate) const DIMENSIONS: [&str; 3] = ["length", "height, width", "depth, height, width"];

/// What libtorch returned, or a panic with the operation, the input and the first line of libtorch's message;
/// the others are its stack.
#[track_caller]
pub(crate) fn torch<T, E: Display>(operation: &str, input: &Tensor, result: Result<T, E>) -> T {
    refused(input, result).unwrap_or_else(|reason| panic!("{operation} of {reason}"))
}

/// What libtorch returned, or the input and the first line of its message.
pub(crate) fn refused<T, E: Display>(input: &Tensor, result: Result<T, E>) -> Result<T, String> {
    result.map_err(|error| {
        let message = error.to_string();
        let message = message.lines().next().unwrap_or_default();
        format!("an input of shape {:?} and kind {:?}: {message}", input.size(), input.kind())
    })
}

/// Panics unless the last dimensions of the input are those.
#[track_caller]
pub(crate) fn last_dimensions(layer: &dyn Display, last: &[i64], input: &Tensor) {
    if !input.size().ends_with(last) {
        let sizes: Vec<String> = last.iter().map(i64::to_string).collect();
        shape(layer, format_args!("[.., {}]", sizes.join(", ")), input);
    }
}
