use std::process::ExitCode;

use anyhow::Result;
use selvedge_console::print_line;
use selvedge_data::FashionMnist;
use serde::Serialize;

/// What only a program linked to libtorch can tell `cargo xtask doctor`, as a line of JSON.
#[derive(Debug, Serialize)]
struct Findings {
    libtorch_version: String,
    cuda_linked: bool,
    cuda_devices: usize,
    devices: Vec<String>,
    data: Data,
}

#[derive(Debug, Serialize)]
struct Data {
    verified: bool,
    problem: Option<String>,
}

pub(crate) fn run() -> Result<ExitCode> {
    let findings = Findings {
        libtorch_version: selvedge_torch::libtorch::version()?,
        cuda_linked: tch::utils::has_cuda(),
        cuda_devices: selvedge_torch::cuda::device_count().unwrap_or(0),
        devices: devices(),
        data: data(),
    };
    print_line(serde_json::to_string(&findings)?);
    Ok(ExitCode::SUCCESS)
}

fn devices() -> Vec<String> {
    let cuda = (0..selvedge_torch::cuda::device_count().unwrap_or(0)).map(|index| format!("cuda:{index}"));
    let mps = tch::utils::has_mps().then(|| "mps".to_owned());
    std::iter::once("cpu".to_owned()).chain(cuda).chain(mps).collect()
}

fn data() -> Data {
    let found = FashionMnist::train().load().and_then(|_| FashionMnist::test().load());
    Data { verified: found.is_ok(), problem: found.err().map(|error| error.to_string()) }
}
