use serde::{Deserialize, Serialize};
use tch::Tensor;

use crate::transform::functional::Frame;
use crate::{Apply, Draws, Random, Result, functional};

/// Puts the channels of each image into a random order; torchvision's `RandomChannelPermutation`.
///
/// # Shapes
///
/// `[N, C, H, W]`, unchanged.
///
/// Differs from PyTorch: each image of a batch has a draw of its own.
///
/// ```
/// use selvedge_data::{Apply, RandomChannelPermutation};
/// use tch::{Device, Kind, Tensor};
///
/// let images = Tensor::rand([8, 3, 24, 24], (Kind::Float, Device::Cpu));
/// let step = RandomChannelPermutation;
/// assert_eq!(step.apply(&images)?.size(), [8, 3, 24, 24]);
/// # Ok::<(), selvedge_data::Error>(())
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RandomChannelPermutation;

impl Apply for RandomChannelPermutation {
    fn apply_with(&self, images: &Tensor, draws: &Draws<'_>) -> Result<Tensor> {
        let frame = Frame::of("RandomChannelPermutation", images)?;
        let order = |mut random: Random| {
            let mut order: Vec<i64> = (0..frame.channels).collect();
            random.shuffle(&mut order);
            order
        };
        functional::permute_channels(images, &draws.images().map(order).collect::<Vec<_>>())
    }
}
