use tch::{Kind, Tensor};

use crate::{Error, Result};

/// The size of a batch of images that an operation can take.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Frame {
    pub(crate) count: i64,
    pub(crate) channels: i64,
    pub(crate) height: i64,
    pub(crate) width: i64,
}

impl Frame {
    /// The size of `images`, or an error that names the operation.
    pub(crate) fn of(what: &str, images: &Tensor) -> Result<Self> {
        match images.size()[..] {
            [count, channels, height, width]
                if images.kind() == Kind::Uint8 || images.is_floating_point() =>
            {
                Ok(Self { count, channels, height, width })
            }
            _ => Err(unfit(what, "bytes or floats of shape [N, C, H, W]", images)),
        }
    }

    /// The size of `images` that have one or three channels.
    pub(crate) fn coloured(what: &str, images: &Tensor) -> Result<Self> {
        let frame = Self::of(what, images)?;
        match frame.channels {
            1 | 3 => Ok(frame),
            _ => Err(unfit(what, "images of 1 or 3 channels", images)),
        }
    }

    /// Panics unless there is one of `values` for each image.
    #[track_caller]
    pub(crate) fn one_each<T>(self, what: &str, values: &[T]) {
        assert!(
            values.len() as i64 == self.count,
            "{what}: expected a value for each of the {} images, found {}",
            self.count,
            values.len()
        );
    }
}

/// An error that says what the operation takes and what it was given.
pub(super) fn unfit(what: &str, expected: &str, images: &Tensor) -> Error {
    Error::Shape {
        what: what.to_owned(),
        expected: expected.to_owned(),
        found: format!("{:?} of shape {:?}", images.kind(), images.size()),
    }
}

/// The value of white: 255 for bytes, 1 for floats.
pub(crate) fn white(images: &Tensor) -> f64 {
    if images.is_floating_point() { 1.0 } else { 255.0 }
}

/// The kind that an operation on `images` computes in: their own, or f32 for bytes.
pub(crate) fn float_kind(images: &Tensor) -> Kind {
    if images.is_floating_point() { images.kind() } else { Kind::Float }
}

/// A number for each image, to go with `images`: shape `[N, 1, 1, 1]`.
pub(crate) fn per_image(values: &[f64], images: &Tensor) -> Tensor {
    Tensor::from_slice(values).to_kind(float_kind(images)).to_device(images.device()).view([-1, 1, 1, 1])
}

/// `sum + factor * term`, rounded once as PyTorch's `add(term, alpha)` does, which decides between two bytes
/// where the sum is a whole number.
pub(super) fn fused(sum: &Tensor, term: &Tensor, factor: &Tensor) -> Tensor {
    let product = term.to_kind(Kind::Double) * factor.to_kind(Kind::Double);
    (sum.to_kind(Kind::Double) + product).to_kind(sum.kind())
}
