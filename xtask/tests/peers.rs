//! The comparison of `cargo xtask bench --peers`, with programs that only pretend to train.

#![cfg(unix)]
// The helpers of a test may unwrap, too.
#![allow(clippy::unwrap_used)]

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use tempfile::TempDir;

/// A folder with our programs, the images, a page, and a Python without any module.
struct Stage {
    folder: TempDir,
}

impl Stage {
    fn new() -> Self {
        let stage = Self { folder: TempDir::new().unwrap() };
        for program in ["epoch", "tch_native"] {
            stage.trained(program, 0.5, 0.45);
        }
        stage.program("python", "shift 2; echo $*");
        for split in ["train", "t10k"] {
            for kind in ["images-idx3", "labels-idx1"] {
                fs::write(stage.path(&format!("{split}-{kind}-ubyte")), []).unwrap();
            }
        }
        fs::write(stage.path("page.md"), "before\n<!-- peers -->\nold\n<!-- end of peers -->\nafter\n")
            .unwrap();
        stage
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// A program that says it took so many seconds for its first epoch, twice as many for the second, and has this mean loss.
    fn trained(&self, name: &str, seconds: f64, loss: f64) -> PathBuf {
        let seconds = format!("[{seconds}, {}]", 2.0 * seconds);
        let line = format!(r#"{{"epochs_s": {seconds}, "loss": {loss}, "step_us": 700, "threads": 2}}"#);
        self.program(name, &format!("test $EPOCHS = 2 && echo '{line}'"))
    }

    fn program(&self, name: &str, script: &str) -> PathBuf {
        let path = self.path(name);
        fs::write(&path, format!("#!/bin/sh\n{script}\n")).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
        path
    }

    fn compare(&self, arguments: &[String]) -> Output {
        let tools = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tools/peers");
        let mut command = Command::new("python3");
        command.env("PYTHONDONTWRITEBYTECODE", "1").arg(tools).arg("--ours").arg(self.folder.path());
        command.arg("--data").arg(self.folder.path()).arg("--python").arg(self.path("python"));
        command.arg("--page").arg(self.path("page.md")).args(["--rounds", "2", "--epochs", "2"]);
        command.args(arguments).arg("peers").output().unwrap()
    }

    fn page(&self) -> String {
        fs::read_to_string(self.path("page.md")).unwrap()
    }
}

fn built(name: &str, program: &Path) -> String {
    format!("--built={name}={}", program.display())
}

#[test]
fn the_table_goes_between_the_markers_and_tells_who_is_left_out() {
    let stage = Stage::new();
    let quick = stage.trained("quick", 0.25, 0.45);
    let broken = stage.program("broken", "echo first >&2; echo 'no such instruction' >&2; exit 1");
    let output = stage.compare(&[
        built("quick", &quick),
        built("broken", &broken),
        "--left-out=unbuilt=it does not build".to_owned(),
    ]);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let page = stage.page();
    assert!(page.starts_with("before\n<!-- peers -->\n\n"), "{page}");
    assert!(page.ends_with("\n\n<!-- end of peers -->\nafter\n"), "{page}");
    assert!(!page.contains("old"), "{page}");
    let row = |name: &str| page.find(&format!("\n| {name} |")).unwrap_or_else(|| panic!("no {name}: {page}"));
    assert!(row("quick") < row("Selvedge, compiled steps"), "the fastest is first: {page}");
    assert!(page.contains("2 rounds of 2 epochs each."), "{page}");
    assert!(page[row("quick")..].contains("| 0.38 | – | – | 0.25 to 0.50 |"), "{page}");
    assert!(page.contains("- broken: no such instruction\n"), "{page}");
    assert!(page.contains("- unbuilt: it does not build\n"), "{page}");
    assert!(page.contains("- tuned PyTorch: "), "{page}");
    assert!(page.contains("has no jax, optax, numpy\n"), "{page}");
    assert!(!page.contains("\n| broken |"), "{page}");
}

#[test]
fn one_that_does_not_learn_is_an_error() {
    let stage = Stage::new();
    let idle = stage.trained("idle", 0.1, 2.3);
    let output = stage.compare(&[built("idle", &idle)]);
    assert!(!output.status.success());
    let error = String::from_utf8_lossy(&output.stderr);
    assert!(error.contains("idle does not learn: its mean loss is 2.300"), "{error}");
    assert!(stage.page().contains("old"), "the page stays as it was");
}

#[test]
fn a_page_without_the_markers_is_an_error() {
    let stage = Stage::new();
    fs::write(stage.path("page.md"), "nothing\n").unwrap();
    let output = stage.compare(&[]);
    assert!(!output.status.success());
    let error = String::from_utf8_lossy(&output.stderr);
    assert!(error.contains("<!-- peers -->") && error.contains("page.md"), "{error}");
    assert_eq!(stage.page(), "nothing\n");
}
