use crate::Random;
use crate::transform::functional::Frame;

use super::{Operation, Step};

/// How far the operations of a policy go at most.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Space {
    /// The slope of a shear.
    pub(crate) shear: f64,
    /// Pixels.
    pub(crate) translate: Translate,
    /// Degrees.
    pub(crate) rotate: f64,
    /// What a factor is off 1.
    pub(crate) factor: f64,
    /// The bits that are kept at the least strength, and how many fewer at the greatest.
    pub(crate) bits: (f32, f32),
}

/// How far images move at most.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Translate {
    /// A share of their side.
    Share(f64),
    /// So many pixels.
    Pixels(f64),
}

impl Space {
    /// That of AutoAugment and RandAugment.
    pub(crate) const USUAL: Self = Self {
        shear: 0.3,
        translate: Translate::Share(150.0 / 331.0),
        rotate: 30.0,
        factor: 0.9,
        bits: (8.0, 4.0),
    };

    /// A step of strength `bin` out of `bins`, in a random direction where it has one.
    pub(crate) fn step(
        &self,
        operation: Operation,
        (bin, bins): (usize, usize),
        frame: Frame,
        random: &mut Random,
    ) -> Step {
        let moved = |length: i64| match self.translate {
            Translate::Share(share) => share * length as f64,
            Translate::Pixels(pixels) => pixels,
        };
        let most = match operation {
            Operation::ShearX | Operation::ShearY => self.shear,
            Operation::TranslateX => moved(frame.width),
            Operation::TranslateY => moved(frame.height),
            Operation::Rotate => self.rotate,
            Operation::Brightness | Operation::Color | Operation::Contrast | Operation::Sharpness => {
                self.factor
            }
            Operation::Posterize => {
                let (most, range) = self.bits;
                let per_bit = (bins - 1) as f32 / range;
                let fewer = if bins > 1 { bin as f32 / per_bit } else { 0.0 };
                return Step { operation, magnitude: f64::from((most - fewer).round_ties_even()) };
            }
            Operation::Solarize => {
                return Step { operation, magnitude: spaced(1.0, 0.0, bin, bins) };
            }
            Operation::Identity | Operation::AutoContrast | Operation::Equalize | Operation::Invert => {
                return Step { operation, magnitude: 0.0 };
            }
        };
        let magnitude = spaced(0.0, most, bin, bins);
        Step { operation, magnitude: if random.chance(0.5) { -magnitude } else { magnitude } }
    }
}

/// The number `bin` of so many evenly spaced ones, in single precision as `torch.linspace` has them.
fn spaced(start: f64, end: f64, bin: usize, bins: usize) -> f64 {
    let (start, end) = (start as f32, end as f32);
    if bins < 2 {
        return f64::from(start);
    }
    // Rounded once, as libtorch's fused multiplication and addition is.
    let step = f64::from((end - start) / (bins - 1) as f32);
    let value = if bin < bins / 2 {
        f64::from(start) + step * bin as f64
    } else {
        f64::from(end) - step * (bins - 1 - bin) as f64
    };
    f64::from(value as f32)
}
