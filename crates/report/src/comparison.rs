use askama::Template;

use crate::chart::{Chart, Plot, Series};
use crate::figures::{count, decimal, duration, percent, significant};
use crate::page::configuration;
use crate::{Epoch, HeldOut, ReportError, Result, Run};

/// As many lines can be told apart by their colours.
const COLOURS: usize = 8;

/// Runs side by side.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Comparison {
    /// The names of the runs; one that comes twice is numbered.
    pub names: Vec<String>,
    /// What came out: each figure with its value in each run.
    pub figures: Vec<ComparisonRow>,
    /// The keys of the configuration that are not the same in all runs.
    pub differences: Vec<ComparisonRow>,
    /// The page with both, and the curves one over the other: HTML that needs nothing beside it.
    pub page: String,
}

/// A value of each run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ComparisonRow {
    /// What it is.
    pub name: String,
    /// As people read it, in the order of the runs.
    pub values: Vec<String>,
    /// The runs that do best, where that can be said and not all do the same.
    pub best: Vec<bool>,
}

#[derive(Template)]
#[template(path = "comparison.html")]
struct Page<'a> {
    names: &'a [String],
    figures: &'a [ComparisonRow],
    differences: &'a [ComparisonRow],
    charts: Vec<Chart>,
}

impl Comparison {
    /// Puts runs side by side.
    ///
    /// # Errors
    ///
    /// [`ReportError::TooFewRuns`] for fewer than two.
    pub fn of(runs: &[Run]) -> Result<Self> {
        if runs.len() < 2 {
            return Err(ReportError::TooFewRuns { found: runs.len() });
        }
        let names = names(runs);
        let (figures, differences) = (figures(runs), differences(runs));
        let page = Page {
            names: &names,
            figures: &figures,
            differences: &differences,
            charts: charts(runs, &names),
        };
        // Writing into memory does not fail, and our own templates have no code that does.
        let page = page.render().unwrap_or_default();
        Ok(Self { names, figures, differences, page })
    }
}

fn names(runs: &[Run]) -> Vec<String> {
    let numbered = |(at, run): (usize, &Run)| {
        let before = runs[..at].iter().filter(|other| other.name == run.name).count();
        if before == 0 { run.name.clone() } else { format!("{} ({})", run.name, before + 1) }
    };
    runs.iter().enumerate().map(numbered).collect()
}

/// Which value is the better one.
#[derive(Clone, Copy, PartialEq)]
enum Better {
    Higher,
    Lower,
    Neither,
}

fn figures(runs: &[Run]) -> Vec<ComparisonRow> {
    let last = |run: &Run, of: fn(&Epoch) -> f64| run.epochs.last().map_or(f64::NAN, of);
    let seconds = |run: &Run| run.epochs.iter().map(|row| row.seconds).sum::<f64>();
    let row = |name: &str, better: Better, of: &dyn Fn(&Run) -> f64, written: fn(f64) -> String| {
        let numbers: Vec<f64> = runs.iter().map(of).collect();
        ComparisonRow {
            name: name.to_owned(),
            values: numbers.iter().map(|&number| written(number)).collect(),
            best: best(&numbers, better),
        }
    };
    let whole: fn(f64) -> String =
        |number| if number > 0.0 { count(number as u64) } else { "–".to_owned() };
    let throughput = |run: &Run| (run.about.training_images * run.epochs.len()) as f64 / seconds(run);
    let highest = |run: &Run| run.epochs.iter().map(|row| row.measured.accuracy()).fold(f64::NAN, f64::max);
    let tested = |run: &Run| run.findings.as_ref().map_or(f64::NAN, |findings| findings.accuracy);
    let (word, lower) = (word(runs), word(runs).to_lowercase());
    let share: fn(f64) -> String = |share| percent(share, 2);
    let loss: fn(f64) -> String = |loss| decimal(loss, 4);
    let calibration =
        |run: &Run| run.findings.as_ref().map_or(f64::NAN, |findings| findings.calibration_error);
    let rows = [
        row(
            &format!("{word} accuracy"),
            Better::Higher,
            &|run| last(run, |row| row.measured.accuracy()),
            share,
        ),
        row(&format!("Highest {lower} accuracy"), Better::Higher, &highest, share),
        row(&format!("{word} loss"), Better::Lower, &|run| last(run, |row| row.measured.loss()), loss),
        row("Training loss", Better::Lower, &|run| last(run, |row| row.train_loss), loss),
        row("Accuracy on the test set", Better::Higher, &tested, share),
        row("Calibration error", Better::Lower, &calibration, share),
        row("Epochs", Better::Neither, &|run| run.epochs.len() as f64, whole),
        row("Training time", Better::Lower, &seconds, duration),
        row("Images per second", Better::Higher, &throughput, |number| {
            if number.is_finite() { count(number.round() as i64) } else { "–".to_owned() }
        }),
        row("Parameters", Better::Neither, &|run| run.about.parameters as f64, whole),
    ];
    // Where each epoch was measured with the test set, the first row says it.
    let said =
        |row: &ComparisonRow| row.name == "Accuracy on the test set" && word == HeldOut::Test.capital();
    let told = |row: &ComparisonRow| row.values.iter().any(|value| value != "–") && !said(row);
    rows.into_iter().filter(told).collect()
}

