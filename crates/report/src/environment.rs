use std::fs;
use std::thread;
use std::time::{SystemTime, UNIX_EPOCH};

use serde::{Deserialize, Serialize};
use tch::Device;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

/// The machine, and the versions of what computes.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Environment {
    /// When the training started, in RFC 3339.
    pub started: String,
    /// Of Selvedge.
    pub selvedge: String,
    /// Of libtorch.
    pub libtorch: String,
    /// `cpu`, `cuda:0` and so on.
    pub device: String,
    /// The name of the processor, where the system tells it.
    pub processor: String,
    /// Threads that can run at once.
    pub cores: usize,
    /// Threads of libtorch.
    pub threads: usize,
    /// The operating system and the architecture.
    pub system: String,
}

/// The time as RFC 3339 writes it; in seconds since 1970, as `@253402300800`, where it has no year of four digits, as where a
/// clock is far off.
fn written(at: SystemTime) -> String {
    let seconds = match at.duration_since(UNIX_EPOCH) {
        Ok(after) => i128::from(after.as_secs()),
        Err(before) => -i128::from(before.duration().as_secs()),
    };
    let written =
        i64::try_from(seconds).ok().and_then(|seconds| OffsetDateTime::from_unix_timestamp(seconds).ok());
    written.and_then(|at| at.format(&Rfc3339).ok()).unwrap_or_else(|| format!("@{seconds}"))
}

impl Environment {
    /// This machine, now, for a training on `device`.
    ///
    /// ```
    /// let environment = selvedge_report::Environment::here(tch::Device::Cpu);
    /// assert_eq!(environment.device, "cpu");
    /// assert!(environment.libtorch.starts_with("2."));
    /// ```
    #[must_use]
    pub fn here(device: Device) -> Self {
        Self {
            started: written(SystemTime::now()),
            selvedge: env!("CARGO_PKG_VERSION").to_owned(),
            libtorch: selvedge_torch::libtorch::version().unwrap_or_default(),
            device: match device {
                Device::Cpu => "cpu".to_owned(),
                Device::Cuda(index) => format!("cuda:{index}"),
                other => format!("{other:?}").to_lowercase(),
            },
            processor: processor(),
            cores: thread::available_parallelism().map_or(0, usize::from),
            threads: usize::try_from(tch::get_num_threads()).unwrap_or(0),
            system: format!("{} {}", std::env::consts::OS, std::env::consts::ARCH),
        }
    }

    /// The start as people write it: `2026-03-01 09:30 UTC`; as it stands where it is no time.
    #[must_use]
    pub fn started_for_people(&self) -> String {
        OffsetDateTime::parse(&self.started, &Rfc3339).map_or_else(
            |_| self.started.clone(),
            |at| {
                let (date, hour, minute) = (at.date(), at.hour(), at.minute());
                format!("{date} {hour:02}:{minute:02} {}", if at.offset().is_utc() { "UTC" } else { "" })
                    .trim_end()
                    .to_owned()
            },
        )
    }
}

fn processor() -> String {
    let text = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let line = text.lines().find(|line| line.starts_with("model name"));
    line.and_then(|line| line.split_once(':')).map_or_else(String::new, |(_, name)| name.trim().to_owned())
}

#[cfg(test)]
mod clock {
    use std::time::Duration;

    use super::*;

    #[test]
    fn a_clock_that_is_far_off_is_told_in_seconds() {
        assert_eq!(written(UNIX_EPOCH + Duration::from_secs(86_400)), "1970-01-02T00:00:00Z");
        assert_eq!(written(UNIX_EPOCH - Duration::from_secs(1)), "1969-12-31T23:59:59Z");
        let last = 253_402_300_799;
        assert_eq!(written(UNIX_EPOCH + Duration::from_secs(last)), "9999-12-31T23:59:59Z");
        assert_eq!(written(UNIX_EPOCH + Duration::from_secs(last + 1)), "@253402300800");
        let environment =
            Environment { started: "@253402300800".to_owned(), ..Environment::here(Device::Cpu) };
        assert_eq!(environment.started_for_people(), "@253402300800");
    }
}
