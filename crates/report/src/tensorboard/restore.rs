use std::collections::HashSet;
use std::fs;
use std::path::{Path, PathBuf};

use prost::Message;
use selvedge_atomic::write_atomically;

use super::EventWriter;
use super::message::{Event, What};
use super::record::{Next, next};
use crate::{Epoch, ReportError, Result, Step};

/// An event file that is not what was written.
#[derive(Debug)]
pub struct DamagedEvents {
    /// The file.
    pub path: PathBuf,
    /// What is wrong with it.
    pub reason: String,
}

/// The event files in a directory that are damaged. Each record has a checksum. A last record that a kill cut short is
/// not damage.
///
/// # Errors
///
/// When a file cannot be read.
pub fn examine(directory: &Path) -> Result<Vec<DamagedEvents>> {
    let mut damaged = Vec::new();
    for path in event_files(directory)? {
        if let Some(reason) = Events::read(&path, u64::MAX)?.damage {
            damaged.push(DamagedEvents { path, reason });
        }
    }
    Ok(damaged)
}

/// Removes what the event files in a directory tell of steps after `step`, since a training that is resumed there tells it
/// again. The scalars that are then missing, since a file is damaged or gone, are taken from the logs of the run;
/// histograms and images of such a file are lost. Returns the files that were damaged.
///
/// # Errors
///
/// When a file cannot be read, written or removed.
pub fn restore(directory: &Path, step: u64, steps: &[Step], epochs: &[Epoch]) -> Result<Vec<DamagedEvents>> {
    let (mut damaged, mut shown) = (Vec::new(), HashSet::new());
    let files = event_files(directory)?;
    for path in &files {
        let events = Events::read(path, step)?;
        if events.summaries == 0 && events.changed {
            fs::remove_file(path).map_err(failed("remove", path))?;
        } else if events.changed {
            write_atomically(path, &events.kept)?;
        }
        shown.extend(events.shown);
        if let Some(reason) = events.damage {
            damaged.push(DamagedEvents { path: path.clone(), reason });
        }
    }
    let of_steps =
        steps.iter().flat_map(|row| row.scalars().map(|(tag, value)| (row.step, tag.to_owned(), value)));
    let of_epochs = epochs.iter().flat_map(|row| row.scalars().map(|(tag, value)| (row.step, tag, value)));
    let missing: Vec<_> = of_steps
        .chain(of_epochs)
        .filter(|(at, tag, _)| !shown.contains(&(*at as i64, tag.clone())))
        .collect();
    if !missing.is_empty() {
        let mut writer = EventWriter::create(directory)?;
        for (at, tag, value) in missing {
            writer.scalar(&tag, value, at)?;
        }
    }
    Ok(damaged)
}

/// What is in an event file.
#[derive(Default)]
struct Events {
    /// The records that are whole and not after the step, as they are framed.
    kept: Vec<u8>,
    /// Whether the file has something else, too.
    changed: bool,
    damage: Option<String>,
    /// How many of the kept records show something.
    summaries: usize,
    /// What they show, and of which step.
    shown: Vec<(i64, String)>,
}

impl Events {
    fn read(path: &Path, step: u64) -> Result<Self> {
        let bytes =
            fs::read(path).map_err(|source| ReportError::Read { path: path.to_path_buf(), source })?;
        let (mut events, mut rest) = (Self::default(), &bytes[..]);
        let (mut damaged, mut lost) = (0, 0);
        while !rest.is_empty() {
            let (found, after) = next(rest);
            match found {
                Next::Record(frame, content) => match Event::decode(content) {
                    Ok(event) => events.keep(frame, event, step),
                    Err(_) => damaged += 1,
                },
                Next::Damaged(_) => damaged += 1,
                Next::Cut => {}
                Next::Lost => lost = rest.len(),
            }
            rest = after;
        }
        events.changed = events.kept.len() != bytes.len();
        events.damage = match (damaged, lost) {
            (0, 0) => None,
            (damaged, 0) => Some(format!("the checksums of {damaged} records do not match")),
            (damaged, lost) => Some(format!(
                "the checksums of {damaged} records do not match, the last {lost} bytes hold none"
            )),
        };
        Ok(events)
    }

