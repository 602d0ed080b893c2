use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use anyhow::{Context, Result};

/// The exit status of a program that Ctrl-C ended.
pub(crate) const EXIT_STATUS: u8 = 130;

/// Remembers that Ctrl-C was pressed, or that the process was asked to terminate.
///
/// The first time the running step is finished and the program ends in order; the second time it ends at
/// once.
#[derive(Debug, Clone)]
pub(crate) struct Interrupt(Arc<AtomicBool>);

impl Interrupt {
    /// Takes over Ctrl-C, SIGTERM and SIGHUP.
    pub(crate) fn watch() -> Result<Self> {
        let pressed = Arc::new(AtomicBool::new(false));
        let seen = Arc::clone(&pressed);
        ctrlc::set_handler(move || {
            if seen.swap(true, Ordering::SeqCst) {
                std::process::exit(EXIT_STATUS.into());
            }
        })
        .context("cannot watch for Ctrl-C")?;
        Ok(Self(pressed))
    }

    pub(crate) fn pressed(&self) -> bool {
        self.0.load(Ordering::SeqCst)
    }
}
