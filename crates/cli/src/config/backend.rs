use selvedge_torch::{Determinism, Precision};
use serde::{Deserialize, Serialize};

/// How libtorch computes, in the whole process. The defaults are PyTorch's.
#[derive(Debug, Clone, Copy, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Backend {
    /// Which algorithms it may choose where there are several.
    pub(crate) determinism: Determinism,
    /// How exactly it multiplies.
    pub(crate) precision: Precision,
}

impl Backend {
    /// Makes these the settings of the process.
    pub(crate) fn apply(self) -> selvedge_torch::Result<()> {
        self.determinism.apply()?;
        self.precision.apply()
    }
}
