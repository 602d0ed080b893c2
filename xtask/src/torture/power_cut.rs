//! Power cuts: what a run asks the system to write is recorded, cut at every point and partly lost, as far as POSIX allows.
//!
//! A write lasts once its file is synchronised after it, and a name once its folder is. What does not last yet may be lost,
//! each by itself. From what is left the run has to be resumed, or begun where it had not come far, to the weights of the
//! undisturbed one.

mod disk;
mod record;

use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Result, ensure};
use selvedge_console::print_line;

use self::disk::{Disk, Operation};
use super::Scene;
use super::random::Random;

const KIND: &str = "power cut";

/// What becomes of what does not last yet.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Loss {
    /// Nothing is lost, as when the process alone is killed.
    Nothing,
    /// All of it is.
    Everything,
    /// Names last and contents do not: files of zeros or of no length.
    Contents,
    /// Contents last and names do not.
    Names,
    /// Each by itself, drawn.
    Some,
}

const LOSSES: [Loss; 5] = [Loss::Everything, Loss::Contents, Loss::Some, Loss::Names, Loss::Nothing];

pub(crate) fn attack(scene: &mut Scene<'_>) -> Result<()> {
    if Command::new("strace").arg("-V").output().is_err() {
        scene.skip("power cuts, which strace records; it is not installed".to_owned());
        return Ok(());
    }
    for (number, background) in ["false", "true"].into_iter().enumerate() {
        let recorded = scene.folder.join(format!("recorded-{number}"));
        fs::create_dir_all(&recorded)?;
        let options = options(background);
        let operations = record::record(scene.program, &recorded, &options)?;
        let syncs = operations.iter().filter(|operation| operation.is_sync()).count();
        print_line(format_args!(
            "  {} operations, {syncs} of them synchronise, checkpoints in the background: {background}",
            operations.len()
        ));
        let expected = fs::read(recorded.join("run/model.safetensors"))?;
        replay(scene, &operations, &options, &expected, number)?;
    }
    Ok(())
}

fn options(background: &str) -> Vec<String> {
    let set = [
        "data.limit=200",
        "data.validation=0.2",
        "fit.epochs=2",
        "optimizer.type=SGD",
        "checkpoint.every_steps=2",
        "checkpoint.keep_last=2",
    ];
    let set =
        set.iter().map(|option| (*option).to_owned()).chain([format!("checkpoint.background={background}")]);
    set.flat_map(|option| ["--set".to_owned(), option]).collect()
}

/// Cuts the power in an order in which the whole run is seen even where the time does not suffice for every point.
fn replay(
    scene: &mut Scene<'_>,
    operations: &[Operation],
    options: &[String],
    expected: &[u8],
    half: usize,
) -> Result<()> {
    let share = scene.share_until(half, 2);
    let mut points: Vec<(usize, Loss)> =
        (0..=operations.len()).flat_map(|point| LOSSES.map(|loss| (point, loss))).collect();
    for index in (1..points.len()).rev() {
        points.swap(index, scene.random.below(index + 1));
    }
    let all = points.len();
    let mut done = 0;
    for (point, loss) in points {
        if !scene.goes_on() || std::time::Instant::now() > share {
            break;
        }
        done += 1;
        let folder = scene.folder.join("cut");
        fs::create_dir_all(&folder)?;
        let mut random = Random::new(scene.random.next());
        let disk = Disk::after(&operations[..point], loss, &mut random);
        disk.write(&folder.join("run"))?;
        let left = scene.folder.join("left");
        let _ = fs::remove_dir_all(&left);
        super::copy(&folder, &left)?;
        scene.tried(KIND);
        if let Some(fault) = resumed(scene, &folder, options, expected)? {
            let what = format!("{fault}\nafter {point} of {} operations, lost: {loss:?}", operations.len());
            scene.failed(KIND, &what, &left)?;
        }
        fs::remove_dir_all(&folder)?;
    }
    print_line(format_args!("  {done} of {all} cuts"));
    Ok(())
}

/// What is wrong with the run after it was resumed.
fn resumed(scene: &Scene<'_>, folder: &Path, options: &[String], expected: &[u8]) -> Result<Option<String>> {
    let arguments = match folder.join("run/config.json").exists() {
        true => vec!["resume".to_owned(), "run".to_owned()],
        false => [&["train", "--out", "run"].map(str::to_owned)[..], options].concat(),
    };
    let ended = scene.program.run(folder, &arguments)?;
    if let Some(fault) = ended.fault() {
        return Ok(Some(format!("{fault}\n{}", ended.told())));
    }
    if !ended.succeeded() {
        return Ok(Some(ended.told()));
    }
    let found = fs::read(folder.join("run/model.safetensors"))?;
    ensure!(!expected.is_empty(), "the undisturbed run has no model");
    Ok((found != expected)
        .then(|| format!("other weights than those of the undisturbed run\n{}", ended.told())))
}
