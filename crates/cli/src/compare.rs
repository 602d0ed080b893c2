use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context, Result};
use clap::Args;
use selvedge_report::{Comparison, ComparisonRow, Run};
use serde_json::{Map, Value, json};

use crate::output::Output;

/// Put runs side by side: a table, and a page with their curves.
#[derive(Debug, Args)]
#[command(after_help = "Example: cargo xtask compare runs/mlp-1 runs/cnn-1")]
pub(crate) struct Arguments {
    /// The folders that `train` made
    #[arg(required = true, num_args = 2..)]
    runs: Vec<PathBuf>,
    /// Where the page goes
    #[arg(long, value_name = "FILE", default_value = "compare.html")]
    out: PathBuf,
    #[command(flatten)]
    output: Output,
}

pub(crate) fn run(arguments: &Arguments) -> Result<ExitCode> {
    let runs: Vec<Run> = arguments.runs.iter().map(|run| Run::read(run)).collect::<Result<_, _>>()?;
    let comparison = Comparison::of(&runs)?;
    let mut text = table(&comparison.names, &comparison.figures) + "\n";
    if !comparison.differences.is_empty() {
        text += &(table(&comparison.names, &comparison.differences) + "\n");
    }
    selvedge_atomic::write_atomically(&arguments.out, comparison.page.as_bytes())
        .with_context(|| format!("cannot write the comparison {}", arguments.out.display()))?;
    text += &format!("the curves are in {}", arguments.out.display());
    arguments.output.say(text, || {
        let rows = |rows: &[ComparisonRow]| -> Map<String, Value> {
            rows.iter().map(|row| (row.name.clone(), json!(row.values))).collect()
        };
        let (figures, differences) = (rows(&comparison.figures), rows(&comparison.differences));
        json!({
            "runs": comparison.names, "figures": figures, "differences": differences, "page": arguments.out,
        })
    });
    Ok(ExitCode::SUCCESS)
}

/// The names in the first row, and each column as wide as it has to be.
fn table(names: &[String], rows: &[ComparisonRow]) -> String {
    let width =
        |texts: &mut dyn Iterator<Item = &String>| texts.map(|text| text.chars().count()).max().unwrap_or(0);
    let first = width(&mut rows.iter().map(|row| &row.name));
    let others: Vec<usize> = (0..names.len())
        .map(|run| width(&mut rows.iter().map(|row| &row.values[run]).chain([&names[run]])))
        .collect();
    let line = |name: &str, values: &[String]| {
        let values = values.iter().zip(&others).map(|(value, width)| format!("  {value:>width$}"));
        format!("{name:<first$}{}\n", values.collect::<String>())
    };
    let heading = line("", names);
    rows.iter().fold(heading, |text, row| text + &line(&row.name, &row.values))
}
