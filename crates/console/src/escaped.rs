//! Texts that may come from elsewhere, without what a terminal obeys.

use std::fmt::{Display, Write};

use serde_json::Value;

/// The text as a terminal may show it: what would move the cursor, colour, rename the window or turn the order of the letters
/// round is written as `\u{1b}`. Names of files, keys of checkpoints, configurations and answers of servers come from elsewhere,
/// and all that is printed passes through here. The ends of lines stay.
///
/// ```
/// use selvedge_console::escaped;
///
/// assert_eq!(escaped("two\nlines, größer"), "two\nlines, größer");
/// assert_eq!(escaped("a\u{1b}[2Jb"), r"a\u{1b}[2Jb");
/// ```
#[must_use]
pub fn escaped(text: impl Display) -> String {
    written(&text.to_string(), |character| character != '\n' && character != '\t' && is_obeyed(character))
}

/// As [`escaped`], for a part of a line, such as a name: the end of a line is escaped, too, since a name with one could look
/// like a line of ours.
///
/// ```
/// use selvedge_console::escaped_line;
///
/// assert_eq!(escaped_line("shirt.png\nerror: none"), r"shirt.png\u{a}error: none");
/// ```
#[must_use]
pub fn escaped_line(text: impl Display) -> String {
    written(&text.to_string(), is_obeyed)
}

/// The value as a line of JSON that a terminal may show, and that is the same JSON: serde escapes the control characters of
/// ASCII alone.
///
/// ```
/// use selvedge_console::escaped_json;
///
/// let value = serde_json::json!({ "name": "a\u{9b}2Jb" });
/// let line = escaped_json(&value);
/// assert_eq!(line, r#"{"name":"a\u009b2Jb"}"#);
/// assert_eq!(serde_json::from_str::<serde_json::Value>(&line)?, value);
/// # Ok::<(), serde_json::Error>(())
/// ```
#[must_use]
pub fn escaped_json(value: &Value) -> String {
    let mut line = String::new();
    for character in value.to_string().chars() {
        if is_obeyed(character) {
            // Outside of strings JSON has no such character, and all of them are below U+10000.
            let _ = write!(line, "\\u{:04x}", u32::from(character));
        } else {
            line.push(character);
        }
    }
    line
}

/// Control characters, and those that are not seen and turn the order of what follows.
fn is_obeyed(character: char) -> bool {
    character.is_control()
        || matches!(
            character,
            '\u{061c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}'
        )
}

fn written(text: &str, is_escaped: impl Fn(char) -> bool) -> String {
    let mut written = String::with_capacity(text.len());
    for character in text.chars() {
        if is_escaped(character) {
            written.extend(character.escape_unicode());
        } else {
            written.push(character);
        }
    }
    written
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_that_a_terminal_obeys_is_left() {
        let all: String = (0..=char::MAX as u32).filter_map(char::from_u32).collect();
        let rest = |text: &str| text.chars().filter(|character| is_obeyed(*character)).collect::<String>();
        assert_eq!(rest(&escaped(&all)), "\t\n");
        assert_eq!(rest(&escaped_line(&all)), "");
        let value = Value::from(all);
        let line = escaped_json(&value);
        assert_eq!(rest(&line), "");
        assert_eq!(serde_json::from_str::<Value>(&line).unwrap(), value);
        for character in ['\u{7}', '\u{1b}', '\u{7f}', '\u{9b}', '\r', '\u{8}', '\u{202e}'] {
            assert!(is_obeyed(character));
        }
    }
}
