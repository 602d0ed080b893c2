use std::process::ExitCode;

use anyhow::Result;
use clap::{Args, ValueEnum};
use selvedge_nn::ModuleExt;
use serde_json::json;

use crate::network::Network;

/// List the networks that can be trained by name.
#[derive(Debug, Args)]
#[command(after_help = "Example: cargo xtask models")]
pub(crate) struct Arguments {
    /// One JSON object for each network
    #[arg(long)]
    json: bool,
}

pub(crate) fn run(arguments: &Arguments) -> Result<ExitCode> {
    for network in Network::value_variants() {
        let parameters = network.build().parameter_count();
        let (name, about) = (network.name(), network.about());
        if arguments.json {
            println!("{}", json!({ "name": name, "parameters": parameters, "about": about }));
        } else {
            println!("{name:<12} {parameters:>8} parameters   {about}");
        }
    }
    Ok(ExitCode::SUCCESS)
}
