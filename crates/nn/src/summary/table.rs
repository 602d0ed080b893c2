use std::fmt;

use super::{LayerSummary, Summary};

const HEADER: [&str; 5] = ["Layer", "Type", "Output", "Parameters", "Multiply-adds"];

/// The columns that hold text; numbers stand to the right.
const TEXT_COLUMNS: usize = 3;

impl fmt::Display for Summary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let header = HEADER.map(str::to_owned);
        let total = [
            "Total".to_owned(),
            String::new(),
            String::new(),
            grouped(self.parameters as i64),
            grouped(self.multiply_adds),
        ];
        let rows: Vec<_> = std::iter::once(header)
            .chain(self.layers.iter().map(row))
            .chain(std::iter::once(total))
            .collect();
        let widths: [usize; HEADER.len()] =
            std::array::from_fn(|column| rows.iter().map(|row| row[column].len()).max().unwrap_or(0));
        for (line, row) in rows.iter().enumerate() {
            if line > 0 {
                writeln!(f)?;
            }
            for (column, (cell, width)) in row.iter().zip(widths).enumerate() {
                let gap = if column > 0 { "  " } else { "" };
                if column < TEXT_COLUMNS {
                    write!(f, "{gap}{cell:width$}")?;
                } else {
                    write!(f, "{gap}{cell:>width$}")?;
                }
            }
        }
        if self.trained_parameters < self.parameters {
            write!(f, "\nTrained{:>1$}", grouped(self.trained_parameters as i64), {
                let [layer, name, output, parameters, _] = widths;
                (layer + name + output + parameters + 6) - "Trained".len()
            })?;
        }
        Ok(())
    }
}

fn row(layer: &LayerSummary) -> [String; HEADER.len()] {
    let output = layer.output.as_ref().map_or_else(|| "did not run".to_owned(), |size| format!("{size:?}"));
    [
        layer.path.clone(),
        layer.name.clone(),
        output,
        grouped(layer.parameters as i64),
        grouped(layer.multiply_adds),
    ]
}

/// `1234567` as `1,234,567`.
fn grouped(number: i64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}
