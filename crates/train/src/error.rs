/// What can go wrong with what a user configures or reads from a file.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TrainError {
    /// An option of a loss, an optimizer or a schedule has a value that it can not have.
    #[error("{unit}: {option} is {found}, expected {expected}")]
    OutOfDomain {
        /// The unit, such as `CrossEntropyLoss`.
        unit: &'static str,
        /// The option, such as `label_smoothing`.
        option: &'static str,
        /// The values that it can have.
        expected: &'static str,
        /// The value that it has.
        found: String,
    },
}
