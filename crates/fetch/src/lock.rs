use std::path::Path;

use selvedge_atomic::{Lock, refuse_links_below};

use crate::{Event, Progress, Result, cache_directory};

/// Takes a [`Lock`], and tells `progress` where it has to wait for another process. In our cache no folder on the way to it
/// may be a link, since what is locked is about to be written there; the cache itself may be reached through one.
///
/// # Errors
///
/// [`Error::Io`](crate::Error::Io) when the file cannot be made or locked, or there is a link in the cache.
pub fn locked(path: &Path, purpose: &str, progress: &dyn Progress) -> Result<Lock> {
    if let Ok(cache) = cache_directory() {
        // Some name the cache without its links.
        let real = cache.canonicalize().unwrap_or_else(|_| cache.clone());
        [cache, real].iter().try_for_each(|cache| refuse_links_below(cache, path))?;
    }
    Ok(Lock::acquire(path, purpose, |holder| progress.on(Event::Waiting { lock: path, holder }))?)
}
