use std::fmt;
use std::str::FromStr;

use tch::Device;

use crate::{Result, TorchError, cuda};

/// A device as a user names it: `auto`, `cpu`, `cuda`, `cuda:N` or `mps`.
///
/// ```
/// use selvedge_torch::DeviceChoice;
/// use tch::Device;
///
/// assert_eq!("cpu".parse::<DeviceChoice>()?.resolve()?, Device::Cpu);
/// let error = "gpu".parse::<DeviceChoice>().unwrap_err();
/// assert_eq!(
///     error.to_string(),
///     r#""gpu" is no device: expected auto, cpu, cuda, cuda:N (such as cuda:0) or mps"#
/// );
/// # Ok::<(), selvedge_torch::TorchError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum DeviceChoice {
    /// The first CUDA device, else `mps`, else the CPU.
    #[default]
    Auto,
    /// The CPU.
    Cpu,
    /// The CUDA device of an index; `cuda` is `cuda:0`.
    Cuda(usize),
    /// The GPU of a Mac.
    Mps,
}

impl DeviceChoice {
    /// The device.
    ///
    /// # Errors
    ///
    /// When it is not there: why, and what is.
    pub fn resolve(self) -> Result<Device> {
        match self {
            Self::Cpu => Ok(Device::Cpu),
            Self::Cuda(index) => cuda::existing(index).map(|_| Device::Cuda(index)),
            Self::Mps if tch::utils::has_mps() => Ok(Device::Mps),
            Self::Mps => Err(TorchError::NoDevice {
                device: self.to_string(),
                reason: "libtorch has it only on a Mac with Apple silicon",
                available: available(),
            }),
            Self::Auto if cuda::device_count().is_ok() => Ok(Device::Cuda(0)),
            Self::Auto if tch::utils::has_mps() => Ok(Device::Mps),
            Self::Auto => Ok(Device::Cpu),
        }
    }
}

impl FromStr for DeviceChoice {
    type Err = TorchError;

    fn from_str(text: &str) -> Result<Self> {
        let index = |digits: &str| {
            let digits = digits.bytes().all(|byte| byte.is_ascii_digit()).then_some(digits)?;
            digits.parse().ok().map(Self::Cuda)
        };
        match text {
            "auto" => Some(Self::Auto),
            "cpu" => Some(Self::Cpu),
            "cuda" => Some(Self::Cuda(0)),
            "mps" => Some(Self::Mps),
            _ => text.strip_prefix("cuda:").and_then(index),
        }
        .ok_or_else(|| TorchError::UnknownDevice { found: text.to_owned() })
    }
}

impl fmt::Display for DeviceChoice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Auto => f.write_str("auto"),
            Self::Cpu => f.write_str("cpu"),
            Self::Cuda(index) => write!(f, "cuda:{index}"),
            Self::Mps => f.write_str("mps"),
        }
    }
}

/// The devices that are there, for an error: `cpu, cuda:0 and cuda:1`.
pub(crate) fn available() -> String {
    let indices = 0..cuda::device_count().unwrap_or(0);
    let mut names: Vec<String> = indices.map(|index| DeviceChoice::Cuda(index).to_string()).collect();
    if tch::utils::has_mps() {
        names.push("mps".to_owned());
    }
    match names.is_empty() {
        true => "cpu".to_owned(),
        false => format!("cpu and {}", names.join(", ")),
    }
}
