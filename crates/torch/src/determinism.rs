use std::ffi::c_char;

use serde::{Deserialize, Serialize};

use crate::Result;
use crate::border::check;

/// Which algorithms libtorch may choose where several are there, for the whole process.
///
/// ```
/// use selvedge_torch::{Algorithms, Determinism};
///
/// let before = Determinism::current()?;
/// Determinism { algorithms: Algorithms::Deterministic, ..before }.apply()?;
/// assert_eq!(Determinism::current()?.algorithms, Algorithms::Deterministic);
/// before.apply()?;
/// # Ok::<(), selvedge_torch::TorchError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Determinism {
    /// `torch.use_deterministic_algorithms`. Default: [`Algorithms::Any`].
    pub algorithms: Algorithms,
    /// Whether cuDNN is held to deterministic algorithms, `torch.backends.cudnn.deterministic`. Default: `false`.
    pub cudnn: bool,
    /// Whether cuDNN measures its algorithms and takes the fastest, `torch.backends.cudnn.benchmark`. Default:
    /// `false`.
    pub cudnn_benchmark: bool,
}

/// Whether operations have to give the same numbers for the same input.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Algorithms {
    /// They need not.
    #[default]
    Any,
    /// They do where they can; where not, libtorch warns.
    WarnOnly,
    /// They do, and an operation that can not fails.
    Deterministic,
}

impl Determinism {
    /// The settings now.
    ///
    /// # Errors
    ///
    /// When libtorch refuses to tell.
    pub fn current() -> Result<Self> {
        let mut settings = Settings::default();
        // SAFETY: `settings` is a place for them.
        check("deterministic_algorithms", unsafe { selvedge_determinism(&raw mut settings) })?;
        let algorithms = match (settings.algorithms, settings.warn_only) {
            (false, _) => Algorithms::Any,
            (true, true) => Algorithms::WarnOnly,
            (true, false) => Algorithms::Deterministic,
        };
        Ok(Self { algorithms, cudnn: settings.cudnn, cudnn_benchmark: settings.cudnn_benchmark })
    }

    /// Makes these the settings.
    ///
    /// # Errors
    ///
    /// When libtorch refuses them.
    pub fn apply(self) -> Result<()> {
        let settings = Settings {
            algorithms: self.algorithms != Algorithms::Any,
            warn_only: self.algorithms == Algorithms::WarnOnly,
            cudnn: self.cudnn,
            cudnn_benchmark: self.cudnn_benchmark,
        };
        // SAFETY: the settings are only read.
        check("use_deterministic_algorithms", unsafe { selvedge_set_determinism(&raw const settings) })
    }
}

#[repr(C)]
#[derive(Default)]
struct Settings {
    algorithms: bool,
    warn_only: bool,
    cudnn: bool,
    cudnn_benchmark: bool,
}

unsafe extern "C" {
    fn selvedge_determinism(settings: *mut Settings) -> *mut c_char;
    fn selvedge_set_determinism(settings: *const Settings) -> *mut c_char;
}
