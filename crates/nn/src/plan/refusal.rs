/// Why something can not be planned.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{unit}: {reason}")]
pub struct Refusal {
    /// The layer, by its path where it has one, or the loss or optimizer.
    pub unit: String,
    /// What about it can not be planned.
    pub reason: String,
}

impl Refusal {
    /// A refusal of that unit.
    pub fn new(unit: impl Into<String>, reason: impl Into<String>) -> Self {
        Self { unit: unit.into(), reason: reason.into() }
    }
}
