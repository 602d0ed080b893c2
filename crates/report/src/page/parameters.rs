use selvedge_train::trainer::{ParameterStatistics, Statistics};

use crate::Run;
use crate::chart::{Chart, Plot, Series};
use crate::figures::significant;

/// As many lines can be told apart by their colours.
const LINES: usize = 8;

/// How large the parameters and their gradients were.
pub(super) struct Parameters {
    /// Those that have a line, in the order of the colours.
    pub(super) names: Vec<String>,
    /// Whether others have none.
    pub(super) more: usize,
    pub(super) charts: Vec<Chart>,
}

impl Parameters {
    /// The weights before the biases: they are what a training is about.
    pub(super) fn of(run: &Run) -> Option<Self> {
        let mut names: Vec<&str> =
            run.statistics.first()?.parameters.iter().map(|parameter| parameter.name.as_str()).collect();
        let all = names.len();
        if all > LINES {
            names.sort_by_key(|name| name.ends_with("bias"));
        }
        names.truncate(LINES);
        let plots = [
            plot(run, &names, "gradients", "Norm of the gradients", |found| found.gradient),
            plot(run, &names, "values", "Norm of the parameters", |found| Some(found.values)),
        ];
        let charts = plots.into_iter().filter(|plot| !plot.is_empty()).map(Plot::draw).collect();
        Some(Self { more: all - names.len(), names: names.into_iter().map(str::to_owned).collect(), charts })
    }
}

fn plot(
    run: &Run,
    names: &[&str],
    id: &str,
    title: &str,
    of: fn(&ParameterStatistics) -> Option<Statistics>,
) -> Plot {
    let series = |(style, name): (usize, &&str)| Series {
        name: (*name).to_owned(),
        style,
        faint: false,
        points: run
            .statistics
            .iter()
            .map(|row| {
                let found = row.parameters.iter().find(|parameter| parameter.name == **name);
                (row.step as f64, found.and_then(of).map_or(f64::NAN, |found| found.norm))
            })
            .collect(),
    };
    Plot {
        id: id.to_owned(),
        title: format!("{title} by step"),
        description: format!("{title} of {}.", names.join(", ")),
        x: "step",
        y: title.to_lowercase(),
        series: names.iter().enumerate().map(series).collect(),
        from_zero: true,
        written: significant,
    }
}
