use crate::Dims;
use crate::functional::GeluApproximate;

/// A value as Python prints it.
pub(crate) trait Python {
    fn python(&self) -> String;
}

/// `name=value` for each, as between the parentheses of a module.
pub(crate) fn arguments(values: &[(&str, &dyn Python)]) -> String {
    let written: Vec<String> =
        values.iter().map(|(name, value)| format!("{name}={}", value.python())).collect();
    written.join(", ")
}

/// `, name=value` for each that differs from the default, as behind the arguments that are always printed.
pub(crate) fn differing(values: &[(bool, &str, &dyn Python)]) -> String {
    let differing = values.iter().filter(|(differs, ..)| *differs);
    differing.map(|(_, name, value)| format!(", {name}={}", value.python())).collect()
}

impl Python for bool {
    fn python(&self) -> String {
        if *self { "True" } else { "False" }.to_owned()
    }
}

impl Python for i64 {
    fn python(&self) -> String {
        self.to_string()
    }
}

impl Python for f64 {
    fn python(&self) -> String {
        let magnitude = self.abs();
        if self.is_nan() || self.is_infinite() {
            return format!("{self}").to_lowercase();
        }
        if magnitude != 0.0 && !(1e-4..1e16).contains(&magnitude) {
            // Rust writes `1e-5` and `1e20`, Python `1e-05` and `1e+20`.
            let text = format!("{self:e}");
            let (digits, exponent) = text.split_once('e').unwrap_or((&text, "0"));
            let (sign, exponent) = exponent.strip_prefix('-').map_or(('+', exponent), |rest| ('-', rest));
            return format!("{digits}e{sign}{exponent:0>2}");
        }
        format!("{self:?}")
    }
}

impl Python for str {
    fn python(&self) -> String {
        format!("'{self}'")
    }
}

impl Python for GeluApproximate {
    fn python(&self) -> String {
        self.name().python()
    }
}

impl<T: Python> Python for Option<T> {
    fn python(&self) -> String {
        self.as_ref().map_or_else(|| "None".to_owned(), Python::python)
    }
}

/// A tuple.
impl<T: Python> Python for [T] {
    fn python(&self) -> String {
        match self {
            [one] => format!("({},)", one.python()),
            values => format!("({})", values.iter().map(Python::python).collect::<Vec<_>>().join(", ")),
        }
    }
}

impl<T: Python, const N: usize> Python for [T; N] {
    fn python(&self) -> String {
        self.as_slice().python()
    }
}

impl<T: Python> Python for Vec<T> {
    fn python(&self) -> String {
        self.as_slice().python()
    }
}

impl<const N: usize, T: Python> Python for Dims<N, T> {
    fn python(&self) -> String {
        match self {
            Self::All(size) => size.python(),
            Self::Each(sizes) => sizes.python(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn floats_are_pythons() {
        let written =
            [0.0, 1.0, 0.5, 1.0 / 3.0, 1e-4, 1e-5, 1.5e-7, 1e15, 1e16, 1.5e20, -2.0].map(|v| v.python());
        let expected = [
            "0.0",
            "1.0",
            "0.5",
            "0.3333333333333333",
            "0.0001",
            "1e-05",
            "1.5e-07",
            "1000000000000000.0",
            "1e+16",
            "1.5e+20",
            "-2.0",
        ];
        assert_eq!(written, expected);
        assert_eq!(f64::NAN.python(), "nan");
        assert_eq!(f64::NEG_INFINITY.python(), "-inf");
    }

    #[test]
    fn tuples_and_none_are_pythons() {
        assert_eq!([3_i64].python(), "(3,)");
        assert_eq!([Some(3_i64), None].python(), "(3, None)");
        assert_eq!(Dims::<2>::All(3).python(), "3");
    }
}
