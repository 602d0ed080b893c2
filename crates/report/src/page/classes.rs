use crate::{Findings, figures};

/// The table of the classes.
pub(super) struct Classes {
    pub(super) rows: Vec<Row>,
    /// The means over the classes.
    pub(super) mean: [String; 3],
    pub(super) images: String,
    /// The hardest class, in a sentence.
    pub(super) hardest: String,
}

pub(super) struct Row {
    pub(super) class: String,
    pub(super) precision: String,
    pub(super) recall: String,
    pub(super) f1: String,
    pub(super) support: String,
    /// The length of the bar, in percent.
    pub(super) bar: String,
}

impl Classes {
    pub(super) fn of(findings: &Findings) -> Self {
        let scores = &findings.scores;
        let named = || findings.classes.iter().zip(scores);
        let row = |(class, score): (&String, &crate::ClassScore)| Row {
            class: class.clone(),
            precision: figures::percent(score.precision, 1),
            recall: figures::percent(score.recall, 1),
            f1: figures::percent(score.f1, 1),
            support: figures::count(score.support),
            bar: format!("{:.1}", 100.0 * score.f1),
        };
        let mean = |of: fn(&crate::ClassScore) -> f64| {
            figures::percent(scores.iter().map(of).sum::<f64>() / scores.len() as f64, 1)
        };
        let hardest = named().min_by(|left, right| left.1.f1.total_cmp(&right.1.f1)).map_or_else(
            String::new,
            |(class, score)| {
                format!("The hardest class is {class}, with an F1 of {}.", figures::percent(score.f1, 1))
            },
        );
        Self {
            rows: named().map(row).collect(),
            mean: [mean(|score| score.precision), mean(|score| score.recall), mean(|score| score.f1)],
            images: figures::count(scores.iter().map(|score| score.support).sum::<u64>()),
            hardest,
        }
    }
}
