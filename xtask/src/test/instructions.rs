//! The numeric tests once more for each set of instructions that the processor has.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use anyhow::{Context, Result};
use selvedge_console::{print_line, report_line};

use crate::libtorch::Libtorch;
use crate::{cargo, workspace};

/// The packages whose results depend on instructions.
const PACKAGES: [&str; 5] =
    ["selvedge-torch", "selvedge-data", "selvedge-nn", "selvedge-train", "selvedge-recipes"];

/// A set of instructions, forced through the variables of each library that chooses kernels by them. Our own kernels follow
/// `ATEN_CPU_CAPABILITY`.
struct Pass {
    name: &'static str,
    /// A flag of the processor that it needs.
    needs: Option<&'static str>,
    aten: &'static str,
    onednn: &'static str,
    mkl: &'static str,
    threads: &'static [u32],
}

const PASSES: [Pass; 3] = [
    Pass {
        name: "AVX-512",
        needs: Some("avx512bw"),
        aten: "avx512",
        onednn: "AVX512_CORE",
        mkl: "AVX512",
        threads: &[2],
    },
    Pass { name: "AVX2", needs: Some("avx2"), aten: "avx2", onednn: "AVX2", mkl: "AVX2", threads: &[1, 2] },
    Pass { name: "no vectors", needs: None, aten: "default", onednn: "SSE41", mkl: "SSE4_2", threads: &[1] },
];

/// Runs the tests of all sets, and says at the end which ones passed.
pub(super) fn run(libtorch: &Libtorch) -> Result<ExitCode> {
    let processor = Processor::here();
    let preloaded = if processor.is_intel() { None } else { Some(preloaded()?) };
    print_line(format_args!("{}: each set of instructions with MKL's kernels for Intel", processor.name()));
    let mut failed = Vec::new();
    for pass in &PASSES {
        if pass.needs.is_some_and(|flag| !processor.has(flag)) {
            print_line(format_args!("{}: skipped, this processor does not have it", pass.name));
            continue;
        }
        for threads in pass.threads {
            let mut command = pass.command(libtorch, *threads, preloaded.as_deref());
            print_line(format_args!("\n{}, threads: {threads}", pass.name));
            if !command.status().context("cannot run cargo")?.success() {
                failed.push(format!("{} with {threads} threads", pass.name));
            }
        }
    }
    if failed.is_empty() {
        print_line("\nthe numeric tests pass with every set of instructions of this processor");
        return Ok(ExitCode::SUCCESS);
    }
    report_line(format_args!("\nthe numeric tests fail with {}", failed.join(", ")));
    Ok(ExitCode::FAILURE)
}

impl Pass {
    fn command(&self, libtorch: &Libtorch, threads: u32, preloaded: Option<&Path>) -> Command {
        let mut command = cargo::cargo(Some(libtorch));
        command.arg("test");
        cargo::in_workspace(&mut command).args(["--release", "--quiet", "--no-fail-fast", "--tests"]);
        command.args(PACKAGES.iter().flat_map(|package| ["--package", package]));
        command.env("ATEN_CPU_CAPABILITY", self.aten);
        command.env("ONEDNN_MAX_CPU_ISA", self.onednn);
        command.env("MKL_ENABLE_INSTRUCTIONS", self.mkl);
        command.env("OMP_NUM_THREADS", threads.to_string());
        if let Some(preloaded) = preloaded {
            // For the tests alone: neither cargo nor the compilers are to load it.
            let runner = format!("env LD_PRELOAD={}", preloaded.display());
            command.env("CARGO_TARGET_X86_64_UNKNOWN_LINUX_GNU_RUNNER", runner);
        }
        command
    }
}

/// Compiles the library that makes MKL take its path for Intel on another processor.
fn preloaded() -> Result<PathBuf> {
    let source = workspace::root().join("tools/processors/intel.c");
    let folder = workspace::built();
    fs::create_dir_all(&folder).with_context(|| format!("cannot make {}", folder.display()))?;
    let library = folder.join("mkl_for_intel.so");
    let mut compile = Command::new("cc");
    compile.args(["-O1", "-shared", "-fPIC"]).arg(source).arg("-o").arg(&library);
    cargo::run(&mut compile)?;
    Ok(library)
}

/// What the system says of the processor.
struct Processor {
    told: String,
}

impl Processor {
    fn here() -> Self {
        Self { told: fs::read_to_string("/proc/cpuinfo").unwrap_or_default() }
    }

    fn field(&self, key: &str) -> &str {
        let mut fields = self.told.lines().filter_map(|line| line.split_once(':'));
        fields.find(|(name, _)| name.trim() == key).map_or("", |(_, value)| value.trim())
    }

    fn name(&self) -> String {
        format!(
            "{} (family {}, model {})",
            self.field("model name"),
            self.field("cpu family"),
            self.field("model")
        )
    }

    fn is_intel(&self) -> bool {
        self.field("vendor_id") == "GenuineIntel"
    }

    fn has(&self, flag: &str) -> bool {
        self.field("flags").split(' ').any(|known| known == flag)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_processor_is_read_from_what_the_system_says() {
        let told = "processor\t: 0\nvendor_id\t: GenuineIntel\ncpu family\t: 6\nmodel\t\t: 207\n\
                    model name\t: Intel Xeon\nflags\t\t: fpu avx avx2\n\nprocessor\t: 1\n";
        let processor = Processor { told: told.to_owned() };
        assert_eq!(processor.name(), "Intel Xeon (family 6, model 207)");
        assert!(processor.is_intel() && processor.has("avx2") && !processor.has("avx512bw"));
        let unknown = Processor { told: String::new() };
        assert!(!unknown.is_intel() && !unknown.has("avx2"));
    }
}
