//! What a program writes to standard output and standard error.
//!
//! `println!` panics where nobody reads any more, as behind `| head`, and where the disk is full. Here a closed pipe is
//! no error: the rest is not written, and the program continues to its own exit status. Any other failure of standard
//! output is remembered, and [`finish`] returns it, so that a program that could not print its result does not succeed.
//! A failure of standard error has nowhere to be reported.
//!
//! What is printed may hold names of files, keys of checkpoints or answers of servers, so all of it is [`escaped`]: a
//! terminal obeys nothing in it.
//!
//! ```
//! use selvedge_console::{finish, print_line, report_line};
//!
//! print_line(format_args!("{} images", 10_000));
//! report_line("fetching the images");
//! assert!(finish().is_ok());
//! ```

mod escaped;

use std::fmt::Display;
use std::io::{self, ErrorKind, Write};
use std::sync::Mutex;

pub use escaped::{escaped, escaped_json, escaped_line};

/// The first failure of standard output.
static FAILURE: Mutex<Option<io::Error>> = Mutex::new(None);

/// Writes a line to standard output, [`escaped`].
pub fn print_line(text: impl Display) {
    print_coloured_line(escaped(text));
}

/// Writes a line with colours of our own to standard output. The rest of it has to be [`escaped`] already.
pub fn print_coloured_line(text: impl Display) {
    remember(writeln!(io::stdout().lock(), "{text}"));
}

/// Writes a text without the end of a line to standard output, such as a question, [`escaped`].
pub fn print(text: impl Display) {
    let mut stdout = io::stdout().lock();
    remember(write!(stdout, "{}", escaped(text)).and_then(|()| stdout.flush()));
}

/// Writes bytes to standard output as they are.
pub fn print_bytes(bytes: &[u8]) {
    remember(io::stdout().lock().write_all(bytes));
}

/// Writes a line to standard error, [`escaped`].
pub fn report_line(text: impl Display) {
    report_coloured_line(escaped(text));
}

/// Writes a line with colours of our own to standard error. The rest of it has to be [`escaped`] already.
pub fn report_coloured_line(text: impl Display) {
    // There is no other place to report to.
    let _ = writeln!(io::stderr().lock(), "{text}");
}

/// Writes what is left, and returns the first failure of standard output, but for a closed pipe.
///
/// # Errors
///
/// When something could not be written.
pub fn finish() -> io::Result<()> {
    remember(io::stdout().lock().flush());
    let mut failure = FAILURE.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    failure.take().map_or(Ok(()), Err)
}

/// Notes a failure of standard output that something else found, such as a parser of arguments that prints its help.
pub fn remember(written: io::Result<()>) {
    let Err(error) = written else { return };
    if error.kind() != ErrorKind::BrokenPipe {
        let mut failure = FAILURE.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        failure.get_or_insert(error);
    }
}

/// Makes a write past the limit of a file's size (`ulimit -f`) fail with an error, as on a full disk, where the signal
/// `SIGXFSZ` would end the process without a word. For the start of `main`.
pub fn report_size_limit() {
    #[cfg(unix)]
    {
        use std::sync::Arc;
        use std::sync::atomic::AtomicBool;
        // A handler that does nothing of note, not an ignored signal, which the programs that are started would inherit.
        let noted = Arc::new(AtomicBool::new(false));
        // Where there can be no handler, the signal ends the process as before.
        let _ = signal_hook::flag::register(signal_hook::consts::SIGXFSZ, noted);
    }
}

/// Gives the programs that this one starts the usual behaviour for `SIGHUP`, `SIGINT` and `SIGTERM`, also where this one was
/// started with them ignored, as `nohup` and the background of a script do: a program inherits what is ignored, and not what
/// is handled. This program still ends by each of them.
pub fn restore_signals_for_children() {
    #[cfg(unix)]
    {
        use std::sync::Arc;
        use std::sync::atomic::AtomicBool;

        use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
        for signal in [SIGHUP, SIGINT, SIGTERM] {
            // Where there can be no handler, the signal stays as it is.
            let _ = signal_hook::flag::register_conditional_default(signal, Arc::new(AtomicBool::new(true)));
        }
    }
}
