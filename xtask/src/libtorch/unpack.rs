//! Unpacking what is needed of an archive.

use std::fs::{self, File};
use std::io::{self, Read, Seek};
use std::path::{Component, Path, PathBuf};

use anyhow::{Context, Result, ensure};
use zip::ZipArchive;
use zip::read::{ArchiveOffset, Config};

use crate::terminal::Bar;

/// Unpacks into `directory` the members of a zip archive (a wheel is one) that `place` has a place for. The
/// checksum of each is verified.
pub(crate) fn unpack(
    archive: impl Read + Seek,
    directory: &Path,
    bar: &Bar,
    what: &str,
    place: impl Fn(&str) -> Option<PathBuf>,
) -> Result<()> {
    // Looking for the beginning of the archive goes wrong for some with a ZIP64 end record.
    let config = Config { archive_offset: ArchiveOffset::Known(0) };
    let mut archive = ZipArchive::with_config(config, archive).context("it is no whole zip archive")?;
    let mut members = Vec::new();
    let mut total = 0;
    for index in 0..archive.len() {
        let member = archive.by_index_raw(index)?;
        let name = member.name()?;
        if let Some(path) = place(&name).filter(|_| member.is_file()) {
            let is_inside = path.components().all(|part| matches!(part, Component::Normal(_)));
            ensure!(is_inside, "its member {name} leads out of it");
            total += member.size();
            members.push((index, directory.join(path)));
        }
    }
    bar.start(what, Some(total));
    let mut done = 0;
    for (index, path) in members {
        let mut member = archive.by_index(index)?;
        let parent = path.parent().unwrap_or(directory);
        fs::create_dir_all(parent).with_context(|| format!("cannot create {}", parent.display()))?;
        let mut file = File::create(&path).with_context(|| format!("cannot write {}", path.display()))?;
        loop {
            // In pieces, for the bar: most of libtorch is one file.
            let copied = io::copy(&mut member.by_ref().take(1 << 20), &mut file)
                .with_context(|| format!("cannot unpack {}", path.display()))?;
            if copied == 0 {
                break;
            }
            done += copied;
            bar.advance(done, Some(total));
        }
    }
    bar.finish();
    Ok(())
}
