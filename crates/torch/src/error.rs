/// What goes wrong in libtorch, or with what the user asked of it.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TorchError {
    /// libtorch refused a call.
    #[error("{operation}: {message}")]
    Libtorch {
        /// What was called, by PyTorch's name.
        operation: &'static str,
        /// The first line of libtorch's message.
        message: String,
    },
}

/// The result of a call that libtorch can refuse.
pub type Result<T, E = TorchError> = std::result::Result<T, E>;
