use std::ffi::c_char;

use serde::{Deserialize, Serialize};

use crate::Result;
use crate::border::check;

/// How exactly f32 values are multiplied, for the whole process.
///
/// ```
/// use selvedge_torch::{MatmulPrecision, Precision};
///
/// let before = Precision::current()?;
/// assert_eq!(before, Precision::default());
/// Precision { float32_matmul: MatmulPrecision::High, ..before }.apply()?;
/// assert_eq!(Precision::current()?.float32_matmul, MatmulPrecision::High);
/// # Ok::<(), selvedge_torch::TorchError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Precision {
    /// `torch.set_float32_matmul_precision`. Default: [`MatmulPrecision::Highest`].
    pub float32_matmul: MatmulPrecision,
    /// Whether convolutions of cuDNN may use TF32, `torch.backends.cudnn.allow_tf32`. Default: `true`.
    pub cudnn_tf32: bool,
}

/// The precision inside a product of f32 matrices.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MatmulPrecision {
    /// f32 throughout.
    #[default]
    Highest,
    /// TF32 (10 bits of mantissa) on CUDA, `torch.backends.cuda.matmul.allow_tf32`.
    High,
    /// bf16 (7 bits) where there is a kernel for it, else TF32.
    Medium,
}

const ORDER: [MatmulPrecision; 3] =
    [MatmulPrecision::Highest, MatmulPrecision::High, MatmulPrecision::Medium];

impl Default for Precision {
    fn default() -> Self {
        Self { float32_matmul: MatmulPrecision::default(), cudnn_tf32: true }
    }
}

impl Precision {
    /// The settings now.
    ///
    /// # Errors
    ///
    /// When libtorch refuses to tell.
    pub fn current() -> Result<Self> {
        let (mut matmul, mut cudnn_tf32) = (0, false);
        // SAFETY: both are places for what is told.
        check("get_float32_matmul_precision", unsafe {
            selvedge_precision(&raw mut matmul, &raw mut cudnn_tf32)
        })?;
        Ok(Self { float32_matmul: ORDER[matmul as usize], cudnn_tf32 })
    }

    /// Makes these the settings.
    ///
    /// # Errors
    ///
    /// When libtorch refuses them.
    pub fn apply(self) -> Result<()> {
        // SAFETY: plain numbers.
        check("set_float32_matmul_precision", unsafe {
            selvedge_set_precision(self.float32_matmul as u32, self.cudnn_tf32)
        })
    }
}

unsafe extern "C" {
    fn selvedge_precision(matmul: *mut u32, cudnn_tf32: *mut bool) -> *mut c_char;
    fn selvedge_set_precision(matmul: u32, cudnn_tf32: bool) -> *mut c_char;
}
