use askama::Template;
use selvedge_train::metric::CalibrationBin;

use crate::{Findings, figures};

const LEFT: f64 = 56.0;
const WIDTH: f64 = 332.0;
const TOP: f64 = 30.0;
const HEIGHT: f64 = 240.0;
/// The strip below the diagram that shows how many images there are.
const STRIP: f64 = 80.0;
const STRIP_HEIGHT: f64 = 40.0;

/// The diagram of confidence and accuracy, and the table of it.
#[derive(Template)]
#[template(path = "calibration.html")]
pub(super) struct Calibration {
    pub(super) error: String,
    /// Whether the network is too sure, in a sentence.
    pub(super) tendency: &'static str,
    pub(super) bins: Vec<Bin>,
    ticks: Vec<(String, String, String)>,
}

pub(super) struct Bin {
    pub(super) range: String,
    pub(super) count: String,
    pub(super) confidence: String,
    pub(super) accuracy: String,
    x: String,
    width: String,
    bar: [String; 2],
    /// From the accuracy to the confidence.
    gap: [String; 2],
    over: bool,
    strip: [String; 2],
    empty: bool,
}

impl Calibration {
    pub(super) fn of(findings: &Findings) -> Self {
        let bins = &findings.calibration;
        let most = bins.iter().map(|bin| bin.count).max().unwrap_or(0).max(1) as f64;
        let step = WIDTH / bins.len().max(1) as f64;
        let up = |share: f64| TOP + HEIGHT * (1.0 - share);
        let place = |at: f64| format!("{at:.1}");
        let bin = |(number, bin): (usize, &CalibrationBin)| {
            let share = 100.0 / bins.len() as f64;
            let (high, low) = (bin.confidence.max(bin.accuracy), bin.confidence.min(bin.accuracy));
            let strip = (bin.count as f64 / most * STRIP_HEIGHT).max(1.0);
            Bin {
                range: format!("{:.0} to {:.0}\u{a0}%", share * number as f64, share * (number + 1) as f64),
                count: figures::count(bin.count),
                confidence: figures::percent(bin.confidence, 1),
                accuracy: figures::percent(bin.accuracy, 1),
                x: place(LEFT + step * number as f64 + 2.0),
                width: place(step - 4.0),
                bar: [place(up(bin.accuracy)), place(HEIGHT * bin.accuracy)],
                gap: [place(up(high)), place(HEIGHT * (high - low))],
                over: bin.confidence > bin.accuracy,
                strip: [place(TOP + HEIGHT + STRIP - strip), place(strip)],
                empty: bin.count == 0,
            }
        };
        let filled = || bins.iter().filter(|bin| bin.count > 0);
        let lean: f64 = filled().map(|bin| bin.count as f64 * (bin.confidence - bin.accuracy)).sum();
        let ticks = (0..=5).map(|tick| f64::from(tick) / 5.0);
        Self {
            error: figures::percent(findings.calibration_error, 2),
            tendency: if lean > 0.0 {
                "On the whole the network is surer than it should be."
            } else {
                "On the whole the network is less sure than it could be."
            },
            bins: bins.iter().enumerate().map(bin).collect(),
            ticks: ticks
                .map(|share| (place(LEFT + WIDTH * share), place(up(share)), format!("{:.0}", 100.0 * share)))
                .collect(),
        }
    }
}
