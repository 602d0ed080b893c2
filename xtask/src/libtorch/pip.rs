//! libtorch from the wheels that pip fetches.

use std::fs::{self, File};
use std::io::{self, BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};
use selvedge_console::report_line;
use selvedge_fetch::sha256_of_file;

use super::flavour::Flavour;
use super::provision::{Mismatch, Place, home_in};
use super::python::Python;
use super::unpack::unpack;
use crate::terminal::Bar;

/// Fetches the pinned `wheels`, a requirements file, and unpacks what libtorch needs of them.
pub(crate) fn fetch(
    tags: &[&str],
    wheels: &str,
    what: &Place,
    downloads: &Path,
    directory: &Path,
    bar: &Bar,
) -> Result<()> {
    let flavour = what.flavour;
    let python = Python::find()?;
    python.pip()?;
    let requirements = downloads.join("requirements.txt");
    fs::write(&requirements, wheels).with_context(|| format!("cannot write {}", requirements.display()))?;
    // pip keeps what it is fetching there: the system's own place may be too small.
    // Wheels that are not the pinned ones, such as those of an earlier release, would be unpacked as well.
    for other in wheels_in(downloads)? {
        if !is_pinned(&other, wheels)? {
            fs::remove_file(&other).with_context(|| format!("cannot remove {}", other.display()))?;
        }
    }
    let temporary = downloads.join("tmp");
    fs::create_dir_all(&temporary).with_context(|| format!("cannot create {}", temporary.display()))?;
    let mut command = python.command();
    command.args(["-m", "pip", "download", "--require-hashes", "--no-deps", "--only-binary=:all:"]);
    // Always the same wheels, whatever Python this is: libtorch needs none.
    command.args(["--implementation", "cp", "--python-version", "3.11", "--abi", "cp311", "--abi", "none"]);
    command.args(tags.iter().flat_map(|tag| ["--platform", *tag]));
    command.arg("--dest").arg(downloads).arg("--requirement").arg(&requirements);
    command.env("TMPDIR", &temporary).env("PIP_DISABLE_PIP_VERSION_CHECK", "1").env("PIP_NO_INPUT", "1");
    run(&mut command)?;
    for wheel in wheels_in(downloads)? {
        // pip has verified what it fetched, and what else is in the folder nobody has.
        if !is_pinned(&wheel, wheels)? {
            return Err(Mismatch(format!("{} in the download folder", wheel.display())).into());
        }
        let name = wheel.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let file = File::open(&wheel).with_context(|| format!("cannot read {}", wheel.display()))?;
        let package = name.split('-').next().unwrap_or(&name).replace('_', "-");
        unpack(file, directory, bar, &format!("unpacking {package}"), |member| place(member, flavour))
            .with_context(|| format!("cannot unpack {}", wheel.display()))?;
    }
    let home = home_in(directory, flavour);
    if flavour == Flavour::Cpu && cfg!(target_os = "linux") {
        // The wheel's own libtorch.so wants CUDA; what links to it only wants the symbols.
        fs::write(home.join("lib/libtorch.so"), "INPUT ( -ltorch_cpu )\n")?;
    }
    fs::write(home.join("build-version"), format!("{}\n", what.full_version()))?;
    Ok(())
}

/// Where a member of a wheel goes, if libtorch needs it.
fn place(member: &str, flavour: Flavour) -> Option<PathBuf> {
    let is_library = member.contains(".so") || member.ends_with(".dylib");
    let (above, name) = member.rsplit_once('/')?;
    if flavour == Flavour::Cuda {
        let of_torch =
            member.starts_with("torch/include/") || above == "torch/lib" && is_library && !is_python_s(name);
        let of_nvidia = member.starts_with("nvidia/") && above.ends_with("/lib") && is_library;
        // Those of the runtime, which some of libtorch's own headers include.
        let of_runtime = member.starts_with("nvidia/cu13/include/");
        return (of_torch || of_nvidia || of_runtime).then(|| PathBuf::from(member));
    }
    if let Some(header) = member.strip_prefix("torch/include/") {
        return Some(Path::new("include").join(header));
    }
    let is_cuda_s = ["cuda", "nvrtc", "nvshmem"].iter().any(|part| name.contains(part));
    let of_torch = above == "torch/lib"
        && is_library
        && !is_python_s(name)
        && !is_cuda_s
        && !["libtorch.so", "libtorch_global_deps.so"].contains(&name);
    let of_nvidia = name.starts_with("libcudart.so.") || name.starts_with("libcupti.so.");
    (of_torch || of_nvidia && above.ends_with("/lib")).then(|| Path::new("lib").join(name))
}

