//! Fetching libtorch into our cache.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use selvedge_atomic::AtomicDirectory;
use selvedge_console::report_line;
use selvedge_fetch::{cache_directory, is_offline, locked};

use super::archive::Archive;
use super::flavour::Flavour;
use super::platform::Platform;
use super::release::Release;
use super::{archive, check, pip};
use crate::terminal::Bar;

/// A source sent other bytes than the pinned ones: somebody or something on the way changes native code. No other source is
/// tried then, so that it does not go unnoticed.
#[derive(Debug, thiserror::Error)]
#[error("{0}: it is not the file that is pinned, so nothing of it is used and no other source is tried")]
pub(crate) struct Mismatch(pub(crate) String);

/// Where a libtorch lives in our cache.
pub(crate) struct Place {
    root: PathBuf,
    pub(crate) release: Release,
    pub(crate) flavour: Flavour,
}

impl Place {
    pub(crate) fn new(flavour: Flavour) -> Result<Self> {
        Ok(Self { root: cache_directory()?.join("libtorch"), release: Release::locked()?, flavour })
    }

    pub(crate) fn path(&self) -> PathBuf {
        self.root.join(self.flavour.name(self.release))
    }

    /// As PyTorch writes it: `2.13.0+cpu`.
    pub(crate) fn full_version(&self) -> String {
        format!("{}+{}", self.release.version(), self.flavour.label())
    }

    /// What `LIBTORCH` is set to.
    pub(crate) fn home(&self) -> PathBuf {
        home_in(&self.path(), self.flavour)
    }

    /// Held by whoever changes anything here.
    pub(crate) fn lock_path(&self) -> PathBuf {
        self.root.join(".lock")
    }

    /// What has come of it so far.
    fn downloads(&self) -> PathBuf {
        self.root.join(format!(".{}.download", self.flavour.name(self.release)))
    }
}

/// The libraries of CUDA lie beside libtorch's home, where its own run path looks for them.
pub(crate) fn home_in(directory: &Path, flavour: Flavour) -> PathBuf {
    match flavour {
        Flavour::Cpu => directory.to_path_buf(),
        Flavour::Cuda => directory.join("torch"),
    }
}

/// Brings libtorch to its place, from the first source that has it; `force` replaces what is there, and `unpinned` allows
/// an archive whose digest is not known.
pub(crate) fn provision(place: &Place, force: bool, unpinned: bool) -> Result<()> {
    let version = place.release.version();
    let what = format!("libtorch {version} ({})", place.flavour.label());
    if is_offline() {
        bail!(
            "{what} is not in {} and SELVEDGE_OFFLINE forbids the network; unset it, or set LIBTORCH",
            place.path().display()
        );
    }
    let progress = Bar::new();
    let _lock = locked(&place.lock_path(), &format!("fetching {what}"), &progress)?;
    // Whoever held the lock may have brought it.
    if place.path().is_dir() && !force {
        return Ok(());
    }
    report_line(format_args!("{what} comes to {}, once.", place.path().display()));
    let downloads = place.downloads();
    fs::create_dir_all(&downloads).with_context(|| format!("cannot create {}", downloads.display()))?;
    let mut failures = String::new();
    let mut sources = sources(place, unpinned)?.into_iter().peekable();
    while let Some((name, source)) = sources.next() {
        let staged = AtomicDirectory::create(place.path())?;
        let home = home_in(staged.path(), place.flavour);
        let done = source(&downloads, staged.path(), &progress).and_then(|()| {
            check::headers_and_libraries(&home, &home.join("include"), &home.join("lib")).map(drop)
        });
        progress.finish();
        match done {
            Ok(()) => {
                staged.commit()?;
                // Only what is not needed any more.
                let _ = fs::remove_dir_all(&downloads);
                if !failures.is_empty() {
                    report_line(format_args!("{what} comes from {name}, since these did not do:{failures}"));
                }
                return Ok(());
            }
            Err(error) if error.is::<Mismatch>() => {
                return Err(error.context(format!("{what} is not fetched: {name} did not do")));
            }
            Err(error) => {
                let reason = format!("{error:#}").replace('\n', "\n  ");
                failures += &format!("\n  {name}: {reason}");
                if let Some((next, _)) = sources.peek() {
                    report_line(format_args!("{name} did not do; trying {next}"));
                }
            }
        }
    }
    bail!(
        "{what} could not be had:{failures}\nMend one of these and run `cargo xtask setup` again, or download \
         libtorch {version} yourself and set LIBTORCH to its directory. `cargo xtask setup --unpinned-archive` takes \
         the archive of PyTorch's download site, whose digest is not pinned here."
    );
}

type Source<'a> = Box<dyn Fn(&Path, &Path, &Bar) -> Result<()> + 'a>;

/// The sources in their order; one that the user names goes first, and one without a pinned digest has to be asked for.
fn sources(place: &Place, unpinned: bool) -> Result<Vec<(&'static str, Source<'_>)>> {
    let Place { release, flavour, .. } = *place;
    let from_pip: Source<'_> = Box::new(move |downloads, directory, bar| {
        let platform = here()?;
        let wheels = platform
            .wheels(flavour, release)
            .with_context(|| format!("no {} wheels for this machine are known", place.full_version()))?;
        pip::fetch(platform.tags, wheels, place, downloads, directory, bar)
    });
    if let Some(archive) = archive::of_the_user()? {
        let from_url: Source<'_> = Box::new(move |downloads, directory, bar| {
            archive::fetch(&archive, place, downloads, directory, bar)
        });
        return Ok(vec![(archive::URL_VARIABLE, from_url), ("the wheels through pip", from_pip)]);
    }
    if !unpinned {
        return Ok(vec![("the wheels through pip", from_pip)]);
    }
    let from_archive: Source<'_> = Box::new(move |downloads, directory, bar| {
        let url = here()?.archive(flavour, release).context("it has no archive for this machine")?;
        archive::fetch(&Archive { url, sha256: None }, place, downloads, directory, bar)
    });
    Ok(vec![("the wheels through pip", from_pip), ("PyTorch's download site", from_archive)])
}

fn here() -> Result<&'static Platform> {
    Platform::here().with_context(|| {
        format!(
            "libtorch exists for glibc Linux on x86_64 and aarch64 and for macOS on Apple silicon, not for {} \
             on {}",
            std::env::consts::OS,
            std::env::consts::ARCH
        )
    })
}
