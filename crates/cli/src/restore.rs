//! Brings a run folder back to what it was at a checkpoint.

use std::fs;
use std::io;
use std::path::Path;

use anyhow::{Context, Result};
use selvedge_nn::StateDict;
use selvedge_report::{Epoch, Step, tensorboard};
use selvedge_train::checkpoint::Snapshot;
use selvedge_train::trainer::{JsonLines, RestoredRows};

use crate::run::{ABOUT, BEST, METRICS, MODEL, REPORT, Run, SAMPLES, STEPS, TEST};

/// The models of a run folder: of the last epoch and of the best evaluation, which may both be earlier than a checkpoint.
pub(crate) const MODELS: &[&str] = &[MODEL, BEST];

/// The files of a run folder, beside the logs, that a checkpoint has copies of.
pub(crate) const COPIED: &[&str] = &[MODEL, BEST, ABOUT, SAMPLES];

/// The logs of a run folder. A checkpoint has copies of them, so that a damaged row can be restored.
pub(crate) const LOGS: &[&str] =
    &[METRICS, STEPS, "evaluations.jsonl", "statistics.jsonl", "predictions.jsonl"];

/// Restores the logs, the models, the event files and the report to what they were at `snapshot`, or at the beginning of
/// the run where there is none, and returns the rows of the epochs. What was damaged is told with `tell`.
pub(crate) fn to_checkpoint(
    run: &Run,
    snapshot: Option<&Snapshot>,
    tell: &mut dyn FnMut(String),
) -> Result<Vec<Epoch>> {
    let step = snapshot.map_or(0, |snapshot| snapshot.state.position.step);
    let copy_of = |name: &str| snapshot.and_then(|snapshot| snapshot.copy_of(name));
    for name in LOGS {
        restore_log(&run.directory().join(name), copy_of(name), step, tell)?;
    }
    let mut rolled_back = false;
    for name in MODELS {
        rolled_back |= restore_model(&run.directory().join(name), copy_of(name), step, tell)?;
    }
    let epochs: Vec<Epoch> = rows(copy_of(METRICS));
    let steps: Vec<Step> = rows(copy_of(STEPS));
    for damaged in tensorboard::restore(&run.directory().join("tensorboard"), step, &steps, &epochs)? {
        tell(format!(
            "{} is damaged: {}; its scalars are restored from the logs",
            damaged.path.display(),
            damaged.reason
        ));
    }
    if rolled_back {
        forget_findings(run, tell)?;
    }
    Ok(epochs)
}

fn restore_log(path: &Path, copy: Option<&[u8]>, step: u64, tell: &mut dyn FnMut(String)) -> Result<()> {
    let mut log = JsonLines::new(path);
    let RestoredRows { damaged, restored } = log.restore(copy, step)?;
    for row in &damaged {
        let aside = log.damaged_path();
        tell(format!(
            "{}, line {} is damaged: {}; the line is now in {}",
            path.display(),
            row.line,
            row.reason,
            aside.display()
        ));
    }
    if restored > 0 {
        let rows = if restored == 1 { "row is" } else { "rows are" };
        tell(format!("{}: {restored} {rows} restored from the checkpoint after step {step}", path.display()));
    }
    Ok(())
}

/// Gives a model file the content of the checkpoint's copy, and returns whether it had another one.
fn restore_model(path: &Path, copy: Option<&[u8]>, step: u64, tell: &mut dyn FnMut(String)) -> Result<bool> {
    let found = match fs::read(path) {
        Ok(bytes) => Some(bytes),
        Err(error) if error.kind() == io::ErrorKind::NotFound => None,
        Err(error) => return Err(error).with_context(|| format!("cannot read {}", path.display())),
    };
    if found.as_deref() == copy {
        return Ok(false);
    }
    if let Some(copy) = copy {
        // A whole file of a later epoch is replaced without a word.
        if let Err(error) = StateDict::load(path) {
            tell(format!("{error}; it is restored from the checkpoint after step {step}"));
        }
        selvedge_atomic::write_atomically(path, copy)?;
    } else {
        fs::remove_file(path).with_context(|| format!("cannot remove {}", path.display()))?;
    }
    Ok(true)
}

/// Removes what the test set told about another model, and makes the report without it.
fn forget_findings(run: &Run, tell: &mut dyn FnMut(String)) -> Result<()> {
    let findings = run.directory().join(TEST);
    if findings.exists() {
        fs::remove_file(&findings).with_context(|| format!("cannot remove {}", findings.display()))?;
    }
    if run.directory().join(REPORT).exists()
        && let Err(error) = selvedge_report::write(run.directory())
    {
        // It is made again when the training ends, from files that are then new.
        tell(format!("the report cannot be made yet: {error}"));
    }
    Ok(())
}

/// The rows of a copy, each of which was written by this program.
fn rows<T: serde::de::DeserializeOwned>(copy: Option<&[u8]>) -> Vec<T> {
    let lines = copy.into_iter().flat_map(|copy| copy.split(|byte| *byte == b'\n'));
    lines.filter_map(|line| serde_json::from_slice(line).ok()).collect()
}
