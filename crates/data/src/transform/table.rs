use tch::{Kind, Tensor};

use super::scaling::Scalings;
use crate::{Apply, Compose, Error, Result};

/// What the pointwise steps at the head of a chain make of each byte, for each channel.
#[derive(Debug)]
pub(crate) struct Table {
    channels: Vec<Channel>,
}

#[derive(Debug)]
struct Channel {
    values: [f32; 256],
    /// A quicker way to the same values, where there is one.
    scalings: Option<Scalings>,
}

impl Table {
    /// Runs the pointwise steps at the head of `chain` on the 256 bytes, so that a look-up gives the same bits
    /// as the steps would. `None` where they leave bytes as bytes.
    pub(crate) fn of(chain: &Compose, channels: usize) -> Result<Option<Self>> {
        let head = Compose::new(&chain.transforms[..chain.pointwise_steps()]);
        let bytes: Vec<u8> = (0..=255).collect();
        let bytes = Tensor::from_slice(&bytes).view([1, 1, 1, 256]).repeat([1, channels as i64, 1, 1]);
        let values = head.apply(&bytes)?;
        if values.kind() != Kind::Float {
            return Ok(None);
        }
        let values = Vec::<f32>::try_from(values.contiguous().view(-1)).map_err(Error::other)?;
        let channels = values.as_chunks().0.iter().enumerate();
        let channels = channels.map(|(index, values)| Channel {
            values: *values,
            scalings: Scalings::of(&head.transforms, index, values),
        });
        Ok(Some(Self { channels: channels.collect() }))
    }

    /// The number of channels that the table is for.
    pub(crate) fn channels(&self) -> usize {
        self.channels.len()
    }

    /// Looks each byte of an image up. Both slices hold the channels one after the other.
    pub(crate) fn look_up(&self, bytes: &[u8], values: &mut [f32]) {
        let plane = (bytes.len() / self.channels.len()).max(1);
        let planes = bytes.chunks_exact(plane).zip(values.chunks_exact_mut(plane));
        for (channel, (bytes, values)) in self.channels.iter().zip(planes) {
            match &channel.scalings {
                Some(scalings) => scalings.apply(bytes, values),
                None => look_up(&channel.values, bytes, values),
            }
        }
    }
}

fn look_up(table: &[f32; 256], bytes: &[u8], values: &mut [f32]) {
    // One load of eight bytes in place of eight leaves the load units to the table.
    let (eights, bytes) = bytes.as_chunks::<8>();
    let (eight_values, values) = values.as_chunks_mut::<8>();
    for (eight, values) in eights.iter().zip(eight_values) {
        let word = u64::from_le_bytes(*eight);
        for (place, value) in values.iter_mut().enumerate() {
            *value = table[usize::from((word >> (8 * place)) as u8)];
        }
    }
    for (value, &byte) in values.iter_mut().zip(bytes) {
        *value = table[usize::from(byte)];
    }
}
