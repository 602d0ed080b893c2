use std::ops::RangeInclusive;

use tch::Tensor;

use crate::Mode;

/// Sets each value to zero with probability `p` and scales the others by `1 / (1 - p)`, so that the mean stays;
/// in [`Mode::Eval`] the input itself.
///
/// PyTorch: `torch.nn.functional.dropout`.
///
/// # Shapes
///
/// Any; the output has the shape of the input.
///
/// # Panics
///
/// When `p` lies outside `[0, 1]`, or `input` is not of a floating-point kind.
///
/// ```
/// use selvedge_nn::{Mode, functional};
/// use tch::{Device, Kind, Tensor};
///
/// let input = Tensor::ones([1000], (Kind::Float, Device::Cpu));
/// let output = functional::dropout(&input, 0.5, Mode::Train);
/// assert!(Vec::<f32>::try_from(&output).unwrap().iter().all(|&value| value == 0.0 || value == 2.0));
/// assert_eq!(functional::dropout(&input, 0.5, Mode::Eval), input);
/// ```
#[track_caller]
pub fn dropout(input: &Tensor, p: f64, mode: Mode) -> Tensor {
    DROPOUT.apply(input, p, mode)
}

/// Sets whole channels of a sequence to zero with probability `p` and scales the others by `1 / (1 - p)`; in
/// [`Mode::Eval`] the input itself.
///
/// PyTorch: `torch.nn.functional.dropout1d`.
///
/// # Shapes
///
/// `[N, C, L]` or `[C, L]`; the output has the shape of the input.
///
/// # Panics
///
/// When `p` lies outside `[0, 1]`, or `input` has another number of dimensions or is not of a floating-point
/// kind.
#[track_caller]
pub fn dropout1d(input: &Tensor, p: f64, mode: Mode) -> Tensor {
    DROPOUT1D.apply(input, p, mode)
}

/// Sets whole channels of an image to zero with probability `p` and scales the others by `1 / (1 - p)`; in
/// [`Mode::Eval`] the input itself.
///
/// PyTorch: `torch.nn.functional.dropout2d`.
///
/// # Shapes
///
/// `[N, C, H, W]`, or `[N, C, L]`, which PyTorch takes for a batch of sequences, not for one image; the output
/// has the shape of the input.
///
/// Differs from PyTorch: other numbers of dimensions, which it deprecates with a warning, are refused.
///
/// # Panics
///
/// When `p` lies outside `[0, 1]`, or `input` has another number of dimensions or is not of a floating-point
/// kind.
#[track_caller]
pub fn dropout2d(input: &Tensor, p: f64, mode: Mode) -> Tensor {
    DROPOUT2D.apply(input, p, mode)
}

/// Sets whole channels of a volume to zero with probability `p` and scales the others by `1 / (1 - p)`; in
/// [`Mode::Eval`] the input itself.
///
/// PyTorch: `torch.nn.functional.dropout3d`.
///
/// # Shapes
///
/// `[N, C, D, H, W]` or `[C, D, H, W]`; the output has the shape of the input.
///
/// Differs from PyTorch: other numbers of dimensions, which it deprecates with a warning, are refused.
///
/// # Panics
///
/// When `p` lies outside `[0, 1]`, or `input` has another number of dimensions or is not of a floating-point
/// kind.
#[track_caller]
pub fn dropout3d(input: &Tensor, p: f64, mode: Mode) -> Tensor {
    DROPOUT3D.apply(input, p, mode)
}

/// Sets values to the negative saturation of SELU with probability `p`, then scales and shifts all of them so
/// that mean 0 and variance 1 stay; in [`Mode::Eval`] the input itself.
///
/// PyTorch: `torch.nn.functional.alpha_dropout`; Klambauer et al., Self-Normalizing Neural Networks, 2017.
///
/// # Shapes
///
/// Any; the output has the shape of the input.
///
/// # Panics
///
/// When `p` lies outside `[0, 1]`, or `input` is not of a floating-point kind.
#[track_caller]
pub fn alpha_dropout(input: &Tensor, p: f64, mode: Mode) -> Tensor {
    ALPHA_DROPOUT.apply(input, p, mode)
}

/// [`alpha_dropout`] of whole channels.
///
/// PyTorch: `torch.nn.functional.feature_alpha_dropout`.
///
/// # Shapes
///
/// `[N, C, ...]`; the output has the shape of the input.
///
/// # Panics
///
/// When `p` lies outside `[0, 1]`, or `input` has fewer than two dimensions or is not of a floating-point kind.
#[track_caller]
pub fn feature_alpha_dropout(input: &Tensor, p: f64, mode: Mode) -> Tensor {
    FEATURE_ALPHA_DROPOUT.apply(input, p, mode)
}

/// What tells one dropout from another.
struct Dropping {
    name: &'static str,
    dims: RangeInclusive<usize>,
    /// The number of dimensions of an input without a batch; the kernels want one.
    unbatched: Option<usize>,
    kernel: fn(&Tensor, f64, bool) -> Tensor,
}

const DROPOUT: Dropping =
    Dropping { name: "dropout", dims: 0..=usize::MAX, unbatched: None, kernel: Tensor::dropout };
const DROPOUT1D: Dropping =
    Dropping { name: "dropout1d", dims: 2..=3, unbatched: Some(2), kernel: Tensor::feature_dropout };
const DROPOUT2D: Dropping =
    Dropping { name: "dropout2d", dims: 3..=4, unbatched: None, kernel: Tensor::feature_dropout };
const DROPOUT3D: Dropping =
    Dropping { name: "dropout3d", dims: 4..=5, unbatched: Some(4), kernel: Tensor::feature_dropout };
const ALPHA_DROPOUT: Dropping = Dropping { name: "alpha_dropout", kernel: Tensor::alpha_dropout, ..DROPOUT };
const FEATURE_ALPHA_DROPOUT: Dropping = Dropping {
    name: "feature_alpha_dropout",
    dims: 2..=usize::MAX,
    unbatched: None,
    kernel: Tensor::feature_alpha_dropout,
};

impl Dropping {
    #[track_caller]
    fn apply(&self, input: &Tensor, p: f64, mode: Mode) -> Tensor {
        let name = self.name;
        assert!((0.0..=1.0).contains(&p), "{name}: the probability p has to lie in [0, 1], found {p}");
        let size = input.size();
        assert!(
            self.dims.contains(&size.len()),
            "{name}: expected an input of {}, found shape {size:?}",
            match (self.dims.start(), self.dims.end()) {
                (least, &usize::MAX) => format!("{least} dimensions or more"),
                (least, most) => format!("{least} or {most} dimensions"),
            },
        );
        assert!(
            input.is_floating_point(),
            "{name}: expected a floating-point input, found {:?}",
            input.kind()
        );
        if !mode.is_train() {
            return input.shallow_clone();
        }
        if self.unbatched == Some(size.len()) {
            return (self.kernel)(&input.unsqueeze(0), p, true).squeeze_dim(0);
        }
        (self.kernel)(input, p, true)
    }
}
