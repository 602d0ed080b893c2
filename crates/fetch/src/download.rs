//! A file from the first mirror that gives the right bytes.

use std::fs;
use std::path::Path;
use std::thread;
use std::time::Duration;

use ureq::Agent;

use crate::mirror::{Attempt, Stop, agent};
use crate::partial::Partial;
use crate::{Cause, Error, Event, Failure, Patience, Progress, Result, Verify, is_offline, locked};

/// A file to be had from any of several mirrors.
///
/// ```no_run
/// use selvedge_fetch::{Download, Sha256Digest, Silent, Verify, cache_directory};
///
/// let download = Download {
///     name: "abc.txt".to_owned(),
///     mirrors: vec!["https://one.example/abc.txt".to_owned(), "https://two.example/abc.txt".to_owned()],
///     verify: Verify::Sha256(Sha256Digest::from_hex(
///         "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
///     )),
///     ..Download::default()
/// };
/// download.to(&cache_directory()?.join("abc.txt"), &Silent)?;
/// # Ok::<(), selvedge_fetch::Error>(())
/// ```
#[derive(Debug, Default)]
pub struct Download<'a> {
    /// What the file is called in messages.
    pub name: String,
    /// The addresses of the file, asked in this order.
    pub mirrors: Vec<String>,
    /// What the file must be. Default: as long as the server says.
    pub verify: Verify<'a>,
    /// The length in bytes, where it is known. Default: `None`.
    pub size: Option<u64>,
    /// How long to try. Default: [`Patience::default`].
    pub patience: Patience,
}

impl Download<'_> {
    /// Puts the file at `path`, unless it is there already and is what it must be.
    ///
    /// The file comes beside its place and gets its name when it is whole and verified. What had come when an
    /// attempt broke stays for the next one, which asks for the rest if the server can do that. Another
    /// process that wants the same file waits for this one.
    ///
    /// # Errors
    ///
    /// [`Error::Mirrors`] with what happened at each mirror, [`Error::Offline`], [`Error::Io`]. Nothing is at
    /// `path` then, or what was there before.
    pub fn to(&self, path: &Path, progress: &dyn Progress) -> Result<()> {
        if self.is_at(path)? {
            return Ok(());
        }
        if is_offline() {
            return Err(Error::Offline { name: self.name.clone(), path: path.to_path_buf() });
        }
        let lock = path.with_file_name(format!(".{}.lock", path.file_name().unwrap_or_default().display()));
        let _lock = locked(&lock, &format!("downloading {}", self.name), progress)?;
        // Whoever held the lock may have brought it.
        if self.is_at(path)? {
            return Ok(());
        }
        let partial = Partial::beside(path);
        let agent = agent(&self.patience);
        let mut failures = Vec::new();
        for url in &self.mirrors {
            match self.ask_mirror(&agent, url, &partial, progress)? {
                Ok(()) => {
                    partial.commit()?;
                    progress.on(Event::Finished { name: &self.name, path });
                    return Ok(());
                }
                Err(failure) => {
                    progress.on(Event::Failed { url, cause: &failure.cause });
                    failures.push(failure);
                }
            }
        }
        Err(Error::Mirrors { name: self.name.clone(), failures })
    }

    fn is_at(&self, path: &Path) -> Result<bool> {
        Ok(path.is_file() && self.is_whole(path)? && self.verify.check(path)?.is_ok())
    }

    fn is_whole(&self, path: &Path) -> Result<bool> {
        let length = fs::metadata(path).map_err(Error::io("read", path))?.len();
        Ok(self.size.is_none_or(|size| size == length))
    }

    /// The outer error is the disk's, the inner one is the mirror's.
    fn ask_mirror(
        &self,
        agent: &Agent,
        url: &str,
        partial: &Partial,
        progress: &dyn Progress,
    ) -> Result<std::result::Result<(), Failure>> {
        let patience = &self.patience;
        let mut attempts = 0;
        loop {
            attempts += 1;
            let attempt =
                Attempt { agent, name: &self.name, url, size: self.size, patience, partial, progress };
            let (cause, asked) = match attempt.run() {
                Ok(resumed) => match self.check(partial, progress)? {
                    Ok(()) => return Ok(Ok(())),
                    // Two halves that do not fit are no reason to give the mirror up.
                    Err(cause) if resumed && attempts < patience.attempts => {
                        progress.on(Event::Retrying { url, cause: &cause, wait: Duration::ZERO });
                        continue;
                    }
                    Err(cause) => (cause, None),
                },
                Err(Stop::Mirror { cause, asked }) => (cause, asked),
                Err(Stop::Disk(error)) => return Err(error),
            };
            let failure = |cause| Failure { url: url.to_owned(), attempts, cause };
            if let Some(asked) = asked.filter(|asked| cause.is_passing() && *asked > patience.longest_wait) {
                return Ok(Err(failure(Cause::Busy { asked, limit: patience.longest_wait })));
            }
            if !cause.is_passing() || attempts >= patience.attempts {
                return Ok(Err(failure(cause)));
            }
            let wait = patience.wait(attempts, asked);
            progress.on(Event::Retrying { url, cause: &cause, wait });
            thread::sleep(wait);
        }
    }

    /// Verifies what came, and throws it away when it is wrong.
    fn check(&self, partial: &Partial, progress: &dyn Progress) -> Result<std::result::Result<(), Cause>> {
        if !matches!(self.verify, Verify::Length) {
            progress.on(Event::Working { what: &format!("checking {}", self.name) });
        }
        let verdict = self.verify.check(partial.path())?;
        if verdict.is_err() {
            partial.discard()?;
        }
        Ok(verdict.map_err(Cause::Content))
    }
}
