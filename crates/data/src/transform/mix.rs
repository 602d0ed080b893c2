use crate::{Batch, Draws, Result};

/// Mixes the images of a batch with each other, and their labels with them.
///
/// Such a step stands after the loader, not in its chain, which does not see labels.
pub trait Mix {
    /// The batch after this step. Its labels are probabilities, f32 `[N, num_classes]`, which a cross entropy
    /// takes in place of class numbers.
    ///
    /// # Errors
    ///
    /// When the batch is not such as the step takes, or an option has a value that it can not have.
    fn mix(&self, batch: &Batch, draws: &Draws<'_>) -> Result<Batch>;

    /// Whether the options have values that they can have.
    ///
    /// # Errors
    ///
    /// That names the option, what it can be and what it is.
    fn validate(&self) -> Result<()>;
}
