use tch::{Kind, Tensor};

use crate::{Apply, Compose, Error, Result, Transform};

/// What the pointwise steps at the head of a chain make of each byte, for each channel.
#[derive(Debug)]
pub(crate) struct Table {
    channels: Vec<[f32; 256]>,
}

impl Table {
    /// Takes the pointwise steps off the head of `chain` and runs them on the 256 bytes, so that a look-up
    /// gives the same bits as the steps would. Returns the table and the steps that are left; no table where
    /// the head leaves bytes as bytes.
    pub(crate) fn collapse(chain: &Compose, channels: usize) -> Result<(Option<Self>, Compose)> {
        let mut flat = Vec::new();
        flatten(chain, &mut flat);
        let length = flat.iter().take_while(|step| step.is_pointwise()).count();
        let rest = Compose::new(flat.split_off(length));
        let bytes: Vec<u8> = (0..=255).collect();
        let bytes = Tensor::from_slice(&bytes).view([1, 1, 1, 256]).repeat([1, channels as i64, 1, 1]);
        let values = Compose::new(flat).apply(&bytes)?;
        if values.kind() != Kind::Float {
            return Ok((None, rest));
        }
        let values = Vec::<f32>::try_from(values.contiguous().view(-1)).map_err(Error::other)?;
        let mut table = vec![[0.0; 256]; channels];
        for (channel, values) in table.iter_mut().zip(values.chunks_exact(256)) {
            channel.copy_from_slice(values);
        }
        Ok((Some(Self { channels: table }), rest))
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
            look_up(channel, bytes, values);
        }
    }
}

fn look_up(channel: &[f32; 256], bytes: &[u8], values: &mut [f32]) {
    // One load of eight bytes in place of eight leaves the load units to the table.
    let (eights, bytes) = bytes.as_chunks::<8>();
    let (eight_values, values) = values.as_chunks_mut::<8>();
    for (eight, values) in eights.iter().zip(eight_values) {
        let word = u64::from_le_bytes(*eight);
        for (place, value) in values.iter_mut().enumerate() {
            *value = channel[usize::from((word >> (8 * place)) as u8)];
        }
    }
    for (value, &byte) in values.iter_mut().zip(bytes) {
        *value = channel[usize::from(byte)];
    }
}

fn flatten(chain: &Compose, steps: &mut Vec<Transform>) {
    for step in &chain.transforms {
        match step {
            Transform::Compose(inner) => flatten(inner, steps),
            step => steps.push(step.clone()),
        }
    }
}
