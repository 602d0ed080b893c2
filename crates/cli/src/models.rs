use std::process::ExitCode;

use anyhow::Result;
use clap::{Args, ValueEnum};
use selvedge_nn::ModuleExt;
use serde_json::json;

use crate::named::name_of;
use crate::network::Network;
use crate::output::Output;

/// List the networks that can be trained by name.
#[derive(Debug, Args)]
#[command(after_help = "Example: cargo xtask models")]
pub(crate) struct Arguments {
    #[command(flatten)]
    output: Output,
}

pub(crate) fn run(arguments: &Arguments) -> Result<ExitCode> {
    for network in Network::value_variants() {
        let parameters = network.build().parameter_count();
        let (name, about) = (name_of(network), network.about());
        arguments.output.say(
            format_args!("{name:<12} {parameters:>8} parameters   {about}"),
            || json!({ "name": name, "parameters": parameters, "about": about }),
        );
    }
    Ok(ExitCode::SUCCESS)
}
