use crate::{Run, figures};

/// A figure that the page begins with.
pub(super) struct Tile {
    pub(super) name: &'static str,
    pub(super) value: String,
    pub(super) note: String,
}

/// What was done, in a sentence.
pub(super) fn lede(run: &Run) -> String {
    let about = &run.about;
    let mut text = String::new();
    if !about.network.is_empty() {
        text = format!(
            "The network {} with {} parameters, ",
            about.network,
            figures::count(about.parameters as u64)
        );
    }
    let epochs = run.epochs.len();
    let plural = if epochs == 1 { "" } else { "s" };
    text.push_str(&format!("trained for {epochs} epoch{plural}"));
    if about.training_images > 0 {
        let (training, test) = (about.training_images as u64, about.test_images as u64);
        let (training, test) = (figures::count(training), figures::count(test));
        text.push_str(&format!(" on {training} images of {}, tested on {test}", about.dataset));
    }
    text.push('.');
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

pub(super) fn tiles(run: &Run) -> Vec<Tile> {
    let mut tiles = Vec::new();
    let Some(last) = run.epochs.last() else { return tiles };
    let best = run.epochs.iter().max_by(|left, right| left.test_accuracy.total_cmp(&right.test_accuracy));
    let note = best.filter(|best| best.epoch != last.epoch).map_or_else(
        || "on the test set, the best of all epochs".to_owned(),
        |best| {
            format!("on the test set; {} in epoch {}", figures::percent(best.test_accuracy, 2), best.epoch)
        },
    );
    let note = if run.epochs.len() == 1 { "on the test set".to_owned() } else { note };
    tiles.push(Tile { name: "Accuracy", value: figures::percent(last.test_accuracy, 2), note });
    tiles.push(Tile {
        name: "Test loss",
        value: figures::decimal(last.test_loss, 4),
        note: format!("training loss {}", figures::decimal(last.train_loss, 4)),
    });
    if let Some(findings) = &run.findings {
        tiles.push(Tile {
            name: "Calibration error",
            value: figures::percent(findings.calibration_error, 2),
            note: "confidence against accuracy".to_owned(),
        });
    }
    let seconds: f64 = run.epochs.iter().map(|row| row.seconds).sum();
    let images = run.about.training_images * run.epochs.len();
    let note = if images > 0 {
        format!("{} images per second", figures::count((images as f64 / seconds).round() as i64))
    } else {
        "without the tests".to_owned()
    };
    tiles.push(Tile { name: "Training time", value: figures::duration(seconds), note });
    if run.about.parameters > 0 {
        tiles.push(Tile {
            name: "Parameters",
            value: figures::count(run.about.parameters as u64),
            note: format!("on {}", run.about.environment.device),
        });
    }
    tiles
}