    fn keep(&mut self, frame: &[u8], event: Event, step: u64) {
        if u64::try_from(event.step).is_ok_and(|at| at > step) {
            return;
        }
        self.kept.extend_from_slice(frame);
        if let Some(What::Summary(summary)) = event.what {
            self.summaries += 1;
            self.shown.extend(summary.values.into_iter().map(|value| (event.step, value.tag)));
        }
    }
}

/// The event files of a directory, which need not be there.
fn event_files(directory: &Path) -> Result<Vec<PathBuf>> {
    let entries = match fs::read_dir(directory) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        entries => entries.map_err(failed("read", directory))?,
    };
    let mut files: Vec<PathBuf> = entries
        .flatten()
        .filter(|entry| entry.file_name().to_string_lossy().contains("tfevents"))
        .map(|entry| entry.path())
        .collect();
    files.sort();
    Ok(files)
}

fn failed(action: &'static str, path: &Path) -> impl FnOnce(std::io::Error) -> ReportError {
    let path = path.to_path_buf();
    move |source| ReportError::from(selvedge_atomic::Error { action, path, source })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scalars(directory: &Path) -> Vec<(i64, String)> {
        let files = event_files(directory).unwrap();
        files.iter().flat_map(|path| Events::read(path, u64::MAX).unwrap().shown).collect()
    }

    fn row(step: u64) -> Step {
        Step { step, epoch: 0.5, loss: 0.25, lr: 0.1, images_per_second: 100.0 }
    }

    fn write(directory: &Path, steps: std::ops::RangeInclusive<u64>) {
        let mut writer = EventWriter::create(directory).unwrap();
        for step in steps {
            for (tag, value) in row(step).scalars() {
                writer.scalar(tag, value, step).unwrap();
            }
        }
    }

    #[test]
    fn later_steps_go_and_a_damaged_file_is_made_whole_from_the_logs() {
        let folder = tempfile::tempdir().unwrap();
        write(folder.path(), 1..=3);
        write(folder.path(), 4..=5);
        let rows = [row(1), row(2)];
        assert!(restore(folder.path(), 2, &rows, &[]).unwrap().is_empty());
        let expected: Vec<_> = rows
            .iter()
            .flat_map(|row| row.scalars().map(|(tag, _)| (row.step as i64, tag.to_owned())))
            .collect();
        assert_eq!(scalars(folder.path()), expected);
        let [file] = &event_files(folder.path()).unwrap()[..] else {
            panic!("the second file tells nothing")
        };

        // Any byte: what it costs is written again.
        let bytes = fs::read(file).unwrap();
        for place in 0..bytes.len() {
            let mut flipped = bytes.clone();
            flipped[place] ^= 1;
            fs::write(file, flipped).unwrap();
            assert_eq!(examine(folder.path()).unwrap().len(), 1, "{place}");
            assert_eq!(restore(folder.path(), 2, &rows, &[]).unwrap().len(), 1, "{place}");
            assert!(examine(folder.path()).unwrap().is_empty());
            let mut found = scalars(folder.path());
            found.sort();
            let mut wanted = expected.clone();
            wanted.sort();
            assert_eq!(found, wanted, "{place}");
            for path in event_files(folder.path()).unwrap() {
                fs::remove_file(path).unwrap();
            }
            fs::write(file, &bytes).unwrap();
        }
        // None at all.
        fs::remove_file(file).unwrap();
        assert!(restore(folder.path(), 2, &rows, &[]).unwrap().is_empty());
        assert_eq!(scalars(folder.path()), expected);
        assert!(restore(&folder.path().join("nowhere"), 0, &[], &[]).unwrap().is_empty());
    }
}
