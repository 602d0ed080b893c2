use tch::{Kind, Tensor};

use super::frame::unfit;
use crate::Result;

/// Changes the kind of numbers; with `scale`, also their range: 0 to 255 in bytes is 0 to 1 in floats;
/// torchvision's `to_dtype`.
///
/// # Errors
///
/// When bytes or floats are not what either side is made of.
pub fn to_dtype(images: &Tensor, kind: Kind, scale: bool) -> Result<Tensor> {
    let known =
        |kind: Kind| matches!(kind, Kind::Uint8 | Kind::Half | Kind::BFloat16 | Kind::Float | Kind::Double);
    if !known(images.kind()) || !known(kind) {
        return Err(unfit(&format!("to_dtype({kind:?})"), "bytes or floats", images));
    }
    Ok(match (images.kind(), kind) {
        (from, to) if from == to => images.shallow_clone(),
        (Kind::Uint8, _) if scale => images.to_kind(kind) * (1.0 / 255.0),
        // A little less than 256 gives each byte an equal share of the floats, and 1 still 255.
        (_, Kind::Uint8) if scale => (images * (255.0 + 1.0 - 1e-3)).to_kind(kind),
        _ => images.to_kind(kind),
    })
}
