//! Where libtorch is, or comes from.
//!
//! In this order: `LIBTORCH`; the Python that `LIBTORCH_USE_PYTORCH` stands for; what an earlier `setup`
//! recorded; our cache; what [`provision`] fetches into it. What is found is recorded in
//! `.cargo/libtorch.toml`, which a plain cargo and an IDE read too.

mod archive;
mod check;
mod flavour;
mod pip;
mod platform;
mod provision;
mod python;
mod record;
mod release;
mod unpack;

use std::env;
use std::fmt;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use selvedge_console::report_coloured_line;
use selvedge_fetch::cache_directory;

pub(crate) use flavour::Flavour;
pub(crate) use python::Python;
pub(crate) use record::Record;
pub(crate) use release::Release;

use crate::terminal;

/// A libtorch that can be built against.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Libtorch {
    origin: Origin,
    version: String,
    lib: PathBuf,
    /// What cargo and `torch-sys` need in the environment.
    variables: Vec<(&'static str, String)>,
}

/// Where a libtorch comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Origin {
    /// The variable `LIBTORCH`.
    Variable,
    /// The Python that `LIBTORCH_USE_PYTORCH` stands for.
    Python,
    /// A variable of an earlier run.
    Recorded,
    /// Our cache.
    Cache(Flavour),
}

/// What the user asks for.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Wanted {
    pub(crate) flavour: Option<Flavour>,
    pub(crate) force: bool,
    /// Whether an archive without a pinned digest will do, where pip does not.
    pub(crate) unpinned: bool,
}

impl Libtorch {
    pub(crate) fn lib(&self) -> &Path {
        &self.lib
    }

    pub(crate) fn variables(&self) -> &[(&'static str, String)] {
        &self.variables
    }

    pub(crate) fn recorded_variables(&self) -> impl Iterator<Item = &'static str> {
        self.variables.iter().map(|(name, _)| *name)
    }

    pub(crate) fn has_cuda(&self) -> bool {
        self.lib.join("libtorch_cuda.so").exists()
    }

    /// The libtorch that `LIBTORCH` and its companions name.
    fn named(home: &str, origin: Origin) -> Result<Self> {
        let mut variables = vec![("LIBTORCH", absolute(home)?)];
        for companion in ["LIBTORCH_INCLUDE", "LIBTORCH_LIB"] {
            if let Some(value) = variable(companion) {
                variables.push((companion, absolute(&value)?));
            }
        }
        let directory = |name: &str| {
            let named = variables.iter().find(|(companion, _)| *companion == name);
            PathBuf::from(&named.unwrap_or(&variables[0]).1)
        };
        let lib = directory("LIBTORCH_LIB").join("lib");
        let version = check::headers_and_libraries(
            &directory("LIBTORCH"),
            &directory("LIBTORCH_INCLUDE").join("include"),
            &lib,
        )?;
        Ok(Self { origin, version, lib, variables })
    }

    fn of_python() -> Result<Self> {
        let torch = Python::find().context("LIBTORCH_USE_PYTORCH is set")?.torch()?;
        check::version(&torch.version, "that Python's torch")?;
        let variables = vec![("LIBTORCH_USE_PYTORCH", "1".to_owned())];
        Ok(Self { origin: Origin::Python, version: torch.version, lib: torch.lib, variables })
    }

    fn in_cache(place: &provision::Place) -> Result<Self> {
        let home = place.home();
        let version = check::headers_and_libraries(&home, &home.join("include"), &home.join("lib"))?;
        let path = home.to_str().with_context(|| format!("{} is not UTF-8", home.display()))?;
        let variables = vec![("LIBTORCH", path.to_owned())];
        Ok(Self { origin: Origin::Cache(place.flavour), version, lib: home.join("lib"), variables })
    }
}

impl fmt::Display for Libtorch {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let lib = self.lib.display();
        match self.origin {
            Origin::Variable => write!(formatter, "{} at {lib}, from LIBTORCH", self.version),
            Origin::Python => write!(formatter, "{} at {lib}, from LIBTORCH_USE_PYTORCH", self.version),
            Origin::Recorded => {
                write!(formatter, "{} at {lib}, from an earlier setup (.cargo/libtorch.toml)", self.version)
            }
            Origin::Cache(_) => write!(formatter, "{} at {lib}, from our cache", self.version),
        }
    }
}

/// libtorch, fetched if need be, and recorded for cargo.
pub(crate) fn ensure() -> Result<Libtorch> {
    ensure_wanted(Wanted::default())
}

