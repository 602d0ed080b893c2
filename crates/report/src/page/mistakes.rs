use crate::{Findings, PicturedMistake, figures};

/// A mistake, as the page shows it.
pub(super) struct Slip {
    pub(super) image: String,
    pub(super) width: usize,
    pub(super) height: usize,
    pub(super) number: String,
    pub(super) truth: String,
    pub(super) predicted: String,
    pub(super) confidence: String,
    pub(super) truth_probability: String,
}

pub(super) fn slips(findings: &Findings) -> Vec<Slip> {
    let name = |class| class_name(&findings.classes, class);
    let slip = |PicturedMistake { mistake, image }: &PicturedMistake| Slip {
        image: image.data_uri(),
        width: image.width,
        height: image.height,
        number: figures::count(mistake.index as u64),
        truth: name(mistake.truth),
        predicted: name(mistake.predicted),
        confidence: sure(mistake.confidence),
        truth_probability: sure(mistake.truth_probability),
    };
    findings.mistakes.iter().map(slip).collect()
}

/// Its number where it has no name.
pub(super) fn class_name(names: &[String], class: usize) -> String {
    names.get(class).map_or_else(|| class.to_string(), String::clone)
}

/// A probability that is never shown as certain.
pub(super) fn sure(probability: f64) -> String {
    match figures::percent(probability, 1) {
        text if text.starts_with("100.0") => ">99.9\u{a0}%".to_owned(),
        text if text.starts_with("0.0") => "<0.1\u{a0}%".to_owned(),
        text => text,
    }
}
