//! A workspace and a cache of a test's own, and the real program in it.

use std::fs;
use std::io::{Cursor, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use zip::ZipWriter;
use zip::write::SimpleFileOptions;

pub(crate) struct Sandbox {
    root: tempfile::TempDir,
}

impl Sandbox {
    pub(crate) fn new() -> Self {
        let root = tempfile::tempdir().unwrap();
        for directory in ["workspace/xtask", "workspace/.cargo", "bin", "home"] {
            fs::create_dir_all(root.path().join(directory)).unwrap();
        }
        let lock = "[[package]]\nname = \"torch-sys\"\nversion = \"0.26.1\"\n";
        fs::write(root.path().join("workspace/Cargo.lock"), lock).unwrap();
        Self { root }
    }

    pub(crate) fn path(&self, path: &str) -> PathBuf {
        self.root.path().join(path)
    }

    /// Where libtorch comes to.
    pub(crate) fn place(&self) -> PathBuf {
        self.path("cache/libtorch/2.13.0-cpu")
    }

    pub(crate) fn record(&self) -> Option<String> {
        fs::read_to_string(self.path("workspace/.cargo/libtorch.toml")).ok()
    }

    /// The program, with nothing of the outer environment: no Python, no libtorch.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_xtask"));
        command
            .args(arguments)
            .env_clear()
            .env("PATH", self.path("bin"))
            .env("HOME", self.path("home"))
            .env("SELVEDGE_CACHE_DIR", self.path("cache"))
            // The server on loopback has no certificate.
            .env("SELVEDGE_LIBTORCH_ALLOW_HTTP", "1")
            .env("CARGO_MANIFEST_DIR", self.path("workspace/xtask"))
            .env("CARGO", self.path("bin/cargo"))
            .stdin(Stdio::null());
        command
    }

    pub(crate) fn run(&self, arguments: &[&str]) -> Output {
        self.command(arguments).output().unwrap()
    }

    /// Puts a program on the path.
    pub(crate) fn program(&self, name: &str, script: &str) {
        let path = self.path("bin").join(name);
        fs::write(&path, format!("#!/bin/sh\n{script}\n")).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
    }

    /// A directory that looks like a libtorch of that version.
    pub(crate) fn libtorch(&self, path: &str, version: &str) -> PathBuf {
        let directory = self.path(path);
        for (name, content) in members(version) {
            let file = directory.join(name);
            fs::create_dir_all(file.parent().unwrap()).unwrap();
            fs::write(file, content).unwrap();
        }
        directory
    }
}

pub(crate) fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

fn members(version: &str) -> [(&'static str, String); 5] {
    [
        ("build-version", format!("{version}\n")),
        ("include/torch/csrc/api/include/torch/torch.h", String::new()),
        ("lib/libtorch_cpu.so", "cpu".to_owned()),
        ("lib/libtorch.so", String::new()),
        ("lib/libc10.so", "c10".to_owned()),
    ]
}

/// The archive of a small libtorch, with what it does not need and `ballast` bytes that hardly compress.
pub(crate) fn archive(version: &str, ballast: usize) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    let options = SimpleFileOptions::default();
    let others = [("lib/libtorch_python.so", String::new()), ("share/cmake/x.cmake", String::new())];
    for (name, content) in members(version).into_iter().chain(others) {
        zip.start_file(format!("libtorch/{name}"), options).unwrap();
        zip.write_all(content.as_bytes()).unwrap();
    }
    zip.start_file("libtorch/lib/libballast.so", options).unwrap();
    let mut state = 1_u32;
    let noise: Vec<u8> = std::iter::repeat_with(|| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 24) as u8
    })
    .take(ballast)
    .collect();
    zip.write_all(&noise).unwrap();
    zip.finish().unwrap().into_inner()
}

/// The names in a directory; none where it is not there.
pub(crate) fn names(directory: &Path) -> Vec<String> {
    let entries = fs::read_dir(directory).into_iter().flatten();
    let mut names: Vec<_> =
        entries.map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    names
}
