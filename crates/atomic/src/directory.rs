//! A directory that is there whole or not at all.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use tempfile::TempDir;

use crate::leftover::{LOCK, REPLACED, SUFFIX, prefix, remove_those};
use crate::place::{directory_of, sync_directory, sync_tree};
use crate::{Error, Result};

/// In the directory beside the place: what is to be put there.
const CONTENT: &str = "content";

/// A directory filled beside its place, and put there by [`commit`](Self::commit).
///
/// Dropped without it, it goes; left by a killed process, it changes nothing, and goes when the next one is made
/// for the same place. Several may be filled for one place at a time; the last to be committed stays.
#[derive(Debug)]
pub struct AtomicDirectory {
    place: PathBuf,
    content: PathBuf,
    /// Closing it releases the lock, so it goes before the directory that holds it.
    lock: File,
    staging: TempDir,
}

impl AtomicDirectory {
    /// Begins a directory for `place`, in the same directory, which has to be there.
    ///
    /// # Errors
    ///
    /// When it cannot be made.
    pub fn create(place: impl Into<PathBuf>) -> Result<Self> {
        let place = place.into();
        let directory = directory_of(&place);
        let prefix = prefix(&place);
        remove_those(directory, &prefix);
        loop {
            let staging = tempfile::Builder::new()
                .prefix(&prefix)
                .suffix(SUFFIX)
                .tempdir_in(directory)
                .map_err(Error::of("write in", directory))?;
            // Until the lock is held, another process may take the new directory for a leftover.
            if let Some(lock) = locked(&staging.path().join(LOCK))? {
                let content = staging.path().join(CONTENT);
                fs::create_dir(&content).map_err(Error::of("create", &content))?;
                return Ok(Self { place, content, lock, staging });
            }
        }
    }

    /// Where the directory is while it is filled.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.content
    }

    /// Puts the directory into its place, in the stead of what is there, with all its files on the disk itself.
    ///
    /// On Linux and macOS what was there before is exchanged in one step. Elsewhere, and on a file system that
    /// cannot do so, it is taken away first; a process that is killed in between leaves it to
    /// [`remove_leftovers`](crate::remove_leftovers) to put it back.
    ///
    /// # Errors
    ///
    /// When a file cannot be written or the directory cannot be renamed; then what was at the place before is
    /// still there.
    pub fn commit(self) -> Result<()> {
        let Self { place, content, lock, staging } = self;
        sync_tree(&content)?;
        let done = match fs::symlink_metadata(&place) {
            Ok(_) => exchange(&content, &place, &staging.path().join(REPLACED)),
            Err(_) => fs::rename(&content, &place),
        };
        done.map_err(Error::of("write", &place))?;
        sync_directory(directory_of(&place))?;
        drop(lock);
        // The directory is in its place, whatever becomes of the one that it replaced.
        let _ = staging.close();
        Ok(())
    }
}

/// Makes a file and locks it; `None` where its directory was removed meanwhile.
fn locked(path: &Path) -> Result<Option<File>> {
    match File::create_new(path) {
        Ok(file) => {
            // Where the file system has no locks, leftovers stay.
            let _ = file.lock();
            Ok(path.exists().then_some(file))
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(Error::of("create", path)(error)),
    }
}

/// Puts `content` at `place`, and what was there either where `content` was or at `aside`.
fn exchange(content: &Path, place: &Path, aside: &Path) -> io::Result<()> {
    if in_one_step(content, place) { Ok(()) } else { in_two_steps(content, place, aside) }
}

fn in_two_steps(content: &Path, place: &Path, aside: &Path) -> io::Result<()> {
    fs::rename(place, aside)?;
    fs::rename(content, place).or_else(|error| fs::rename(aside, place).and(Err(error)))
}

#[cfg(any(target_os = "linux", target_vendor = "apple"))]
fn in_one_step(one: &Path, other: &Path) -> bool {
    use rustix::fs::{CWD, RenameFlags, renameat_with};
    renameat_with(CWD, one, CWD, other, RenameFlags::EXCHANGE).is_ok()
}

#[cfg(not(any(target_os = "linux", target_vendor = "apple")))]
fn in_one_step(_: &Path, _: &Path) -> bool {
    false
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::remove_leftovers;

    fn count(directory: &Path) -> usize {
        fs::read_dir(directory).unwrap().count()
    }

    #[test]
    fn a_directory_replaces_another_whole_and_leaves_nothing_beside_it() {
        let root = tempfile::tempdir().unwrap();
        let place = root.path().join("thing");
        for content in ["one", "two"] {
            let staged = AtomicDirectory::create(&place).unwrap();
            fs::create_dir(staged.path().join("deep")).unwrap();
            fs::write(staged.path().join("deep").join(content), content).unwrap();
            staged.commit().unwrap();
        }
        assert!(place.join("deep/two").exists() && !place.join("deep/one").exists());
        assert_eq!(count(root.path()), 1);
    }

    #[test]
    fn without_an_exchange_what_was_there_goes_aside_or_comes_back() {
        let root = tempfile::tempdir().unwrap();
        let [content, place, aside] = ["content", "place", "aside"].map(|name| root.path().join(name));
        fs::create_dir_all(content.join("new")).unwrap();
        fs::create_dir_all(place.join("old")).unwrap();
        in_two_steps(&content, &place, &aside).unwrap();
        assert!(place.join("new").exists() && aside.join("old").exists());
        fs::remove_dir_all(&aside).unwrap();
        exchange(&root.path().join("missing"), &place, &aside).unwrap_err();
        assert!(place.join("new").exists() && !aside.exists());
    }

    #[test]
    fn a_dropped_directory_and_a_killed_one_s_remains_go() {
        let root = tempfile::tempdir().unwrap();
        let place = root.path().join("thing");
        let remains = root.path().join(".thing.aBc.unfinished");
        fs::create_dir_all(remains.join(CONTENT)).unwrap();
        fs::write(remains.join(LOCK), "").unwrap();
        let live = AtomicDirectory::create(&place).unwrap();
        assert!(!remains.exists());
        let other = AtomicDirectory::create(&place).unwrap();
        assert!(live.path().exists(), "another process may be filling it");
        drop((live, other));
        assert_eq!(count(root.path()), 0);
    }

    #[test]
    fn what_a_killed_process_took_away_comes_back() {
        let mut names = vec![std::ffi::OsString::from("thing.tar")];
        #[cfg(unix)]
        names.push(std::os::unix::ffi::OsStringExt::from_vec(b"caf\xe9.tar".to_vec()));
        for name in names {
            let root = tempfile::tempdir().unwrap();
            let mut remains = prefix(Path::new(&name));
            remains.push("aBc.unfinished");
            let remains = root.path().join(remains);
            fs::create_dir_all(remains.join(REPLACED).join("old")).unwrap();
            fs::write(remains.join(LOCK), "").unwrap();
            remove_leftovers(root.path()).unwrap();
            assert!(root.path().join(&name).join("old").exists(), "{name:?}");
            assert_eq!(count(root.path()), 1);
        }
    }
}
