//! Draws from distributions that are not uniform.

use std::f64::consts::TAU;

use crate::Random;

/// So many numbers of mean 0 and deviation 1 (Box and Muller).
pub(super) fn normals(random: &mut Random, count: usize) -> Vec<f32> {
    let mut values = Vec::with_capacity(count + 1);
    while values.len() < count {
        // Both numbers of a pair.
        let radius = (-2.0 * (1.0 - random.uniform()).ln()).sqrt();
        let (sine, cosine) = (TAU * random.uniform()).sin_cos();
        values.extend([(radius * cosine) as f32, (radius * sine) as f32]);
    }
    values.truncate(count);
    values
}
