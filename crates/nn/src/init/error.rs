use tch::{Kind, Tensor};

/// Why a tensor could not be initialised.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum InitError {
    /// The function has no meaning for a tensor of this shape.
    #[error("{function}: expected a tensor of {expected}, found shape {found:?}")]
    Shape {
        /// The function of this module.
        function: &'static str,
        /// What it takes.
        expected: &'static str,
        /// The shape it was given.
        found: Vec<i64>,
    },
    /// The tensor can not hold the values.
    #[error("{function}: expected a tensor of {expected}, found {found:?}")]
    Kind {
        /// The function of this module.
        function: &'static str,
        /// What it takes.
        expected: &'static str,
        /// The kind it was given.
        found: Kind,
    },
    /// An argument is out of its domain.
    #[error("{function}: {argument} has to be {expected}, found {found}")]
    Argument {
        /// The function of this module.
        function: &'static str,
        /// The name of the argument.
        argument: &'static str,
        /// Its domain.
        expected: &'static str,
        /// The value it was given.
        found: f64,
    },
}

/// Refuses a tensor that can not hold a drawn value.
pub(super) fn floating_point(function: &'static str, tensor: &Tensor) -> Result<(), InitError> {
    if tensor.is_floating_point() {
        return Ok(());
    }
    Err(InitError::Kind { function, expected: "a floating-point kind", found: tensor.kind() })
}

/// Refuses a shape, unless `allowed`.
pub(super) fn shape(
    function: &'static str,
    tensor: &Tensor,
    expected: &'static str,
    allowed: impl FnOnce(&[i64]) -> bool,
) -> Result<(), InitError> {
    let found = tensor.size();
    if allowed(&found) { Ok(()) } else { Err(InitError::Shape { function, expected, found }) }
}

/// Refuses an argument, unless `allowed`.
pub(super) fn argument(
    function: &'static str,
    argument: &'static str,
    found: f64,
    expected: &'static str,
    allowed: bool,
) -> Result<(), InitError> {
    if allowed { Ok(()) } else { Err(InitError::Argument { function, argument, expected, found }) }
}
