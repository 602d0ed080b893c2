use tch::Tensor;

use super::Frame;
use crate::{Error, Result};

/// Puts the channels of each image into an order of its own: channel c of the output is channel
/// `orders[image][c]` of the input; torchvision's `permute_channels`.
///
/// # Errors
///
/// When an order does not name each channel.
///
/// # Panics
///
/// Unless there is an order for each image.
#[track_caller]
pub fn permute_channels(images: &Tensor, orders: &[Vec<i64>]) -> Result<Tensor> {
    let frame = Frame::of("permute_channels", images)?;
    frame.one_each("permute_channels", orders);
    for order in orders {
        let mut sorted = order.clone();
        sorted.sort_unstable();
        if sorted != (0..frame.channels).collect::<Vec<_>>() {
            let expected = format!("each of the {} channels once", frame.channels);
            return Err(Error::option("permutation", expected, format!("{order:?}")));
        }
    }
    let orders = Tensor::from_slice(&orders.concat()).to_device(images.device());
    let orders = orders.view([-1, frame.channels, 1, 1]);
    Ok(images.gather(1, &orders.expand_as(images), false))
}
