use selvedge_torch::{Determinism, Precision, flush_denormals};
use serde::{Deserialize, Serialize};

/// How libtorch computes, in the whole process. The defaults are PyTorch's, but for `flush_denormal`.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Backend {
    /// Which algorithms it may choose where there are several.
    pub(crate) determinism: Determinism,
    /// How exactly it multiplies.
    pub(crate) precision: Precision,
    /// Whether denormal numbers count as zero, in every thread that computes; `torch.set_flush_denormal`. Default: `true`,
    /// where PyTorch has `false`. It has no effect on a processor without the setting.
    pub(crate) flush_denormal: bool,
}

impl Default for Backend {
    fn default() -> Self {
        Self { determinism: Determinism::default(), precision: Precision::default(), flush_denormal: true }
    }
}

impl Backend {
    /// Makes these the settings of the process.
    pub(crate) fn apply(self) -> selvedge_torch::Result<()> {
        self.determinism.apply()?;
        flush_denormals(self.flush_denormal);
        self.precision.apply()
    }
}
