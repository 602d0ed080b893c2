//! What people see: colours and bars on a terminal, plain lines elsewhere.

use std::cell::{Cell, RefCell};
use std::env;
use std::io::{IsTerminal, stderr, stdout};
use std::time::Duration;

use indicatif::{HumanBytes, ProgressBar, ProgressStyle};
use selvedge_console::{report_coloured_line, report_line};
use selvedge_fetch::{Event, Progress};

/// Whether to write colours: on a terminal, unless NO_COLOR is set.
fn is_coloured() -> bool {
    let forbidden = env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
    !forbidden
        && env::var_os("TERM").is_none_or(|name| name != "dumb")
        && stdout().is_terminal()
        && stderr().is_terminal()
}

fn coloured(code: u8, text: &str) -> String {
    // What is told may be what a server or a file said.
    let text = selvedge_console::escaped(text);
    if is_coloured() { format!("\x1b[{code}m{text}\x1b[0m") } else { text }
}

pub(crate) fn red(text: &str) -> String {
    coloured(31, text)
}

pub(crate) fn green(text: &str) -> String {
    coloured(32, text)
}

pub(crate) fn yellow(text: &str) -> String {
    coloured(33, text)
}

pub(crate) fn grey(text: &str) -> String {
    coloured(90, text)
}

/// Shows a long piece of work on standard error: a bar on a terminal, a line for each tenth elsewhere.
pub(crate) struct Bar {
    bar: RefCell<Option<ProgressBar>>,
    tenth: Cell<u64>,
}

/// Work on fewer bytes is over before a line about its tenths is read.
const WORTH_LINES: u64 = 16 << 20;

impl Bar {
    pub(crate) fn new() -> Self {
        Self { bar: RefCell::new(None), tenth: Cell::new(0) }
    }

    /// Begins to show work on `total` bytes.
    pub(crate) fn start(&self, what: &str, total: Option<u64>) {
        self.finish();
        let size = total.map(|total| format!(", {}", HumanBytes(total))).unwrap_or_default();
        if !stderr().is_terminal() {
            report_line(format_args!("{what}{size}"));
            return;
        }
        let bar = total.map_or_else(ProgressBar::new_spinner, ProgressBar::new);
        let template = match total {
            Some(_) => "{msg} [{bar:30}] {bytes}/{total_bytes}, {bytes_per_sec}, {eta} left",
            None => "{msg} {spinner} {bytes}, {bytes_per_sec}",
        };
        if let Ok(style) = ProgressStyle::with_template(template) {
            bar.set_style(style.progress_chars("=> "));
        }
        bar.set_message(what.to_owned());
        self.bar.replace(Some(bar));
    }

    /// Begins to show work that has no measure.
    fn busy(&self, what: &str) {
        self.start(what, None);
        if let Some(bar) = &*self.bar.borrow() {
            bar.set_style(ProgressStyle::default_spinner());
            bar.enable_steady_tick(Duration::from_millis(100));
        }
    }

    /// `done` bytes of the `total` are done.
    pub(crate) fn advance(&self, done: u64, total: Option<u64>) {
        if let Some(bar) = &*self.bar.borrow() {
            bar.set_position(done);
        } else if let Some(total) = total.filter(|total| *total >= WORTH_LINES) {
            let tenth = done * 10 / total;
            if tenth > self.tenth.get() {
                self.tenth.set(tenth);
                report_line(format_args!(
                    "  {:>3} %  {} of {}",
                    tenth * 10,
                    HumanBytes(done),
                    HumanBytes(total)
                ));
            }
        }
    }

    /// Ends the bar.
    pub(crate) fn finish(&self) {
        self.tenth.set(0);
        if let Some(bar) = self.bar.take() {
            bar.finish_and_clear();
        }
    }

    /// Writes a line with a colour, above the bar if there is one.
    fn say(&self, line: &str) {
        match &*self.bar.borrow() {
            Some(bar) => bar.suspend(|| report_coloured_line(line)),
            None => report_coloured_line(line),
        }
    }
}

impl Drop for Bar {
    fn drop(&mut self) {
        self.finish();
    }
}

impl Progress for Bar {
    fn on(&self, event: Event<'_>) {
        match event {
            Event::Waiting { lock, holder } => {
                let held = format!("waiting for {holder} (it holds {})", lock.display());
                self.say(&yellow(&held));
            }
            Event::Started { name, done, total, .. } => {
                self.start(&format!("downloading {name}"), total);
                self.advance(done, total);
            }
            Event::Advanced { done, total } => self.advance(done, total),
            Event::Retrying { url, cause, wait } => {
                self.say(&yellow(&format!("{url}: {cause}; again in {wait:.0?}")));
            }
            Event::Failed { url, cause } => self.say(&yellow(&format!("{url}: {cause}"))),
            Event::Working { what } => self.busy(what),
            Event::Finished { .. } => self.finish(),
            _ => {}
        }
    }
}
