/// Whether a network is being trained or used.
///
/// PyTorch keeps this as a flag inside each module (`model.train()`, `model.eval()`); here it is an argument
/// of [`Forward::forward`](crate::Forward::forward), so that it can not be forgotten.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Mode {
    /// Dropout draws, batch normalisation uses and updates the statistics of the batch.
    Train,
    /// Dropout is the identity, batch normalisation uses its running statistics.
    Eval,
}

impl Mode {
    /// Whether this is [`Mode::Train`].
    #[must_use]
    pub fn is_train(self) -> bool {
        self == Self::Train
    }
}
