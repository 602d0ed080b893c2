//! What only a program that is linked to libtorch can tell.

use std::io;
use std::process::{Command, Stdio};

use serde_json::Value;

use super::finding::Finding;
use crate::libtorch::{Flavour, Libtorch};
use crate::workspace;

const BUILD: &str = "cargo xtask setup";

/// Asks the product, as it was built last.
pub(super) fn ask(libtorch: Option<&Libtorch>) -> Vec<Finding> {
    let program = workspace::built().join("selvedge").with_extension(std::env::consts::EXE_EXTENSION);
    let output = match Command::new(&program).arg("doctor").stdin(Stdio::null()).output() {
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            return vec![Finding::bad("selvedge", "not built yet, so devices and data are not known", BUILD)];
        }
        Err(error) => {
            return vec![Finding::bad("selvedge", format!("{}: {error}", program.display()), BUILD)];
        }
        Ok(output) => output,
    };
    let Ok(report) = serde_json::from_slice::<Value>(&output.stdout) else {
        let said = String::from_utf8_lossy(&output.stderr);
        let reason = said.lines().next().unwrap_or("it says nothing").to_owned();
        let reason = format!("{} does not run: {reason}", program.display());
        return vec![Finding::bad("selvedge", reason, BUILD)];
    };
    vec![linked(&report, libtorch), devices(&report), data(&report)]
}

/// What the program says it is linked to.
fn linked(report: &Value, libtorch: Option<&Libtorch>) -> Finding {
    let version = report["libtorch_version"].as_str().unwrap_or("of unknown version");
    let cuda = report["cuda_linked"].as_bool() == Some(true);
    let says = format!("linked to libtorch {version}, {} CUDA", if cuda { "with" } else { "without" });
    if !cuda && libtorch.is_some_and(Libtorch::has_cuda) {
        let mend = "cargo clean --release --package selvedge-torch && cargo xtask setup";
        return Finding::bad("selvedge", format!("{says}, though this libtorch has it"), mend);
    }
    Finding::good("selvedge", says)
}

fn devices(report: &Value) -> Finding {
    let seen: Vec<_> = report["devices"]
        .as_array()
        .into_iter()
        .flatten()
        .map(|device| device.as_str().map_or_else(|| device.to_string(), str::to_owned))
        .collect();
    let says = if seen.is_empty() { "none is reported".to_owned() } else { seen.join(", ") };
    let cuda_devices = report["cuda_devices"].as_u64().unwrap_or(0);
    let has_driver = Flavour::of_this_machine() == Flavour::Cuda;
    match (has_driver, report["cuda_linked"].as_bool() == Some(true), cuda_devices) {
        (true, true, 0) => Finding::bad(
            "devices",
            format!("{says}; a CUDA driver is there, but no device is seen"),
            "nvidia-smi",
        ),
        (true, false, _) => {
            Finding::fair("devices", format!("{says}; a CUDA driver is there"), "cargo xtask setup --cuda")
        }
        _ => Finding::good("devices", says),
    }
}

fn data(report: &Value) -> Finding {
    let data = &report["data"];
    if data["verified"].as_bool() == Some(true) {
        let place = data["directory"].as_str().map(|directory| format!(" in {directory}"));
        return Finding::good("data", format!("Fashion-MNIST{}, verified", place.unwrap_or_default()));
    }
    let problem =
        data["problem"].as_str().unwrap_or("Fashion-MNIST is not there yet, or not what it must be");
    Finding::bad("data", problem, "cargo xtask setup")
}
