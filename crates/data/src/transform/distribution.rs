//! Draws from distributions that are not uniform.

use std::f64::consts::TAU;

use crate::Random;

/// A number of mean 0 and deviation 1 (Box and Muller).
pub(super) fn normal(random: &mut Random) -> f64 {
    let radius = (-2.0 * (1.0 - random.uniform()).ln()).sqrt();
    radius * (TAU * random.uniform()).cos()
}

/// As many numbers of mean 0 and deviation 1.
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

/// A gamma of this shape and the scale 1 (Marsaglia and Tsang).
fn gamma(random: &mut Random, shape: f64) -> f64 {
    if shape < 1.0 {
        // A gamma of a larger shape, times the power that takes it down.
        let power = (1.0 - random.uniform()).powf(1.0 / shape);
        return gamma(random, shape + 1.0) * power;
    }
    let d = shape - 1.0 / 3.0;
    let c = 1.0 / (9.0 * d).sqrt();
    loop {
        let normal = normal(random);
        let cube = (1.0 + c * normal).powi(3);
        let uniform = 1.0 - random.uniform();
        if cube > 0.0 && uniform.ln() < 0.5 * normal * normal + d - d * cube + d * cube.ln() {
            return d * cube;
        }
    }
}

/// As many shares of 1, Dirichlet's with one concentration for all.
pub(super) fn dirichlet(random: &mut Random, alpha: f64, count: usize) -> Vec<f64> {
    let gammas: Vec<f64> = (0..count).map(|_| gamma(random, alpha)).collect();
    let sum: f64 = gammas.iter().sum();
    // All of them can be too small for a number where alpha is tiny.
    if sum > 0.0 {
        gammas.into_iter().map(|gamma| gamma / sum).collect()
    } else {
        let winner = random.below(count);
        (0..count).map(|place| if place == winner { 1.0 } else { 0.0 }).collect()
    }
}

/// A share of 1, Beta's with both concentrations alike.
pub(super) fn beta(random: &mut Random, alpha: f64) -> f64 {
    dirichlet(random, alpha, 2)[0]
}
