//! Numbers as people read them.

/// `60,000`.
pub(crate) fn count(number: impl TryInto<i128>) -> String {
    let number: i128 = number.try_into().unwrap_or_default();
    let digits = number.unsigned_abs().to_string();
    let mut text = String::from(if number < 0 { "-" } else { "" });
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// A number with that many decimals; a dash where it is none.
pub(crate) fn decimal(number: f64, decimals: usize) -> String {
    if number.is_finite() { format!("{number:.decimals$}") } else { "–".to_owned() }
}

/// A share as `87.86 %`, with a space that does not break.
pub(crate) fn percent(share: f64, decimals: usize) -> String {
    if share.is_finite() { format!("{:.decimals$}\u{a0}%", 100.0 * share) } else { "–".to_owned() }
}

/// The shortest text of a number to four significant digits: `0.003`, `1.5e-7`.
pub(crate) fn significant(number: f64) -> String {
    if number == 0.0 || !number.is_finite() {
        return decimal(number, 0);
    }
    let exponent = number.abs().log10().floor();
    if !(-5.0..6.0).contains(&exponent) {
        let mantissa = number / 10_f64.powf(exponent);
        return format!("{}e{exponent}", trimmed(format!("{mantissa:.3}")));
    }
    trimmed(format!("{number:.*}", (3.0 - exponent).max(0.0) as usize))
}

fn trimmed(text: String) -> String {
    if !text.contains('.') {
        return text;
    }
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// `4.2 s`, `3 min 5 s`, `2 h 10 min`.
pub(crate) fn duration(seconds: f64) -> String {
    if !seconds.is_finite() {
        return "–".to_owned();
    }
    if seconds < 59.95 {
        return format!("{seconds:.1}\u{a0}s");
    }
    let whole = seconds.round() as u64;
    let (hours, minutes, seconds) = (whole / 3600, whole % 3600 / 60, whole % 60);
    if hours > 0 {
        format!("{hours}\u{a0}h {minutes}\u{a0}min")
    } else {
        format!("{minutes}\u{a0}min {seconds}\u{a0}s")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_read_well() {
        assert_eq!(
            [count(0), count(999), count(1000), count(60_000), count(1_234_567)].join(" "),
            "0 999 1,000 60,000 1,234,567"
        );
        assert_eq!(percent(0.878_6, 2), "87.86\u{a0}%");
        assert_eq!([percent(f64::NAN, 2), decimal(f64::INFINITY, 3), duration(f64::NAN)].join(" "), "– – –");
        assert_eq!(
            [3e-3, 1.0, 0.1234567, 41_234.0, 1.5e-7, -0.25, 0.0].map(significant).join(" "),
            "0.003 1 0.1235 41234 1.5e-7 -0.25 0"
        );
        assert_eq!(
            [4.2, 59.96, 185.0, 7800.0].map(duration).join("|").replace('\u{a0}', " "),
            "4.2 s|1 min 0 s|3 min 5 s|2 h 10 min"
        );
    }
}
