use std::fmt;

/// Where a state dict and a module differ.
///
/// ```
/// use selvedge_nn::{Linear, ModuleExt, NnError};
///
/// let error = Linear::new(3, 2).load_state_dict(&Linear::new(4, 2).state_dict()).unwrap_err();
/// assert_eq!(
///     error.to_string(),
///     "the state dict does not fit Linear:
///   weight: expected shape [2, 3], found [2, 4]"
/// );
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct StateDictDiff {
    /// The name of the module.
    pub module: String,
    /// The paths that the module has and the state dict has not.
    pub missing: Vec<String>,
    /// The paths that the state dict has and the module has not.
    pub unexpected: Vec<String>,
    /// The paths whose tensors have different shapes.
    pub mismatched: Vec<ShapeMismatch>,
}

/// A tensor that does not fit its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ShapeMismatch {
    /// The path.
    pub path: String,
    /// The shape in the module.
    pub expected: Vec<i64>,
    /// The shape in the state dict.
    pub found: Vec<i64>,
}

impl StateDictDiff {
    /// Whether there is no difference.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.missing.is_empty() && self.unexpected.is_empty() && self.mismatched.is_empty()
    }
}

impl fmt::Display for StateDictDiff {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_empty() {
            return write!(f, "the state dict fits {}", self.module);
        }
        write!(f, "the state dict does not fit {}:", self.module)?;
        for (what, paths) in [("missing", &self.missing), ("unexpected", &self.unexpected)] {
            if !paths.is_empty() {
                write!(f, "\n  {what}: {}", paths.join(", "))?;
            }
        }
        for ShapeMismatch { path, expected, found } in &self.mismatched {
            write!(f, "\n  {path}: expected shape {expected:?}, found {found:?}")?;
        }
        Ok(())
    }
}
