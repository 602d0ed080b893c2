use std::fs;
use std::path::{Path, PathBuf};

use selvedge_atomic::AtomicDirectory;

use super::error::Result;
use super::{CheckpointError, Snapshot};

const PREFIX: &str = "step-";

/// The checkpoint of a step.
pub(super) fn path(folder: &Path, step: u64) -> PathBuf {
    folder.join(format!("{PREFIX}{step:08}"))
}

/// The steps that `folder` has checkpoints of, from the last to the first; none where there is no folder. Only names that
/// [`path`] gives count: `step-10` is somebody else's.
pub(super) fn steps(folder: &Path) -> Result<Vec<u64>> {
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(CheckpointError::io("read", folder)(error)),
    };
    let mut steps = Vec::new();
    for entry in entries {
        let name = entry.map_err(CheckpointError::io("read", folder))?.file_name();
        let step = name.to_str().and_then(|name| name.strip_prefix(PREFIX)?.parse::<u64>().ok());
        steps.extend(step.filter(|step| path(folder, *step).file_name() == Some(&*name)));
    }
    steps.sort_unstable_by(|one, other| other.cmp(one));
    Ok(steps)
}

/// Puts a checkpoint into the folder, whole or not at all.
pub(super) fn put(folder: &Path, snapshot: &Snapshot) -> Result<()> {
    let staged = AtomicDirectory::create(path(folder, snapshot.state.position.step))?;
    snapshot.write(staged.path())?;
    Ok(staged.commit()?)
}

/// Removes all but the last checkpoints and the best.
pub(super) fn prune(folder: &Path, keep_last: usize, best: Option<u64>) -> Result<()> {
    for step in steps(folder)?.into_iter().skip(keep_last).filter(|step| Some(*step) != best) {
        let path = path(folder, step);
        // A file or a link of that name is no checkpoint, and not ours to remove.
        if fs::symlink_metadata(&path).is_ok_and(|found| found.is_dir()) {
            fs::remove_dir_all(&path).map_err(CheckpointError::io("remove", path))?;
        }
    }
    Ok(())
}
