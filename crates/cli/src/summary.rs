use std::process::ExitCode;

use anyhow::Result;
use clap::Args;
use clap::builder::RangedU64ValueParser;
use selvedge_console::print_line;
use selvedge_nn::{repr, summary};

use crate::garment::EDGE;
use crate::network::Network;

/// Show the layers of a network, what they give, and what they cost.
#[derive(Debug, Args)]
#[command(after_help = "Example: cargo xtask summary cnn --batch-size 1")]
pub(crate) struct Arguments {
    /// The network
    #[arg(value_enum, default_value = "mlp")]
    model: Network,
    /// Images in the batch that it is shown for
    #[arg(long, default_value_t = 64, value_parser = RangedU64ValueParser::<u32>::new().range(1..=65_536))]
    batch_size: u32,
}

pub(crate) fn run(arguments: &Arguments) -> Result<ExitCode> {
    let model = arguments.model.build();
    let edge = i64::from(EDGE);
    print_line(format_args!(
        "{}\n\n{}",
        repr(&model),
        summary(&model, &[i64::from(arguments.batch_size), 1, edge, edge])
    ));
    Ok(ExitCode::SUCCESS)
}