/// What the epochs of all runs were measured with, at the beginning of a sentence.
fn word(runs: &[Run]) -> &'static str {
    let measured = || runs.iter().filter(|run| !run.epochs.is_empty()).map(Run::held_out);
    let first = measured().next().unwrap_or_default();
    if measured().all(|held_out| held_out == first) { first.capital() } else { "Held-out" }
}

fn best(numbers: &[f64], better: Better) -> Vec<bool> {
    let finite = || numbers.iter().copied().filter(|number| number.is_finite());
    let (low, high) = (finite().fold(f64::INFINITY, f64::min), finite().fold(f64::NEG_INFINITY, f64::max));
    let wanted = if better == Better::Higher { high } else { low };
    numbers.iter().map(|&number| better != Better::Neither && low < high && number == wanted).collect()
}

fn differences(runs: &[Run]) -> Vec<ComparisonRow> {
    let configurations: Vec<Vec<(String, String)>> =
        runs.iter().map(|run| configuration::rows(&run.config)).collect();
    let mut keys: Vec<&str> = Vec::new();
    for (key, _) in configurations.iter().flatten() {
        if !keys.contains(&key.as_str()) {
            keys.push(key);
        }
    }
    let value = |rows: &[(String, String)], key: &str| {
        rows.iter().find(|(known, _)| known == key).map_or_else(|| "–".to_owned(), |(_, value)| value.clone())
    };
    let row = |key: &str| ComparisonRow {
        name: key.to_owned(),
        values: configurations.iter().map(|rows| value(rows, key)).collect(),
        best: vec![false; runs.len()],
    };
    let differs = |row: &ComparisonRow| row.values.iter().any(|value| *value != row.values[0]);
    keys.into_iter().map(row).filter(differs).collect()
}

fn charts(runs: &[Run], names: &[String]) -> Vec<Chart> {
    let series = |of: &dyn Fn(&Run) -> Vec<(f64, f64)>| {
        let series = |(run, name): (usize, &String)| Series {
            name: name.clone(),
            style: run % COLOURS,
            faint: false,
            points: of(&runs[run]),
        };
        names.iter().enumerate().map(series).collect()
    };
    let by_epoch = |of: fn(&Epoch) -> f64| {
        series(&|run| run.epochs.iter().map(|row| (row.epoch as f64, of(row))).collect())
    };
    let plot = |id: &str, title: &str, y: &str, series: Vec<Series>, written: fn(f64) -> String| Plot {
        id: id.to_owned(),
        title: title.to_owned(),
        description: format!("{title} of {}.", names.join(", ")),
        x: "epoch",
        y: y.to_owned(),
        series,
        from_zero: id == "rate",
        written,
    };
    let loss = |value| decimal(value, 4);
    let (word, lower) = (word(runs), word(runs).to_lowercase());
    [
        plot(
            "accuracy",
            &format!("{word} accuracy"),
            &format!("{lower} accuracy, %"),
            by_epoch(|row| 100.0 * row.measured.accuracy()),
            |value| format!("{}\u{a0}%", decimal(value, 2)),
        ),
        plot(
            "held-out-loss",
            &format!("{word} loss"),
            &format!("{lower} loss"),
            by_epoch(|row| row.measured.loss()),
            loss,
        ),
        plot("training-loss", "Training loss", "training loss", by_epoch(|row| row.train_loss), loss),
        plot(
            "rate",
            "Learning rate",
            "learning rate",
            series(&|run| run.steps.iter().map(|row| (row.epoch, row.lr)).collect()),
            significant,
        ),
    ]
    .into_iter()
    .filter(|plot| !plot.is_empty())
    .map(Plot::draw)
    .collect()
}
