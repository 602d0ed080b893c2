use crate::chart::{Chart, Plot, Series};
use crate::figures::{count, decimal, percent, significant};
use crate::{Epoch, Run, Step};

/// Loss, accuracy, learning rate and throughput; without those that have no values.
pub(super) fn charts(run: &Run) -> Vec<Chart> {
    [loss(run), accuracy(run), learning_rate(run), throughput(run)]
        .into_iter()
        .filter(|plot| !plot.is_empty())
        .map(Plot::draw)
        .collect()
}

fn by_epoch(run: &Run, value: impl Fn(&Epoch) -> f64) -> Vec<(f64, f64)> {
    run.epochs.iter().map(|row| (row.epoch as f64, value(row))).collect()
}

fn by_step(run: &Run, value: impl Fn(&Step) -> f64) -> Vec<(f64, f64)> {
    run.steps.iter().map(|row| (row.epoch, value(row))).collect()
}

fn line(name: &str, style: usize, points: Vec<(f64, f64)>) -> Series {
    Series { name: name.to_owned(), style, faint: false, points }
}

fn faint(name: &str, style: usize, points: Vec<(f64, f64)>) -> Series {
    Series { faint: true, ..line(name, style, points) }
}

fn loss(run: &Run) -> Plot {
    let ends = |of: fn(&Epoch) -> f64| match (run.epochs.first(), run.epochs.last()) {
        (Some(first), Some(last)) => format!("from {} to {}", decimal(of(first), 4), decimal(of(last), 4)),
        _ => "unknown".to_owned(),
    };
    let mut series = Vec::new();
    if !run.steps.is_empty() {
        series.push(faint("training, step by step", 0, by_step(run, |row| row.loss)));
    }
    series.push(line("training", 0, by_epoch(run, |row| row.train_loss)));
    let held_out = run.held_out().word();
    series.push(line(held_out, 1, by_epoch(run, |row| row.measured.loss())));
    Plot {
        id: "loss".to_owned(),
        title: "Loss by epoch".to_owned(),
        description: format!(
            "The training loss goes {}, the {held_out} loss {}.",
            ends(|row| row.train_loss),
            ends(|row| row.measured.loss())
        ),
        x: "epoch",
        y: "loss".to_owned(),
        series,
        from_zero: false,
        written: |value| decimal(value, 4),
    }
}

fn accuracy(run: &Run) -> Plot {
    let last = run.epochs.last().map_or(f64::NAN, |row| row.measured.accuracy());
    let held_out = run.held_out().word();
    Plot {
        id: "accuracy".to_owned(),
        title: "Accuracy by epoch".to_owned(),
        description: format!("The accuracy on the {held_out} set is {} in the end.", percent(last, 2)),
        x: "epoch",
        y: format!("{held_out} accuracy, %"),
        series: vec![line(held_out, 1, by_epoch(run, |row| 100.0 * row.measured.accuracy()))],
        from_zero: false,
        written: |value| format!("{}\u{a0}%", decimal(value, 2)),
    }
}

fn learning_rate(run: &Run) -> Plot {
    Plot {
        id: "rate".to_owned(),
        title: "Learning rate by epoch".to_owned(),
        description: "The learning rate of the first parameter group.".to_owned(),
        x: "epoch",
        y: "learning rate".to_owned(),
        series: vec![faint("learning rate", 0, by_step(run, |row| row.lr))],
        from_zero: true,
        written: significant,
    }
}

fn throughput(run: &Run) -> Plot {
    let written = |value: f64| format!("{} images/s", count(value.round() as i64));
    let images = run.about.training_images as f64;
    let mut series = Vec::new();
    if !run.steps.is_empty() {
        series.push(faint("step by step", 0, by_step(run, |row| row.images_per_second)));
    }
    if images > 0.0 {
        series.push(line("epoch", 0, by_epoch(run, |row| images / row.seconds)));
    }
    Plot {
        id: "throughput".to_owned(),
        title: "Throughput by epoch".to_owned(),
        description: "Images learnt in a second.".to_owned(),
        x: "epoch",
        y: "images per second".to_owned(),
        series,
        from_zero: true,
        written,
    }
}
