//! Links are not followed where only our own files belong.

use std::fs::{self, File, OpenOptions};
use std::io;
use std::path::Path;

use crate::{Error, Result};

/// Opens a file that belongs to us, in a run folder or a cache, as `options` say. A link at its place is not followed, since it
/// could lead the writing to any file of the user's. The folders above it are followed: the user may have put them there.
///
/// ```
/// # let folder = tempfile::tempdir()?;
/// # let folder = folder.path();
/// use std::fs::OpenOptions;
///
/// let log = folder.join("log");
/// selvedge_atomic::open_own(&log, OpenOptions::new().create(true).append(true))?;
/// # #[cfg(unix)] {
/// std::os::unix::fs::symlink(&log, folder.join("link"))?;
/// let error = selvedge_atomic::open_own(&folder.join("link"), OpenOptions::new().append(true)).unwrap_err();
/// assert!(error.to_string().contains("it is a link"));
/// # }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
///
/// When the place holds a link, and when the file cannot be opened.
pub fn open_own(path: &Path, options: &OpenOptions) -> Result<File> {
    refuse_link(path)?;
    let mut options = options.clone();
    #[cfg(any(target_os = "linux", target_vendor = "apple"))]
    {
        use std::os::unix::fs::OpenOptionsExt;
        // For a link that is put there after it was looked at.
        options.custom_flags(rustix::fs::OFlags::NOFOLLOW.bits().cast_signed());
    }
    options.open(path).map_err(Error::of("open", path))
}

/// Refuses a path that is a link itself. One that leads nowhere is a link, too.
///
/// # Errors
///
/// When it is one.
pub fn refuse_link(path: &Path) -> Result<()> {
    match fs::symlink_metadata(path) {
        Ok(found) if found.is_symlink() => Err(Error::of("use", path)(io::Error::other(
            "it is a link, and links are not followed here: remove it, or put what it leads to in its place",
        ))),
        _ => Ok(()),
    }
}

/// Refuses a folder with a link in it, at any depth. The folder itself may be reached through links.
///
/// # Errors
///
/// When there is one, with its path, and when a folder cannot be read.
pub fn refuse_links_in(folder: &Path) -> Result<()> {
    for entry in fs::read_dir(folder).map_err(Error::of("read", folder))? {
        let path = entry.map_err(Error::of("read", folder))?.path();
        refuse_link(&path)?;
        // What is being written or removed by another process may be gone by now.
        if path.is_dir() && !crate::is_unfinished(&path) {
            refuse_links_in(&path)?;
        }
    }
    Ok(())
}

/// Refuses a path one of whose folders below `root`, or which itself, is a link.
///
/// # Errors
///
/// When there is one, with its path.
pub fn refuse_links_below(root: &Path, path: &Path) -> Result<()> {
    let Ok(inner) = path.strip_prefix(root) else { return Ok(()) };
    let mut at = root.to_path_buf();
    for part in inner.components() {
        at.push(part);
        refuse_link(&at)?;
    }
    Ok(())
}

#[cfg(all(test, unix))]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;
    use crate::{Lock, remove_leftovers};

    #[test]
    fn a_lock_at_a_link_changes_nothing_elsewhere() {
        let folder = tempfile::tempdir().unwrap();
        let [precious, lock] = ["precious", ".lock"].map(|name| folder.path().join(name));
        fs::write(&precious, "kept").unwrap();
        symlink(&precious, &lock).unwrap();
        let error = Lock::attempt(&lock, "testing").unwrap_err().to_string();
        assert!(error.contains(".lock") && error.contains("it is a link"), "{error}");
        assert!(Lock::acquire(&lock, "testing", |_| ()).is_err());
        assert_eq!(fs::read_to_string(&precious).unwrap(), "kept");
        // One that leads nowhere makes no file there.
        fs::remove_file(&lock).unwrap();
        symlink(folder.path().join("new"), &lock).unwrap();
        assert!(Lock::attempt(&lock, "testing").is_err() && !folder.path().join("new").exists());
    }

    #[test]
    fn links_are_found_at_any_depth_and_the_folder_may_be_one() {
        let folder = tempfile::tempdir().unwrap();
        let [run, link] = ["run", "link"].map(|name| folder.path().join(name));
        fs::create_dir_all(run.join("checkpoints/step-1")).unwrap();
        symlink(&run, &link).unwrap();
        refuse_links_in(&link).unwrap();
        refuse_links_below(&link, &link.join("checkpoints/step-1/model")).unwrap();
        symlink("/", run.join("checkpoints/step-1/model")).unwrap();
        let error = refuse_links_in(&link).unwrap_err().to_string();
        assert!(error.contains("checkpoints/step-1/model"), "{error}");
        refuse_links_below(&run, &run.join("checkpoints/step-1/model/etc")).unwrap_err();
        refuse_links_below(&run, Path::new("/tmp/elsewhere")).unwrap();
    }

    #[test]
    fn a_leftover_that_is_a_link_goes_and_what_it_leads_to_stays() {
        let folder = tempfile::tempdir().unwrap();
        let (inside, outside) = (folder.path().join("inside"), folder.path().join("outside"));
        fs::create_dir(&inside).unwrap();
        fs::create_dir_all(outside.join("replaced/precious")).unwrap();
        fs::write(outside.join("lock"), "").unwrap();
        symlink(&outside, inside.join(".thing.aBc.unfinished")).unwrap();
        remove_leftovers(&inside).unwrap();
        assert_eq!(fs::read_dir(&inside).unwrap().count(), 0);
        assert!(outside.join("replaced/precious").exists());
    }
}
