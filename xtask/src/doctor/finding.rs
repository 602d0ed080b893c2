//! A line of the report.

use std::fmt;

use selvedge_console::escaped;

use crate::terminal;

/// How a thing is that must hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Finding {
    what: &'static str,
    says: String,
    state: State,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum State {
    Good,
    /// It could be better, and this makes it so.
    Fair(String),
    /// It does not hold, and this mends it.
    Bad(String),
}

impl Finding {
    pub(super) fn good(what: &'static str, says: impl Into<String>) -> Self {
        Self { what, says: says.into(), state: State::Good }
    }

    pub(super) fn fair(what: &'static str, says: impl Into<String>, better: impl Into<String>) -> Self {
        Self { what, says: says.into(), state: State::Fair(better.into()) }
    }

    pub(super) fn bad(what: &'static str, says: impl Into<String>, mend: impl Into<String>) -> Self {
        Self { what, says: says.into(), state: State::Bad(mend.into()) }
    }

    pub(super) fn is_bad(&self) -> bool {
        matches!(self.state, State::Bad(_))
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (mark, advice) = match &self.state {
            State::Good => (terminal::green("ok  "), None),
            State::Fair(better) => (terminal::yellow("note"), Some(format!("for more: {better}"))),
            State::Bad(mend) => (terminal::red("FAIL"), Some(format!("to mend it: {mend}"))),
        };
        let says = escaped(&self.says).replace('\n', "\n                       ");
        write!(formatter, "{mark}  {:<16} {says}", self.what)?;
        advice.map_or(Ok(()), |advice| write!(formatter, "\n                       {advice}"))
    }
}
