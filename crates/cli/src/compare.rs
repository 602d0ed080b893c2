use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context, Result};
use clap::Args;
use selvedge_report::{Comparison, ComparisonRow, Run};

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
}

pub(crate) fn run(arguments: &Arguments) -> Result<ExitCode> {
    let runs: Vec<Run> = arguments.runs.iter().map(|run| Run::read(run)).collect::<Result<_, _>>()?;
    let comparison = Comparison::of(&runs)?;
    print!("{}", table(&comparison.names, &comparison.figures));
    if !comparison.differences.is_empty() {
        print!("\n{}", table(&comparison.names, &comparison.differences));
    }
    selvedge_atomic::write_atomically(&arguments.out, comparison.page.as_bytes())
        .with_context(|| format!("cannot write the comparison {}", arguments.out.display()))?;
    println!("\nthe curves are in {}", arguments.out.display());
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