/// [`ensure`] for a user who knows which one.
pub(crate) fn ensure_wanted(wanted: Wanted) -> Result<Libtorch> {
    let record = Record::read();
    let libtorch = match locate(&record, wanted)? {
        Some(libtorch) => libtorch,
        None => fetch(&record, wanted)?,
    };
    Record::of(&libtorch)?.write()?;
    Ok(libtorch)
}

/// The libtorch that is there already.
pub(crate) fn locate(record: &Record, wanted: Wanted) -> Result<Option<Libtorch>> {
    let asked = wanted.flavour.is_some() || wanted.force;
    // Cargo hands us what the record says as if the user had set it.
    let of_the_user = |name: &str| variable(name).filter(|value| record.get(name) != Some(value));
    for name in ["LIBTORCH", "LIBTORCH_USE_PYTORCH"] {
        if asked && let Some(value) = of_the_user(name) {
            bail!("{name} is set, to {value}, and goes before all else; unset it to have another libtorch");
        }
    }
    if let Some(home) = of_the_user("LIBTORCH") {
        return Libtorch::named(&home, Origin::Variable)
            .map(Some)
            .context("LIBTORCH names no usable libtorch");
    }
    if of_the_user("LIBTORCH_USE_PYTORCH").is_some() {
        return Libtorch::of_python().map(Some);
    }
    if !asked && let Some(libtorch) = recorded(record)? {
        return Ok(Some(libtorch));
    }
    let place = provision::Place::new(wanted_flavour(record, wanted)?)?;
    if wanted.force || !place.path().is_dir() {
        return Ok(None);
    }
    Libtorch::in_cache(&place).map(Some).with_context(|| {
        format!("{} is damaged; mend it with `cargo xtask setup --force`", place.path().display())
    })
}

/// What an earlier run recorded, unless it was our cache, which has its own rules, or is gone.
fn recorded(record: &Record) -> Result<Option<Libtorch>> {
    let found = if let Some(home) = record.get("LIBTORCH") {
        if Path::new(home).starts_with(cache_directory()?) {
            return Ok(None);
        }
        Libtorch::named(home, Origin::Recorded)
    } else if record.get("LIBTORCH_USE_PYTORCH").is_some() {
        Libtorch::of_python()
    } else {
        return Ok(None);
    };
    Ok(found
        .inspect_err(|error| {
            let gone = format!("the libtorch of the last setup is of no use any more: {error:#}");
            report_coloured_line(terminal::yellow(&gone));
        })
        .ok())
}

/// What is asked for, else what was used before, else what fits the machine.
fn wanted_flavour(record: &Record, wanted: Wanted) -> Result<Flavour> {
    let release = Release::locked()?;
    let before = || {
        let home = PathBuf::from(record.get("LIBTORCH")?);
        let libtorch = cache_directory().ok()?.join("libtorch");
        let place = home.strip_prefix(libtorch).ok()?.components().next()?;
        Flavour::of_name(place.as_os_str().to_str()?, release)
    };
    Ok(wanted.flavour.or_else(before).unwrap_or_else(Flavour::of_this_machine))
}

fn fetch(record: &Record, wanted: Wanted) -> Result<Libtorch> {
    let flavour = wanted_flavour(record, wanted)?;
    let place = provision::Place::new(flavour)?;
    match provision::provision(&place, wanted.force, wanted.unpinned) {
        Err(error)
            if flavour == Flavour::Cuda
                && wanted.flavour.is_none()
                && !error.chain().any(|cause| cause.is::<provision::Mismatch>()) =>
        {
            let failed = format!("{error:#}\ngoing on without CUDA; `cargo xtask setup --cuda` tries again");
            report_coloured_line(terminal::yellow(&failed));
            let place = provision::Place::new(Flavour::Cpu)?;
            if !place.path().is_dir() {
                provision::provision(&place, wanted.force, wanted.unpinned)?;
            }
            Libtorch::in_cache(&place)
        }
        done => done.and_then(|()| Libtorch::in_cache(&place)),
    }
}

fn variable(name: &str) -> Option<String> {
    env::var(name).ok().filter(|value| !value.is_empty())
}

/// Cargo hands a recorded path to programs that run elsewhere.
fn absolute(path: &str) -> Result<String> {
    let absolute = std::path::absolute(path).with_context(|| format!("cannot resolve {path}"))?;
    Ok(absolute.to_string_lossy().into_owned())
}
