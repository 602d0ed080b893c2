use std::path::Path;

use selvedge_atomic::Lock;

use crate::{Event, Progress, Result};

/// Takes a [`Lock`], and tells `progress` where it has to wait for another process.
///
/// # Errors
///
/// [`Error::Io`](crate::Error::Io) when the file cannot be made or locked.
pub fn locked(path: &Path, purpose: &str, progress: &dyn Progress) -> Result<Lock> {
    Ok(Lock::acquire(path, purpose, |holder| progress.on(Event::Waiting { lock: path, holder }))?)
}
