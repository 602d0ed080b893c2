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

    /// A schedule ends before the training does.
    #[error(
        "{schedule} ends after {found} steps, expected at least {expected}: the training makes one after each {every}; \
         raise its total_steps, or train for less"
    )]
    ScheduleTooShort {
        /// PyTorch's name of the schedule.
        schedule: &'static str,
        /// The steps that it has.
        found: u64,
        /// The steps that the training makes.
        expected: u64,
        /// After what each is made: `epoch` or `update`.
        every: &'static str,
    },

    /// A schedule gave a learning rate that is NaN or infinite.
    #[error(
        "{schedule} gives group {group} the learning rate {lr} after {step} steps, expected a finite number; change its \
         factors, or train for less"
    )]
    NonFiniteRate {
        /// PyTorch's name of the schedule.
        schedule: &'static str,
        /// The group of the optimizer.
        group: usize,
        /// The learning rate.
        lr: f64,
        /// The steps of the schedule before it.
        step: u64,
    },

    /// An epoch of a training has no batch.
    #[error(
        "the {split} set has no batch: {images} images in batches of {batch_size}{dropped}; take more images, or \
         smaller batches"
    )]
    NoBatches {
        /// `training` or `validation`.
        split: &'static str,
        /// The images of an epoch.
        images: usize,
        /// The images of a batch.
        batch_size: usize,
        /// What else is to be known, or nothing: that a last batch which is not full is dropped.
        dropped: &'static str,
    },

    /// An optimizer was given parameters that it can not train.
    #[error("{unit}: {reason}")]
    Parameters {
        /// The optimizer, such as `Adam`.
        unit: &'static str,
        /// Which parameter it is, and what is wrong with it.
        reason: String,
    },

    /// A state dict does not belong to the optimizer or schedule that it is loaded into.
    #[error("the state dict does not fit {unit}: {difference}")]
    StateDict {
        /// The optimizer or schedule.
        unit: &'static str,
        /// What the two have that differs.
        difference: String,
    },

    /// The loss of a step is NaN or infinite.
    #[error("the loss is {loss} at step {step}, batch {batch}: {cause}")]
    NonFiniteLoss {
        /// The loss.
        loss: f64,
        /// The step of the training.
        step: u64,
        /// The batch of the epoch.
        batch: u64,
        /// Which layer's tensor is not finite, or where to look.
        cause: String,
    },

    /// The norm of the gradients is NaN or infinite, so that they can not be clipped by it.
    #[error("the norm of order {order} of the gradients is {norm}: {cause}")]
    NonFiniteNorm {
        /// The norm.
        norm: f64,
        /// The order of the norm.
        order: f64,
        /// Which gradient is not finite.
        cause: String,
    },

    /// A log can not be read or written.
    #[error("the log {}: {source}", path.display())]
    Log {
        /// The file.
        path: std::path::PathBuf,
        /// What the system said.
        source: std::io::Error,
    },

    /// Another program removed or changed a log while the training wrote to it.
    #[error(
        "the log {} was removed or changed by another program while the training wrote to it: expected {expected} \
         bytes, found {found}; rows are lost: resume from the last checkpoint to restore them",
        path.display()
    )]
    LogChanged {
        /// The file.
        path: std::path::PathBuf,
        /// The length after the last line that the training added.
        expected: u64,
        /// The length that the file has.
        found: u64,
    },

    /// A batch can not be loaded.
    #[error(transparent)]
    Data(#[from] selvedge_data::Error),

    /// A file of PyTorch can not be read or written, or a device can not do what was asked of it.
    #[error(transparent)]
    Torch(#[from] selvedge_torch::TorchError),
}
