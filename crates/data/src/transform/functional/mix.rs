use tch::{Kind, Tensor};

use super::frame::{per_image, unfit};
use super::{Frame, Region, erase};
use crate::{Error, Result};

/// Blends each image with the one before it, the first with the last: `share * image + (1 - share) * other`;
/// what torchvision's `MixUp` does.
///
/// # Shapes
///
/// `[N, C, H, W]`, unchanged; N shares.
///
/// # Errors
///
/// When `images` are not floats of shape `[N, C, H, W]`.
///
/// # Panics
///
/// Unless there is a share for each image.
#[track_caller]
pub fn mix_up(images: &Tensor, shares: &[f64]) -> Result<Tensor> {
    Frame::of("mix_up", images)?.one_each("mix_up", shares);
    if !images.is_floating_point() {
        return Err(unfit("mix_up", "floats", images));
    }
    let rest: Vec<f64> = shares.iter().map(|share| 1.0 - share).collect();
    Ok(images.roll([1], [0]) * per_image(&rest, images) + images * per_image(shares, images))
}

/// Shows in a region of each image what is there in the one before it, the first in the last; what
/// torchvision's `CutMix` does.
///
/// # Shapes
///
/// `[N, C, H, W]`, unchanged; N regions.
///
/// # Errors
///
/// When `images` are not `[N, C, H, W]`.
///
/// # Panics
///
/// Unless there is a region for each image.
#[track_caller]
pub fn cut_mix(images: &Tensor, regions: &[Region]) -> Result<Tensor> {
    Frame::of("cut_mix", images)?;
    erase(images, regions, &images.roll([1], [0]))
}

/// The labels of mixed images, as the probability of each class.
///
/// # Shapes
///
/// `[N]` class numbers or `[N, K]` probabilities, to `[N, num_classes]`; N shares.
///
/// # Errors
///
/// When there are class numbers but `num_classes` is not given or not above them, or when it is not K.
///
/// # Panics
///
/// Unless there is a share for each label.
#[track_caller]
pub fn mix_labels(labels: &Tensor, shares: &[f64], num_classes: Option<i64>) -> Result<Tensor> {
    let size = labels.size();
    let probabilities = match (&size[..], num_classes) {
        ([0], Some(count)) => Tensor::zeros([0, count], (Kind::Float, labels.device())),
        ([_], Some(count)) => {
            let most = labels.max().int64_value(&[]);
            if most >= count || labels.min().int64_value(&[]) < 0 {
                return Err(Error::option(
                    "num_classes",
                    format!("more than {most}, the largest label"),
                    count,
                ));
            }
            labels.one_hot(count).to_kind(Kind::Float)
        }
        ([_], None) => {
            return Err(Error::option("num_classes", "a number where labels are class numbers", "none"));
        }
        ([_, classes], Some(count)) if *classes != count => {
            return Err(Error::option("num_classes", format!("{classes}, which the labels have"), count));
        }
        ([_, _], _) if labels.is_floating_point() => labels.shallow_clone(),
        ([_, _], _) => labels.to_kind(Kind::Float),
        _ => return Err(unfit("mix_labels", "labels of shape [N] or [N, num_classes]", labels)),
    };
    assert!(
        shares.len() as i64 == size[0],
        "mix_labels: expected {} shares, found {}",
        size[0],
        shares.len()
    );
    let shares =
        Tensor::from_slice(shares).to_kind(probabilities.kind()).to_device(labels.device()).view([-1, 1]);
    let rest: Tensor = 1.0 - &shares;
    Ok(probabilities.roll([1], [0]) * rest + probabilities * shares)
}
