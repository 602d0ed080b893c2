use std::fs;
use std::path::{Path, PathBuf};

use super::error::Result;
use super::{CheckpointError, Snapshot, folder};

/// What [`latest_good`] found.
#[derive(Debug)]
pub struct Found {
    /// The last checkpoint that is whole, and what is in it; `None` where there is none.
    pub good: Option<(PathBuf, Snapshot)>,
    /// Those after it, from the last on, that are not.
    pub damaged: Vec<Damaged>,
}

/// A checkpoint that can not be used.
#[derive(Debug)]
pub struct Damaged {
    /// Its folder.
    pub path: PathBuf,
    /// What is wrong with it.
    pub error: CheckpointError,
}

impl Damaged {
    /// Gives the folder another name, so that its place is free for the same step of a training that goes on from an
    /// earlier one. The name is the old one with `.damaged`, or with `.damaged-2` and so on where that is taken.
    ///
    /// # Errors
    ///
    /// When it cannot be renamed.
    pub fn set_aside(&self) -> Result<PathBuf> {
        let named = |number: u32| {
            let mut name = self.path.clone().into_os_string();
            name.push(if number == 1 { ".damaged".to_owned() } else { format!(".damaged-{number}") });
            PathBuf::from(name)
        };
        // A link that leads nowhere takes a name as well.
        let free = (1..).map(named).find(|aside| fs::symlink_metadata(aside).is_err());
        let aside = free.unwrap_or_else(|| named(1));
        fs::rename(&self.path, &aside).map_err(CheckpointError::io("rename", &self.path))?;
        Ok(aside)
    }
}

/// The last checkpoint in `folder` that is whole: each is verified, from the last on, until one is good.
///
/// # Errors
///
/// When the folder can not be read. A damaged checkpoint is no error here, but told.
pub fn latest_good(folder: &Path) -> Result<Found> {
    let mut damaged = Vec::new();
    for step in folder::steps(folder)? {
        let path = folder::path(folder, step);
        match Snapshot::read(&path) {
            Ok(snapshot) => return Ok(Found { good: Some((path, snapshot)), damaged }),
            Err(error) => damaged.push(Damaged { path, error }),
        }
    }
    Ok(Found { good: None, damaged })
}

/// All checkpoints in `folder`, from the last to the first, and what is wrong with each that is damaged.
///
/// # Errors
///
/// When the folder cannot be read.
pub fn examine(folder: &Path) -> Result<Vec<(PathBuf, Option<CheckpointError>)>> {
    let paths = folder::steps(folder)?.into_iter().map(|step| folder::path(folder, step));
    Ok(paths.map(|path| (path.clone(), Snapshot::read(&path).err())).collect())
}
