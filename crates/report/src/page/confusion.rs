use crate::{Findings, figures};

/// The matrix as a table.
pub(super) struct Confusion {
    pub(super) classes: Vec<String>,
    pub(super) rows: Vec<Row>,
    /// The pair that is mixed up most, in a sentence.
    pub(super) worst: String,
}

pub(super) struct Row {
    pub(super) class: String,
    pub(super) cells: Vec<Cell>,
}

pub(super) struct Cell {
    pub(super) count: String,
    /// What the cell says when the pointer is over it.
    pub(super) told: String,
    /// `hit` on the diagonal, `weak hit` where it is less than half of the row, `miss` beside it, `none` where there is nothing.
    pub(super) kind: &'static str,
    /// How dark it is, in percent.
    pub(super) shade: u32,
}

impl Confusion {
    pub(super) fn of(findings: &Findings) -> Self {
        let name = |class: usize| findings.classes.get(class).map_or("?", String::as_str);
        let row = |(truth, counts): (usize, &Vec<i64>)| {
            let total = counts.iter().sum::<i64>().max(1) as f64;
            let cell = |(predicted, &count): (usize, &i64)| {
                let share = count as f64 / total;
                Cell {
                    count: count.to_string(),
                    told: format!(
                        "{} taken for {}: {}",
                        name(truth),
                        name(predicted),
                        figures::percent(share, 1)
                    ),
                    kind: match count {
                        0 => "none",
                        _ if truth != predicted => "miss",
                        _ if share < 0.5 => "weak hit",
                        _ => "hit",
                    },
                    shade: if truth == predicted { hit(share) } else { miss(share) },
                }
            };
            Row { class: name(truth).to_owned(), cells: counts.iter().enumerate().map(cell).collect() }
        };
        let pairs = findings.confusion.iter().enumerate().flat_map(|(truth, counts)| {
            counts
                .iter()
                .enumerate()
                .filter(move |(predicted, _)| *predicted != truth)
                .map(move |(predicted, count)| (*count, truth, predicted))
        });
        let worst = pairs.max_by_key(|pair| pair.0).filter(|pair| pair.0 > 0).map_or_else(
            || "Every image is recognised.".to_owned(),
            |(count, truth, predicted)| {
                format!(
                    "Most often mixed up: {} taken for {}, {} times.",
                    name(truth),
                    name(predicted),
                    figures::count(count)
                )
            },
        );
        Self {
            classes: findings.classes.clone(),
            rows: findings.confusion.iter().enumerate().map(row).collect(),
            worst,
        }
    }
}

/// There are no middle shades: neither dark nor bright figures could be read on them.
fn hit(share: f64) -> u32 {
    (100.0 * if share < 0.5 { 0.1 + 0.8 * share } else { 0.56 + 0.44 * share }) as u32
}

/// The root shows small shares, too; a tenth of a class that is lost is a lot.
fn miss(share: f64) -> u32 {
    (100.0 * (2.0 * share).min(1.0).sqrt()) as u32
}
