//! Who hears what happens.

use std::path::Path;
use std::time::Duration;

use crate::Cause;

/// What happens during a download or while waiting for a lock.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub enum Event<'a> {
    /// Another process holds the lock; this one waits.
    Waiting {
        /// The lock.
        lock: &'a Path,
        /// What the other process said it does, with its number.
        holder: &'a str,
    },
    /// A mirror begins to send.
    Started {
        /// What is downloaded.
        name: &'a str,
        /// The mirror's address.
        url: &'a str,
        /// Bytes that are here already.
        done: u64,
        /// The whole length, where the server tells it.
        total: Option<u64>,
    },
    /// More bytes came.
    Advanced {
        /// Bytes that are here.
        done: u64,
        /// The whole length, where the server tells it.
        total: Option<u64>,
    },
    /// An attempt failed and the same mirror is asked again.
    Retrying {
        /// The mirror's address.
        url: &'a str,
        /// Why the attempt failed.
        cause: &'a Cause,
        /// How long to wait first.
        wait: Duration,
    },
    /// A mirror failed for good.
    Failed {
        /// The mirror's address.
        url: &'a str,
        /// Why its last attempt failed.
        cause: &'a Cause,
    },
    /// A step that takes a while and has no length.
    Working {
        /// What is done, as a phrase: `checking fashion-mnist`.
        what: &'a str,
    },
    /// The file is whole, verified and in its place.
    Finished {
        /// What was downloaded.
        name: &'a str,
        /// Where it is.
        path: &'a Path,
    },
}

/// Hears what happens. [`Silent`] ignores it, and any `Fn(Event)` is a `Progress`.
pub trait Progress {
    /// Something happened.
    fn on(&self, event: Event<'_>);
}

impl<F: Fn(Event<'_>)> Progress for F {
    fn on(&self, event: Event<'_>) {
        self(event);
    }
}

/// Ignores everything.
#[derive(Debug, Clone, Copy, Default)]
pub struct Silent;

impl Progress for Silent {
    fn on(&self, _: Event<'_>) {}
}
