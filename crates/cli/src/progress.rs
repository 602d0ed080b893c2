//! What is shown while something takes its time: bars on a terminal, lines elsewhere.

use std::cell::RefCell;
use std::io::IsTerminal;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use selvedge_console::report_line;
use selvedge_fetch::{Event, Progress};

/// A bar for an epoch of training; nothing where standard error is not a terminal.
pub(crate) fn epoch_bar(epoch: usize, epochs: u64, images: usize) -> ProgressBar {
    let template = "{prefix} {bar:24.cyan/dim} {pos}/{len} images · {per_sec} · {eta} left{msg}";
    let style = ProgressStyle::with_template(template)
        .unwrap_or_else(|_| ProgressStyle::default_bar())
        .with_key("per_sec", |state: &indicatif::ProgressState, to: &mut dyn std::fmt::Write| {
            // A writer into memory does not fail.
            let _ = write!(to, "{:.0} images/s", state.per_sec());
        })
        .progress_chars("━━╌");
    ProgressBar::with_draw_target(Some(images as u64), ProgressDrawTarget::stderr())
        .with_style(style)
        .with_prefix(format!("epoch {}/{epochs}", epoch + 1))
}

/// Shows what the data crate downloads.
pub(crate) struct Downloads {
    bar: RefCell<Option<ProgressBar>>,
}

impl Downloads {
    pub(crate) fn new() -> Self {
        Self { bar: RefCell::new(None) }
    }

    fn say(&self, line: &str) {
        // It tells what servers answered.
        let line = selvedge_console::escaped(line);
        match &*self.bar.borrow() {
            Some(bar) => bar.println(line),
            None => report_line(&line),
        }
    }
}

impl Progress for Downloads {
    fn on(&self, event: Event<'_>) {
        match event {
            Event::Waiting { lock, holder } => {
                self.say(&format!("waiting for {holder} ({})", lock.display()));
            }
            Event::Started { name, url, total, .. } => {
                self.say(&format!("fetching {name} from {url}"));
                if std::io::stderr().is_terminal() {
                    *self.bar.borrow_mut() = Some(bytes_bar(total));
                }
            }
            Event::Advanced { done, .. } => {
                if let Some(bar) = &*self.bar.borrow() {
                    bar.set_position(done);
                }
            }
            Event::Retrying { url, cause, wait } => {
                self.say(&format!("{url}: {cause}; trying again in {:.1} s", wait.as_secs_f64()));
            }
            Event::Failed { url, cause } => self.say(&format!("{url}: {cause}")),
            Event::Working { what } => self.say(what),
            Event::Finished { name, path } => {
                if let Some(bar) = self.bar.borrow_mut().take() {
                    bar.finish_and_clear();
                }
                self.say(&format!("{name} is in {}", path.display()));
            }
            _ => {}
        }
    }
}

fn bytes_bar(total: Option<u64>) -> ProgressBar {
    let template = "  {bar:32.cyan/dim} {bytes}/{total_bytes} · {bytes_per_sec} · {eta} left";
    let style = ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar());
    let bar = total.map_or_else(ProgressBar::new_spinner, ProgressBar::new);
    bar.with_style(style.progress_chars("━━╌"))
}
