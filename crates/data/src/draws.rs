use crate::Random;

/// What the random steps of a transform draw from: a generator of its own for each image and step.
///
/// The draws depend on the seed, the epoch and the number of the image in its dataset alone, not on the batch
/// that it is in.
#[derive(Debug, Clone, Copy)]
pub struct Draws<'a> {
    seed: u64,
    epoch: u64,
    indices: &'a [usize],
    step: u64,
}

impl<'a> Draws<'a> {
    /// The draws for the images of these numbers.
    #[must_use]
    pub fn new(seed: u64, epoch: u64, indices: &'a [usize]) -> Self {
        Self { seed, epoch, indices, step: 0 }
    }

    /// The generator of the image at a position of the batch.
    #[must_use]
    pub fn image(&self, position: usize) -> Random {
        Random::sample(self.seed, self.epoch, self.indices[position], self.step)
    }

    /// A generator for each image of the batch.
    pub fn images(&self) -> impl ExactSizeIterator<Item = Random> {
        (0..self.indices.len()).map(|position| self.image(position))
    }

    /// The draws of a step inside of another, such as the third of a [`Compose`](crate::Compose).
    #[must_use]
    pub fn step(&self, number: usize) -> Self {
        // An odd multiplier keeps the steps of nested containers apart.
        let step = self.step.wrapping_mul(0x9e37_79b9_7f4a_7c15).wrapping_add(number as u64 + 1);
        Self { step, ..*self }
    }

    /// The same step, for other images.
    #[must_use]
    pub fn of<'b>(&self, indices: &'b [usize]) -> Draws<'b> {
        Draws { seed: self.seed, epoch: self.epoch, indices, step: self.step }
    }

    /// The numbers of the images in their dataset.
    #[must_use]
    pub fn indices(&self) -> &'a [usize] {
        self.indices
    }
}
