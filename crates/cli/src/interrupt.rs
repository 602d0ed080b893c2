use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use anyhow::{Context, Result};
use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::flag;

/// Remembers that Ctrl-C was pressed, or that the process was asked to terminate.
///
/// The first time the running step is finished and the program ends in order; the second time it ends at
/// once.
#[derive(Debug, Clone)]
pub(crate) struct Interrupt(Arc<AtomicUsize>);

impl Interrupt {
    /// Takes over Ctrl-C and SIGTERM, and where there is a terminal to be closed, SIGHUP. A signal that this process was
    /// started to ignore, as `nohup` does it, stays ignored.
    pub(crate) fn watch() -> Result<Self> {
        let signal = Arc::new(AtomicUsize::new(0));
        let before = Arc::new(AtomicBool::new(false));
        for number in SIGNALS.iter().filter(|number| !selvedge_torch::ignores_signal(**number)) {
            // In this order, so that the first signal does not find what it sets.
            flag::register_conditional_shutdown(*number, 128 + number, Arc::clone(&before))
                .and_then(|_| flag::register(*number, Arc::clone(&before)))
                .and_then(|_| flag::register_usize(*number, Arc::clone(&signal), *number as usize))
                .context("cannot watch for Ctrl-C")?;
        }
        Ok(Self(signal))
    }

    pub(crate) fn pressed(&self) -> bool {
        self.0.load(Ordering::SeqCst) != 0
    }

    /// 128 and the number of the signal, as a shell has it: 130 for Ctrl-C, 143 for SIGTERM.
    pub(crate) fn exit_status(&self) -> u8 {
        128 + self.0.load(Ordering::SeqCst) as u8
    }
}

#[cfg(unix)]
const SIGNALS: &[i32] = &[SIGINT, SIGTERM, signal_hook::consts::SIGHUP];
#[cfg(not(unix))]
const SIGNALS: &[i32] = &[SIGINT, SIGTERM];
