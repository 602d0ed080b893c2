//! The user's Python.

use std::env;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};

/// A Python that can be run.
#[derive(Debug, Clone)]
pub(crate) struct Python {
    program: &'static str,
    pub(crate) version: String,
}

/// The torch installed in a Python.
pub(crate) struct Torch {
    pub(crate) version: String,
    pub(crate) lib: PathBuf,
}

impl Python {
    /// The Python of the active environment, or the system's; the same that the bindings ask.
    pub(crate) fn find() -> Result<Self> {
        let program = if env::var_os("VIRTUAL_ENV").is_some() { "python" } else { "python3" };
        let version = ask(program, &["-c", "import platform; print(platform.python_version())"])
            .with_context(|| format!("there is no {program} that runs"))?;
        Ok(Self { program, version })
    }

    /// The version of its pip.
    pub(crate) fn pip(&self) -> Result<String> {
        let said = ask(self.program, &["-m", "pip", "--version"]).with_context(|| {
            let program = self.program;
            format!("{program} has no pip (install python3-pip, or run `{program} -m ensurepip --user`)")
        })?;
        Ok(said.split(' ').nth(1).unwrap_or("of unknown version").to_owned())
    }

    pub(crate) fn command(&self) -> Command {
        Command::new(self.program)
    }

    /// The torch that it imports.
    pub(crate) fn torch(&self) -> Result<Torch> {
        let code = "import os, torch; print(torch.__version__); \
                    print(os.path.join(os.path.dirname(torch.__file__), 'lib'))";
        let said = ask(self.program, &["-c", code])
            .with_context(|| format!("{} cannot import torch (`pip install torch`)", self.program))?;
        let Some((version, lib)) = said.split_once('\n') else { bail!("{} said: {said}", self.program) };
        Ok(Torch { version: version.to_owned(), lib: PathBuf::from(lib) })
    }
}

/// What a program says when it runs well.
fn ask(program: &str, arguments: &[&str]) -> Result<String> {
    let output = Command::new(program).args(arguments).stdin(Stdio::null()).output()?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr);
        bail!("{}", said.lines().last().unwrap_or("it failed without a word"));
    }
    Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
}
