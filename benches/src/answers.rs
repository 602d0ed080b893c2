use std::error::Error;
use std::io::{self, BufRead, Write};
use std::str::FromStr;

/// Answers each line of the standard input with a line: how a program that stays is measured in turns with another one.
///
/// # Errors
///
/// When a line cannot be read, answered or written.
pub fn answer(
    mut reply: impl FnMut(&mut Words<'_>) -> Result<String, Box<dyn Error>>,
) -> Result<(), Box<dyn Error>> {
    let mut output = io::stdout().lock();
    for line in io::stdin().lock().lines() {
        let line = line?;
        let mut words = Words { line: &line, words: line.split_whitespace() };
        writeln!(output, "{}", reply(&mut words)?)?;
        output.flush()?;
    }
    Ok(())
}

/// The words of a line that is asked.
pub struct Words<'a> {
    line: &'a str,
    words: std::str::SplitWhitespace<'a>,
}

impl Words<'_> {
    /// The next word, for what it stands.
    ///
    /// # Errors
    ///
    /// When there is none, or it does not stand for such a value.
    pub fn next<T: FromStr>(&mut self, what: &str) -> Result<T, Box<dyn Error>> {
        let word = self.words.next().ok_or_else(|| format!("{:?} has no {what}", self.line))?;
        word.parse().map_err(|_| format!("{:?}: {word:?} is no {what}", self.line).into())
    }
}
