//! How long to try.

use std::time::Duration;

/// How long and how often a [`Download`](crate::Download) tries before it goes on to the next mirror.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Patience {
    /// Attempts at each mirror. Default: 4.
    pub attempts: u32,
    /// The wait after the first failed attempt, doubled after each. Default: 1 s.
    pub backoff: Duration,
    /// The longest wait that a server may ask for with `Retry-After`. Default: 60 s.
    pub longest_wait: Duration,
    /// The longest time to make a connection. Default: 20 s.
    pub connect: Duration,
    /// The longest time without a byte. Default: 30 s.
    pub stall: Duration,
    /// Redirects followed for one attempt. Default: 8.
    pub redirects: u32,
    /// The fewest bytes a second, on average over each [`rate_window`](Self::rate_window). Default: 256.
    pub least_rate: u64,
    /// How long the average is taken over. Default: 60 s.
    pub rate_window: Duration,
    /// The most bytes of a file whose length [`Download::size`](crate::Download::size) does not give: a body without a length
    /// can go on for ever. Default: 8 GiB.
    pub largest: u64,
}

impl Default for Patience {
    fn default() -> Self {
        Self {
            attempts: 4,
            backoff: Duration::from_secs(1),
            longest_wait: Duration::from_secs(60),
            connect: Duration::from_secs(20),
            stall: Duration::from_secs(30),
            redirects: 8,
            least_rate: 256,
            rate_window: Duration::from_secs(60),
            largest: 8 << 30,
        }
    }
}

impl Patience {
    /// The wait after `attempt` (from 1) failed: what the server asked for, else the backoff.
    pub(crate) fn wait(&self, attempt: u32, asked: Option<Duration>) -> Duration {
        let doubled = self.backoff.saturating_mul(1 << (attempt - 1).min(16));
        asked.unwrap_or(doubled).min(self.longest_wait)
    }
}
