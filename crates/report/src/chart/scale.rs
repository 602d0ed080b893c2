/// Where values lie on an axis, and which of them are labelled.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Scale {
    low: f64,
    high: f64,
    step: f64,
    /// The places of the lowest and the highest value.
    places: (f64, f64),
}

impl Scale {
    /// Round borders and steps around the values.
    pub(crate) fn nice(values: Vec<f64>, from_zero: bool, places: (f64, f64)) -> Self {
        let (mut low, mut high) = span(&values);
        if from_zero {
            // A constant line is not to lie on the upper edge.
            (low, high) = (low.min(0.0), 1.1 * high);
        }
        if low == high {
            let room = if low == 0.0 { 1.0 } else { 0.5 * low.abs() };
            (low, high) = (if from_zero { low } else { low - room }, high + room);
        }
        let step = round_step((high - low) / 5.0);
        Self {
            low: (low / step + 1e-9).floor() * step,
            high: (high / step - 1e-9).ceil() * step,
            step,
            places,
        }
    }

    /// From 0 to the highest value, labelled with whole numbers.
    pub(crate) fn whole(values: Vec<f64>, places: (f64, f64)) -> Self {
        let high = span(&values).1.max(1.0);
        Self { low: 0.0, high, step: round_step(high / 6.0).max(1.0).round(), places }
    }

    pub(crate) fn at(&self, value: f64) -> f64 {
        let (from, to) = self.places;
        from + (value - self.low) / (self.high - self.low) * (to - from)
    }

    /// The labelled values and their labels, all with the same number of decimals.
    pub(crate) fn ticks(&self) -> Vec<(f64, String)> {
        let count = ((self.high - self.low) / self.step + 1e-6).floor() as usize;
        let values: Vec<f64> = (0..=count).map(|tick| self.low + tick as f64 * self.step).collect();
        let largest = values.iter().copied().map(f64::abs).fold(0.0, f64::max);
        if !(1e-3..1e5).contains(&largest) {
            let label = |value: &f64| crate::figures::significant((value / self.step).round() * self.step);
            return values.iter().map(|value| (*value, label(value))).collect();
        }
        let decimals = (0..6).find(|&decimals| {
            let scaled = self.step * 10_f64.powi(decimals);
            (scaled - scaled.round()).abs() < 1e-6
        });
        let decimals = decimals.unwrap_or(6) as usize;
        let label = |value: f64| match decimals {
            0 => crate::figures::count(value.round() as i64),
            _ => format!("{value:.decimals$}"),
        };
        values.iter().map(|&value| (value, label(value))).collect()
    }
}

fn span(values: &[f64]) -> (f64, f64) {
    let low = values.iter().copied().fold(f64::INFINITY, f64::min);
    let high = values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    if low > high { (0.0, 1.0) } else { (low, high) }
}

/// The next of 1, 2, 2.5 and 5 times a power of ten.
fn round_step(step: f64) -> f64 {
    let power = 10_f64.powf(step.log10().floor());
    [1.0, 2.0, 2.5, 5.0]
        .map(|factor| factor * power)
        .into_iter()
        .find(|nice| *nice >= step * 0.999)
        .unwrap_or(10.0 * power)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn labels(scale: Scale) -> String {
        scale.ticks().into_iter().map(|(_, label)| label).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn labels_are_round_and_hold_the_values() {
        let nice = |values: &[f64], zero| labels(Scale::nice(values.to_vec(), zero, (0.0, 1.0)));
        assert_eq!(nice(&[0.27, 0.49], false), "0.25 0.30 0.35 0.40 0.45 0.50");
        assert_eq!(nice(&[85.0, 88.0], false), "85 86 87 88");
        assert_eq!(nice(&[41_000.0, 12_000.0], true), "0 10,000 20,000 30,000 40,000 50,000");
        assert_eq!(nice(&[0.003], true), "0.000 0.001 0.002 0.003 0.004");
        assert_eq!(nice(&[1e-6, 3e-6], true), "0 1e-6 2e-6 3e-6 4e-6");
        assert_eq!(nice(&[], false), "0.0 0.2 0.4 0.6 0.8 1.0");
        assert_eq!(nice(&[0.0], false), "-1.0 -0.5 0.0 0.5 1.0");
    }

    #[test]
    fn epochs_are_whole() {
        let whole = |high: f64| labels(Scale::whole(vec![0.1, high], (0.0, 1.0)));
        assert_eq!([whole(1.0), whole(3.0), whole(10.0)].join("|"), "0 1|0 1 2 3|0 2 4 6 8 10");
        assert_eq!(whole(100.0), "0 20 40 60 80 100");
    }

    #[test]
    fn the_ends_of_the_scale_are_the_ends_of_the_axis() {
        let scale = Scale::nice(vec![0.0, 10.0], false, (200.0, 20.0));
        assert_eq!((scale.at(0.0), scale.at(10.0)), (200.0, 20.0));
    }
}
