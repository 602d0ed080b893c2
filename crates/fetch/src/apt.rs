//! Packages of Debian, Ubuntu and what descends from them, unpacked without root.

use std::ffi::OsString;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use selvedge_atomic::AtomicDirectory;

use crate::{Error, Event, Progress, Result, cache_directory, is_offline, locked};

/// The directory in our cache that holds the files of a package, as they would lie under `/`; fetched with
/// `apt-get download` and unpacked with `dpkg-deb` where it is not there yet.
///
/// The package's signature and checksums are verified by apt. The system's own package lists are read, never
/// written; where they do not know the package, lists of our own are made in the cache.
///
/// # Errors
///
/// [`Error::Package`] with the command that failed and what it said; [`Error::Offline`], [`Error::Io`].
///
/// ```no_run
/// let files = selvedge_fetch::apt::package("dataset-fashion-mnist", &selvedge_fetch::Silent)?;
/// assert!(files.join("usr/share/datasets/fashion-mnist").is_dir());
/// # Ok::<(), selvedge_fetch::Error>(())
/// ```
pub fn package(name: &str, progress: &dyn Progress) -> Result<PathBuf> {
    package_in(&cache_directory()?.join("apt"), name, progress)
}

/// [`package`] under another directory than our cache's.
///
/// # Errors
///
/// Those of [`package`].
pub fn package_in(root: &Path, name: &str, progress: &dyn Progress) -> Result<PathBuf> {
    let is_name = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"+-.".contains(&byte);
    if name.is_empty() || name.starts_with(['-', '.']) || !name.bytes().all(is_name) {
        return Err(failed(name, "that is not the name of a package"));
    }
    let place = root.join(name);
    if place.is_dir() {
        return Ok(place);
    }
    if is_offline() {
        return Err(Error::Offline { name: format!("the package {name}"), path: place });
    }
    fs::create_dir_all(root).map_err(Error::io("create", root))?;
    let root = &fs::canonicalize(root).map_err(Error::io("read", root))?;
    let _lock = locked(&root.join(".lock"), &format!("downloading the package {name}"), progress)?;
    if place.is_dir() {
        return Ok(place);
    }
    let staged = AtomicDirectory::create(&place)?;
    let apt = Apt { state: root.join(".state"), package: name, progress };
    let archive = apt.download(staged.path())?;
    run(name, Command::new("dpkg-deb").arg("-x").arg(&archive).arg(staged.path()))?;
    fs::remove_file(&archive).map_err(Error::io("remove", &archive))?;
    staged.commit()?;
    progress.on(Event::Finished { name, path: &place });
    Ok(place)
}

struct Apt<'a> {
    /// Where our own lists and apt's cache live.
    state: PathBuf,
    package: &'a str,
    progress: &'a dyn Progress,
}

impl Apt<'_> {
    /// Brings the package's archive into `directory`.
    fn download(&self, directory: &Path) -> Result<PathBuf> {
        self.progress.on(Event::Working { what: &format!("downloading the package {}", self.package) });
        let with_the_system_s_lists = self.get(directory, false);
        // There is no use in updating lists when there is no apt-get.
        if let Err(Error::Package { .. }) = with_the_system_s_lists
            && Command::new("apt-get").arg("--version").output().is_ok()
        {
            self.update()?;
            self.get(directory, true)?;
        } else {
            with_the_system_s_lists?;
        }
        fs::read_dir(directory)
            .map_err(Error::io("read", directory))?
            .flatten()
            .map(|entry| entry.path())
            .find(|path| path.extension().is_some_and(|extension| extension == "deb"))
            .ok_or_else(|| failed(self.package, "apt-get brought no file"))
    }

    fn get(&self, directory: &Path, our_lists: bool) -> Result<()> {
        let mut command = self.command(our_lists)?;
        command.current_dir(directory).args(["download", self.package]);
        run(self.package, &mut command).map(drop)
    }

    fn update(&self) -> Result<()> {
        self.progress.on(Event::Working { what: "updating our own copy of the package lists" });
        run(self.package, self.command(true)?.arg("update")).map(drop)
    }

    fn command(&self, our_lists: bool) -> Result<Command> {
        let option = |key: &str, value: &Path| {
            let mut option = OsString::from(format!("{key}="));
            option.push(value);
            option
        };
        let cache = self.state.join("cache");
        let lists = self.state.join("lists");
        for directory in [cache.join("archives/partial"), lists.join("partial")] {
            fs::create_dir_all(&directory).map_err(Error::io("create", &directory))?;
        }
        let mut command = Command::new("apt-get");
        command.env("LC_ALL", "C.UTF-8").env("DEBIAN_FRONTEND", "noninteractive");
        command.args(["-q", "-o", "Acquire::Retries=3", "-o", "Acquire::http::Timeout=30"]);
        // Run by root, apt would hand its work to a user who may not write here.
        command.args(["-o", "APT::Sandbox::User=", "-o", "Acquire::Languages=none"]);
        command.arg("-o").arg(option("Dir::Cache", &cache));
        if our_lists {
            command.arg("-o").arg(option("Dir::State::lists", &lists));
        }
        Ok(command)
    }
}

fn run(package: &str, command: &mut Command) -> Result<Output> {
    let program = command.get_program().to_string_lossy().into_owned();
    let output = command.stdin(Stdio::null()).output().map_err(|error| match error.kind() {
        io::ErrorKind::NotFound => failed(package, &format!("there is no {program} on this system")),
        _ => failed(package, &format!("{program} did not start: {error}")),
    })?;
    if output.status.success() {
        return Ok(output);
    }
    let said = String::from_utf8_lossy(&output.stderr);
    let errors: Vec<&str> = said.lines().filter(|line| line.starts_with("E:")).collect();
    let said = if errors.is_empty() { said.trim().to_owned() } else { errors.join("; ") };
    Err(failed(package, &format!("{program} failed, {}: {said}", output.status)))
}

fn failed(package: &str, reason: &str) -> Error {
    Error::Package { package: package.to_owned(), reason: reason.to_owned() }
}
