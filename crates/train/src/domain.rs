use std::fmt::Debug;

use crate::TrainError;

/// Checks the options of one unit.
#[derive(Clone, Copy)]
pub(crate) struct Domain(pub(crate) &'static str);

impl Domain {
    /// An error unless `holds`.
    pub(crate) fn require(
        self,
        holds: bool,
        option: &'static str,
        expected: &'static str,
        found: impl Debug,
    ) -> Result<(), TrainError> {
        if holds {
            return Ok(());
        }
        Err(TrainError::OutOfDomain { unit: self.0, option, expected, found: format!("{found:?}") })
    }

    /// Each option has to be a number from 0 on.
    pub(crate) fn not_negative(self, options: &[(&'static str, f64)]) -> Result<(), TrainError> {
        // NaN is not at least 0, and so refused.
        options
            .iter()
            .try_for_each(|&(option, value)| self.require(value >= 0.0, option, "a number from 0 on", value))
    }

    /// Each option has to be a finite number from 0 on.
    pub(crate) fn finite_not_negative(self, options: &[(&'static str, f64)]) -> Result<(), TrainError> {
        self.not_negative(options)?;
        options.iter().try_for_each(|&(option, value)| self.finite(option, value))
    }

    /// `eps` has to be a number above 0: it is added to a root that is 0 where all gradients were, so that without it
    /// the quotient is 0 / 0.
    pub(crate) fn epsilon(self, eps: f64) -> Result<(), TrainError> {
        let expected = "a finite number above 0 as an f32, without which a gradient of 0 gives NaN";
        self.require(eps as f32 > 0.0 && eps.is_finite(), "eps", expected, eps)
    }

    /// Each option has to be a number whose square an f32 can hold: libtorch refuses to compute with others.
    pub(crate) fn moderate(self, options: &[(&'static str, f64)]) -> Result<(), TrainError> {
        options.iter().try_for_each(|&(option, value)| {
            self.require(value.abs() <= 1e18, option, "a number from -1e18 to 1e18", value)
        })
    }

    /// Both of the betas have to lie in [0, 1).
    pub(crate) fn betas(self, betas: (f64, f64)) -> Result<(), TrainError> {
        let inside = |beta| (0.0..1.0).contains(&beta);
        self.require(inside(betas.0) && inside(betas.1), "betas", "two numbers in [0, 1)", betas)
    }

    /// An error unless the option is a positive number.
    pub(crate) fn positive(self, option: &'static str, value: f64) -> Result<(), TrainError> {
        self.require(value > 0.0, option, "a positive number", value)
    }

    /// An error unless the option is a finite number.
    pub(crate) fn finite(self, option: &'static str, value: f64) -> Result<(), TrainError> {
        self.require(value.is_finite(), option, "a finite number", value)
    }

    /// Weights, where there are some, have to be numbers.
    pub(crate) fn weights(self, option: &'static str, weights: Option<&[f64]>) -> Result<(), TrainError> {
        weights.map_or(Ok(()), |weights| {
            let holds = !weights.is_empty() && !weights.iter().any(|weight| weight.is_nan());
            self.require(holds, option, "at least one number, none of them NaN", weights)
        })
    }
}