fn is_python_s(library: &str) -> bool {
    library.starts_with("libtorch_python.") || library.starts_with("libshm.")
}

/// Whether the SHA-256 of the file is one of those that the requirements pin.
fn is_pinned(wheel: &Path, wheels: &str) -> Result<bool> {
    let is_file = fs::symlink_metadata(wheel).is_ok_and(|found| found.is_file());
    let digest = || sha256_of_file(wheel).with_context(|| format!("cannot read {}", wheel.display()));
    Ok(is_file && wheels.contains(&format!("--hash=sha256:{}", digest()?)))
}

fn wheels_in(directory: &Path) -> Result<Vec<PathBuf>> {
    let entries = fs::read_dir(directory).with_context(|| format!("cannot read {}", directory.display()))?;
    let paths = entries.map(|entry| entry.map(|entry| entry.path())).collect::<io::Result<Vec<_>>>()?;
    Ok(paths.into_iter().filter(|path| path.extension().is_some_and(|end| end == "whl")).collect())
}

/// Runs pip with its own bar, on standard error, and repeats what it complained of.
fn run(command: &mut Command) -> Result<()> {
    let mut child = command
        .stdin(Stdio::null())
        .stdout(Stdio::from(io::stderr()))
        .stderr(Stdio::piped())
        .spawn()
        .context("cannot run pip")?;
    let mut complaints = Vec::new();
    let (mut last, mut saw_mismatch) = (String::new(), false);
    for line in child.stderr.take().into_iter().flat_map(|stderr| BufReader::new(stderr).lines()) {
        let line = line.context("cannot read what pip says")?;
        saw_mismatch |= line.contains("Expected sha256");
        match line.strip_prefix("ERROR: ") {
            Some(complaint) => complaints.push(complaint.to_owned()),
            None => report_line(&line),
        }
        last = line;
    }
    let status = child.wait().context("cannot wait for pip")?;
    if !status.success() {
        // When pip itself breaks, the reason is the end of what Python says.
        if complaints.last().is_none_or(|complaint| complaint == "Exception:") {
            complaints = vec![last];
        }
        let complaints = complaints.join("; ");
        // In capitals where the file is another one; pip says it so in every version since 8.
        if complaints.contains("DO NOT MATCH THE HASHES") || saw_mismatch {
            return Err(Mismatch(format!("pip failed, {status}: {complaints}")).into());
        }
        bail!("pip failed, {status}: {complaints}");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn placed(member: &str, flavour: Flavour) -> Option<String> {
        place(member, flavour).map(|path| path.to_string_lossy().into_owned())
    }

    #[test]
    fn the_cpu_gets_no_cuda_and_no_python() {
        let kept = |member| placed(member, Flavour::Cpu);
        assert_eq!(kept("torch/lib/libtorch_cpu.so").as_deref(), Some("lib/libtorch_cpu.so"));
        assert_eq!(kept("torch/lib/libgomp.so.1").as_deref(), Some("lib/libgomp.so.1"));
        assert_eq!(kept("torch/lib/libc10.dylib").as_deref(), Some("lib/libc10.dylib"));
        assert_eq!(kept("torch/include/c10/util/Half.h").as_deref(), Some("include/c10/util/Half.h"));
        assert_eq!(kept("nvidia/cu13/lib/libcudart.so.13").as_deref(), Some("lib/libcudart.so.13"));
        for member in [
            "torch/lib/libtorch_cuda.so",
            "torch/lib/libc10_cuda.so",
            "torch/lib/libtorch.so",
            "torch/lib/libtorch_python.so",
            "torch/_C.cpython-311-x86_64-linux-gnu.so",
            "torch/__init__.py",
            "nvidia/cu13/lib/libcublas.so.13",
        ] {
            assert_eq!(kept(member), None, "{member}");
        }
    }

    #[test]
    fn cuda_keeps_the_shape_that_its_run_path_expects() {
        for member in [
            "torch/lib/libtorch_cuda.so",
            "torch/lib/libtorch.so",
            "torch/include/c10/util/Half.h",
            "nvidia/cu13/lib/libcublas.so.13",
            "nvidia/cudnn/lib/libcudnn.so.9",
            "nvidia/cu13/include/crt/host_defines.h",
        ] {
            assert_eq!(placed(member, Flavour::Cuda).as_deref(), Some(member));
        }
        assert_eq!(placed("torch/lib/libtorch_python.so", Flavour::Cuda), None);
        assert_eq!(placed("nvidia/cudnn/include/cudnn.h", Flavour::Cuda), None);
    }
}
