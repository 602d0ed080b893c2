use selvedge_train::trainer::PredictionRow;

use super::mistakes::{class_name, sure};
use crate::{Run, Samples, figures};

/// As many images are shown.
const IMAGES: usize = 24;
/// As many bars can be told apart.
const BARS: usize = 60;

/// What the network made of the same images after each epoch.
pub(super) struct Followed {
    /// Images that are not shown.
    pub(super) more: usize,
    /// Whether only some of the epochs have a bar.
    pub(super) thinned: bool,
    pub(super) cards: Vec<Card>,
}

/// An image with its predictions.
pub(super) struct Card {
    pub(super) image: String,
    pub(super) width: usize,
    pub(super) height: usize,
    pub(super) number: String,
    pub(super) truth: String,
    pub(super) predicted: String,
    pub(super) confidence: String,
    pub(super) right: bool,
    /// How it went, in words.
    pub(super) course: String,
    pub(super) bars: Vec<Bar>,
}

/// A prediction: its height is the probability, of 100.
pub(super) struct Bar {
    pub(super) x: String,
    pub(super) y: String,
    pub(super) width: String,
    pub(super) height: String,
    pub(super) right: bool,
    pub(super) told: String,
}

impl Followed {
    /// None where nothing was predicted yet, or the files are not of each other.
    pub(super) fn of(run: &Run) -> Option<Self> {
        let samples = run.samples.as_ref()?;
        let count = samples.images.len();
        let whole = |row: &&PredictionRow| row.classes.len() == count && row.confidences.len() == count;
        let rows: Vec<&PredictionRow> = run.predictions.iter().filter(whole).collect();
        if rows.is_empty() || count == 0 {
            return None;
        }
        let shown = count.min(IMAGES);
        let cards = (0..shown).map(|index| card(run, samples, &rows, index)).collect();
        Some(Self { more: count - shown, thinned: rows.len() > BARS, cards })
    }
}

fn card(run: &Run, samples: &Samples, rows: &[&PredictionRow], index: usize) -> Card {
    let sample = &samples.images[index];
    let name = |class| class_name(&samples.classes, class);
    let taken = |row: &PredictionRow| usize::try_from(row.classes[index]).unwrap_or(usize::MAX);
    let is_right = |row: &PredictionRow| taken(row) == sample.truth;
    let when = |row: &PredictionRow| match run.epochs.iter().find(|epoch| epoch.step == row.step) {
        Some(epoch) => format!("epoch {}", epoch.epoch),
        None => format!("step {}", figures::count(row.step)),
    };
    let last = rows[rows.len() - 1];
    let kept = thinned(rows);
    let step = 100.0 / kept.len() as f64;
    let bar = |(place, row): (usize, &&PredictionRow)| {
        // Also where there is none.
        let height = (100.0 * row.confidences[index]).clamp(1.0, 100.0).max(1.0);
        Bar {
            x: format!("{:.2}", step * place as f64),
            y: format!("{:.1}", 100.0 - height),
            width: format!("{:.2}", step * 0.86),
            height: format!("{height:.1}"),
            right: is_right(row),
            told: format!("{}: {}, {}", when(row), name(taken(row)), sure(row.confidences[index])),
        }
    };
    let changes = rows.windows(2).filter(|pair| taken(pair[0]) != taken(pair[1])).count();
    let course = match (is_right(rows[0]), is_right(last), changes) {
        (true, true, 0) => "recognised throughout".to_owned(),
        (false, false, 0) => format!("taken for {} throughout", name(taken(last))),
        (_, true, _) => {
            let since = rows.iter().rposition(|row| !is_right(row)).map_or(0, |wrong| wrong + 1);
            format!("recognised since {}", when(rows[since]))
        }
        (..) => "not recognised at the end".to_owned(),
    };
    Card {
        image: sample.image.data_uri(),
        width: sample.image.width,
        height: sample.image.height,
        number: figures::count(index as u64 + 1),
        truth: name(sample.truth),
        predicted: name(taken(last)),
        confidence: sure(last.confidences[index]),
        right: is_right(last),
        course,
        bars: kept.iter().enumerate().map(bar).collect(),
    }
}

/// Rows evenly apart, the last one among them.
fn thinned<'a>(rows: &[&'a PredictionRow]) -> Vec<&'a PredictionRow> {
    let bars = rows.len().min(BARS);
    (1..=bars).map(|bar| rows[bar * rows.len() / bars - 1]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rows_that_have_a_bar_are_apart_evenly_and_end_with_the_last() {
        let rows: Vec<PredictionRow> =
            (1..=150).map(|step| PredictionRow { step, classes: vec![], confidences: vec![] }).collect();
        let steps = |count: usize| -> Vec<u64> {
            let rows: Vec<&PredictionRow> = rows[..count].iter().collect();
            thinned(&rows).iter().map(|row| row.step).collect()
        };
        assert_eq!(steps(60), (1..=60).collect::<Vec<_>>());
        let kept = steps(150);
        assert_eq!((kept.len(), kept[59]), (60, 150));
        assert!(kept.windows(2).all(|pair| (2..=3).contains(&(pair[1] - pair[0]))), "{kept:?}");
    }
}
