use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context, Result};
use clap::Args;
use selvedge_console::escaped_line;
use selvedge_report::{Comparison, ComparisonRow, Run};
use serde_json::{Map, Value, json};

use crate::output::Output;
use crate::path;

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
    let (long, short): (Vec<_>, Vec<_>) = comparison.differences.iter().cloned().partition(is_long);
    if !short.is_empty() {
        text += &(table(&comparison.names, &short) + "\n");
    }
    for row in &long {
        text += &(listed(&comparison.names, row) + "\n");
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
            "runs": comparison.names, "figures": figures, "differences": differences, "page": path::to_json(&arguments.out),
        })
    });
    Ok(ExitCode::SUCCESS)
}

/// The longest value that stands in a column of a table.
const COLUMN: usize = 40;
/// The longest line of a value that stands by itself.
const LINE: usize = 96;

/// Whether a value is too long for a column, as a list of transforms is.
fn is_long(row: &ComparisonRow) -> bool {
    row.values.iter().any(|value| value.chars().count() > COLUMN)
}

/// A row whose values stand one below the other, broken into lines.
fn listed(names: &[String], row: &ComparisonRow) -> String {
    let mut text = format!("{}\n", row.name);
    for (name, value) in names.iter().zip(&row.values) {
        text += &format!("  {name}\n");
        let letters: Vec<char> = value.chars().collect();
        for line in letters.chunks(LINE - 4) {
            text += &format!("    {}\n", line.iter().collect::<String>());
        }
    }
    text
}

/// The names in the first row, and each column as wide as it has to be.
fn table(names: &[String], rows: &[ComparisonRow]) -> String {
    // As they are shown, so that the columns fit. The values are of configurations, and the names of folders.
    let names: Vec<String> = names.iter().map(escaped_line).collect();
    let shown = |row: &ComparisonRow| ComparisonRow {
        name: escaped_line(&row.name),
        values: row.values.iter().map(escaped_line).collect(),
        best: row.best.clone(),
    };
    let rows: Vec<ComparisonRow> = rows.iter().map(shown).collect();
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
    let heading = line("", &names);
    rows.iter().fold(heading, |text, row| text + &line(&row.name, &row.values))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_values_are_broken_and_short_ones_stand_in_a_table() {
        let row = |values: [&str; 2]| ComparisonRow {
            name: "data.augment".to_owned(),
            values: values.map(str::to_owned).to_vec(),
            best: vec![false; 2],
        };
        let names = ["mlp-1".to_owned(), "mlp-2".to_owned()];
        let transforms = r#"{"type": "RandomCrop", "size": [28, 28], "padding": 2}, "#.repeat(7);
        let long = row(["[]", &transforms]);
        assert!(is_long(&long) && !is_long(&row(["[]", "none"])));
        let text = listed(&names, &long);
        assert!(text.lines().all(|line| line.chars().count() <= LINE), "{text}");
        assert!(text.starts_with("data.augment\n  mlp-1\n    []\n  mlp-2\n    {"), "{text}");
        let whole: String = text.lines().skip(4).map(|line| &line[4..]).collect();
        assert_eq!(whole, transforms);
    }
}
