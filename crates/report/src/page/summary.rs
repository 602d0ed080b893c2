use crate::{Epoch, HeldOut, Run, figures};

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
        text.push_str(&format!(" on {} images of {}", images(about.training_images), about.dataset));
        if about.validation_images > 0 {
            text.push_str(&format!(", validated on {}", images(about.validation_images)));
        }
        if about.test_images > 0 {
            text.push_str(&format!(", tested on {}", images(about.test_images)));
        }
    }
    text.push('.');
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

fn images(count: usize) -> String {
    figures::count(count as u64)
}

pub(super) fn tiles(run: &Run) -> Vec<Tile> {
    let mut tiles = Vec::new();
    let Some(last) = run.epochs.last() else { return tiles };
    let held_out = run.held_out();
    let place = format!("on the {} set", held_out.word());
    let accuracy = |row: &Epoch| row.measured.accuracy();
    // NaN, which is the largest in the order of `total_cmp`, is never the best.
    let defined = run.epochs.iter().filter(|row| !accuracy(row).is_nan());
    let best = defined.max_by(|left, right| accuracy(left).total_cmp(&accuracy(right)));
    let note = match best.filter(|best| best.epoch != last.epoch) {
        _ if run.epochs.len() == 1 || best.is_none() => place,
        None => format!("{place}, the best of all epochs"),
        Some(best) => format!("{place}; {} in epoch {}", figures::percent(accuracy(best), 2), best.epoch),
    };
    tiles.push(Tile { name: "Accuracy", value: figures::percent(accuracy(last), 2), note });
    if let Some(findings) = run.findings.as_ref().filter(|_| held_out == HeldOut::Validation) {
        tiles.push(Tile {
            name: "Test accuracy",
            value: figures::percent(findings.accuracy, 2),
            note: format!("on the test set, loss {}", figures::decimal(findings.loss, 4)),
        });
    }
    tiles.push(Tile {
        name: match held_out {
            HeldOut::Test => "Test loss",
            HeldOut::Validation => "Validation loss",
        },
        value: figures::decimal(last.measured.loss(), 4),
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
        "without the measuring".to_owned()
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
