use pulp::Arch;

use super::Transform;
use crate::Dtype;

/// The pointwise steps of a chain as arithmetic on several values at a time: faster than a look-up of each, where the
/// processor multiplies and adds at once.
#[derive(Debug)]
pub(super) struct Scalings {
    steps: [Scaling; STEPS],
    arch: Arch,
}

/// As many as the usual chain has: what makes bytes numbers from 0 to 1, and a normalisation.
const STEPS: usize = 2;

/// `output = (input − shift) / divisor`
#[derive(Debug, Clone, Copy)]
struct Scaling {
    shift: f32,
    divisor: f32,
    reciprocal: f32,
}

impl Scalings {
    /// Those of a channel, where they give the very bits that `table` says for each byte.
    pub(super) fn of(steps: &[Transform], channel: usize, table: &[f32; 256]) -> Option<Self> {
        let arch = selvedge_torch::arch();
        if matches!(arch, Arch::Scalar) {
            return None;
        }
        let mut scalings = [Scaling::new(0.0, 1.0); STEPS];
        let mut places = scalings.iter_mut();
        for step in steps.iter().filter(|step| !matches!(step, Transform::ToImage(_))) {
            *places.next()? = Scaling::of(step, channel)?;
        }
        let scalings = Self { steps: scalings, arch };
        let bytes: Vec<u8> = (0..=255).collect();
        let mut values = [0.0; 256];
        scalings.apply(&bytes, &mut values);
        values.iter().zip(table).all(|(value, known)| value.to_bits() == known.to_bits()).then_some(scalings)
    }

    /// Scales each byte.
    pub(super) fn apply(&self, bytes: &[u8], values: &mut [f32]) {
        let steps = self.steps;
        // Compiled for the instructions that this processor has.
        self.arch.dispatch(
            #[inline(always)]
            || {
                for (value, &byte) in values.iter_mut().zip(bytes) {
                    *value = steps.iter().fold(f32::from(byte), |value, step| step.apply(value));
                }
            },
        );
    }
}

impl Scaling {
    fn new(shift: f32, divisor: f32) -> Self {
        Self { shift, divisor, reciprocal: 1.0 / divisor }
    }

    fn of(step: &Transform, channel: usize) -> Option<Self> {
        match step {
            Transform::ToTensor(_) => Some(Self::new(0.0, 255.0)),
            Transform::ToDtype(step) if step.scale && step.dtype == Dtype::Float32 => {
                Some(Self::new(0.0, 255.0))
            }
            Transform::Normalize(step) => {
                let of_channel =
                    |values: &[f64]| values.get(channel).or(values.first()).map(|&value| value as f32);
                Some(Self::new(of_channel(&step.mean)?, of_channel(&step.std)?))
            }
            _ => None,
        }
    }

    /// The quotient from a product with the reciprocal, which may be off by the last bit, and what it leaves: far
    /// quicker than a division, and rounded as one.
    #[inline(always)]
    fn apply(self, input: f32) -> f32 {
        let dividend = input - self.shift;
        let quotient = dividend * self.reciprocal;
        let rest = quotient.mul_add(-self.divisor, dividend);
        rest.mul_add(self.reciprocal, quotient)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::transform::Table;
    use crate::{Compose, Normalize, ToDtype, ToTensor};

    /// Each step by a division, as libtorch rounds it.
    fn scalings(steps: &[Transform], pairs: &[(f32, f32)]) -> Option<Scalings> {
        let value =
            |byte: usize| pairs.iter().fold(byte as f32, |value, (shift, divisor)| (value - shift) / divisor);
        Scalings::of(steps, 0, &std::array::from_fn(value))
    }

    #[test]
    fn the_usual_chains_are_scalings_to_the_bit() {
        if matches!(selvedge_torch::arch(), Arch::Scalar) {
            return;
        }
        let normalize = || Normalize::new(&[0.286], &[0.353]).into();
        let chain = [ToTensor.into(), normalize()];
        assert!(scalings(&chain, &[(0.0, 255.0), (0.286, 0.353)]).is_some());
        let chain = [ToDtype { scale: true, ..ToDtype::new(Dtype::Float32) }.into()];
        assert!(scalings(&chain, &[(0.0, 255.0)]).is_some());
        for channel in [0.0, 1.0, -3.5, 0.1307, 1e-3] {
            for deviation in [1.0, 0.5, 0.3081, 3.0, 1e-4, 77.7] {
                let chain = [ToTensor.into(), Normalize::new(&[channel], &[deviation]).into()];
                let pairs = [(0.0, 255.0), (channel as f32, deviation as f32)];
                assert!(scalings(&chain, &pairs).is_some(), "mean {channel}, std {deviation}");
            }
        }
    }

    #[test]
    fn what_does_not_give_the_same_bits_is_left_to_the_table() {
        let chain = [ToTensor.into()];
        assert!(scalings(&chain, &[(0.0, 254.0)]).is_none());
        // More steps than there is room for.
        let chain: Vec<Transform> =
            [1, 2, 3].map(|_| Normalize::new(&[0.0], &[2.0]).into()).into_iter().collect();
        assert!(scalings(&chain, &[(0.0, 2.0); 3]).is_none());
    }

    #[test]
    fn each_channel_has_its_own() {
        let chain = Compose::new([ToTensor.into(), Normalize::new(&[0.1, 0.9], &[0.5, 0.25]).into()]);
        let table = Table::of(&chain, 2).unwrap().unwrap();
        let mut values = [0.0; 4];
        table.look_up(&[0, 255, 0, 255], &mut values);
        let expected = [(0.0, 0.1, 0.5), (1.0, 0.1, 0.5), (0.0, 0.9, 0.25), (1.0, 0.9, 0.25)];
        assert_eq!(values, expected.map(|(value, mean, std): (f32, f32, f32)| (value - mean) / std));
    }
}
