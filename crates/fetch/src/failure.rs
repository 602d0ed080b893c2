//! What happened at one mirror.

use std::fmt;
use std::time::Duration;

/// What happened at one mirror after its last attempt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// The mirror's address.
    pub url: String,
    /// How often it was asked.
    pub attempts: u32,
    /// Why the last attempt failed.
    pub cause: Cause,
}

impl Failure {
    pub(crate) fn list(failures: &[Self]) -> String {
        if failures.is_empty() {
            return " it has no mirrors".to_owned();
        }
        failures.iter().map(|failure| format!("\n  {failure}")).collect()
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}: {}", self.url, self.cause)?;
        if self.attempts > 1 {
            write!(formatter, " ({} attempts)", self.attempts)?;
        }
        Ok(())
    }
}

/// Why an attempt at a mirror failed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Cause {
    /// The address is not one.
    #[error("not an address: {0}")]
    Address(String),
    /// No connection, or one that broke: name resolution, TCP, TLS, proxy.
    #[error("{0}")]
    Connection(String),
    /// The environment names a proxy that is none.
    #[error("{0}")]
    Proxy(String),
    /// The server, or a proxy before it, is not who it says it is, as far as we can tell.
    #[error("{0}; SSL_CERT_FILE can name a file of the authorities to trust")]
    Certificate(String),
    /// The server answered with an error.
    #[error("the server answered {}{}", .0, meaning(*.0))]
    Status(u16),
    /// The server asked to wait longer than we are ready to.
    #[error("the server asked to come back in {} s, and we wait {} s at most", .asked.as_secs(), .limit.as_secs())]
    Busy {
        /// What the server asked for.
        asked: Duration,
        /// [`Patience::longest_wait`](crate::Patience::longest_wait).
        limit: Duration,
    },
    /// Too many redirects, or a loop of them.
    #[error("more than {0} redirects")]
    Redirects(u32),
    /// No byte came for too long.
    #[error("no byte came for {:.0?}, after {received} bytes", .after)]
    Stalled {
        /// How long nothing came.
        after: Duration,
        /// How many bytes had come before.
        received: u64,
    },
    /// The bytes came too slowly.
    #[error("fewer than {least} bytes a second came, on average over {:.0?}", .window)]
    Slow {
        /// [`Patience::least_rate`](crate::Patience::least_rate).
        least: u64,
        /// [`Patience::rate_window`](crate::Patience::rate_window).
        window: Duration,
        /// How many bytes came in that time.
        received: u64,
    },
    /// The file is longer than is accepted.
    #[error("the file has more than {limit} bytes there, the most that is accepted")]
    TooLarge {
        /// [`Patience::largest`](crate::Patience::largest).
        limit: u64,
    },
    /// The body ended too early.
    #[error("the body ended after {received} bytes of {expected}")]
    Truncated {
        /// The length that was announced.
        expected: u64,
        /// What came.
        received: u64,
    },
    /// The length is not the one that the file must have.
    #[error("the file has {found} bytes there, expected {expected}")]
    Length {
        /// The length that the file must have.
        expected: u64,
        /// The length that was announced or came.
        found: u64,
    },
    /// The bytes are not the ones expected.
    #[error("wrong content: {0}")]
    Content(String),
}

impl Cause {
    /// Whether the same mirror may do better the next time.
    #[must_use]
    pub fn is_passing(&self) -> bool {
        match self {
            Self::Connection(_) | Self::Stalled { .. } | Self::Slow { .. } | Self::Truncated { .. } => true,
            Self::Status(status) => matches!(status, 408 | 425 | 429 | 500 | 502..=504),
            Self::Address(_)
            | Self::Proxy(_)
            | Self::Certificate(_)
            | Self::Busy { .. }
            | Self::Redirects(_)
            | Self::Length { .. }
            | Self::TooLarge { .. }
            | Self::Content(_) => false,
        }
    }
}

fn meaning(status: u16) -> &'static str {
    match status {
        401 | 403 => " (not allowed)",
        404 | 410 => " (not there)",
        407 => " (the proxy wants a password)",
        429 => " (too many requests)",
        500..=599 => " (its own trouble)",
        _ => "",
    }
}
