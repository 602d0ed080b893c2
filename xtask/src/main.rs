//! `cargo xtask`: provisions libtorch and the data, then runs cargo for the rest.
//!
//! It never depends on libtorch itself, so that it builds in seconds on a machine that has none. Each command
//! is a file of its name; [`libtorch`] knows where libtorch comes from.

mod bench;
mod browser;
mod cargo;
mod clean;
mod doctor;
mod env;
mod fuzz;
mod libtorch;
mod other_libtorch;
mod pictures;
mod product;
mod recipe;
mod setup;
mod terminal;
mod test;
mod torture;
mod workspace;

use std::process::ExitCode;

use anyhow::Result;
use clap::{Parser, Subcommand};
use selvedge_console::{escaped, report_coloured_line};

/// Train, use and work on Selvedge's networks.
///
/// The first command that needs libtorch fetches it, once.
#[derive(Debug, Parser)]
#[command(
    name = "cargo xtask",
    bin_name = "cargo xtask",
    disable_help_subcommand = true,
    after_help = "Example:\n  cargo xtask train --epochs 3"
)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Fetch libtorch and the data, so that everything works, plain cargo and an IDE too.
    Setup(setup::Setup),
    /// Train a network on Fashion-MNIST.
    Train(product::PassedOn),
    /// Go on with a run that was interrupted or killed.
    Resume(product::PassedOn),
    /// Measure the accuracy of a trained network.
    Evaluate(product::PassedOn),
    /// Name the garment on a picture.
    Predict(product::PassedOn),
    /// List, fetch, verify and show the images.
    Data(product::PassedOn),
    /// List the networks that can be trained by name.
    Models(product::PassedOn),
    /// Show the layers of a network, and what they cost.
    Summary(product::PassedOn),
    /// Make the page and the pictures of a run anew.
    Report(product::PassedOn),
    /// Check every file of a run folder, and repair what can be derived.
    Verify(product::PassedOn),
    /// Put runs side by side.
    Compare(product::PassedOn),
    /// Run a recipe of the chapter, or list them.
    Recipe(recipe::Recipe),
    /// Run all tests.
    Test(test::Test),
    /// Run the benches, beside PyTorch if a Python with it is given.
    Bench(bench::Bench),
    /// Give damaged files to the readers.
    Fuzz(fuzz::Fuzz),
    /// Attack the product: kills, damaged files, power cuts, hostile servers.
    Torture(torture::Torture),
    /// Draw the pictures of docs/augmentation.md again, from the real images.
    Pictures(pictures::Pictures),
    /// Check everything that must hold, and tell how to mend what does not.
    Doctor(doctor::Doctor),
    /// Print what a shell needs to find libtorch.
    Env(env::Env),
    /// Remove what was downloaded.
    Clean(clean::Clean),
}

fn main() -> ExitCode {
    selvedge_console::report_size_limit();
    let result = fuzz::compiler().unwrap_or_else(run);
    let status = result.unwrap_or_else(|error| {
        report_coloured_line(format_args!(
            "{} {}",
            terminal::red("error:"),
            escaped(format_args!("{error:#}"))
        ));
        ExitCode::FAILURE
    });
    match selvedge_console::finish() {
        Err(error) if status == ExitCode::SUCCESS => {
            report_coloured_line(format_args!(
                "{} cannot write to standard output: {error}",
                terminal::red("error:")
            ));
            ExitCode::FAILURE
        }
        _ => status,
    }
}

fn run() -> Result<ExitCode> {
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(shown) => return Ok(usage(&shown)),
    };
    match arguments.command {
        Command::Setup(command) => command.run(),
        Command::Train(arguments) => arguments.run("train"),
        Command::Resume(arguments) => arguments.run("resume"),
        Command::Evaluate(arguments) => arguments.run("evaluate"),
        Command::Predict(arguments) => arguments.run("predict"),
        Command::Data(arguments) => arguments.run("data"),
        Command::Models(arguments) => arguments.run("models"),
        Command::Summary(arguments) => arguments.run("summary"),
        Command::Report(arguments) => arguments.run("report"),
        Command::Verify(arguments) => arguments.run("verify"),
        Command::Compare(arguments) => arguments.run("compare"),
        Command::Recipe(command) => command.run(),
        Command::Test(command) => command.run(),
        Command::Bench(command) => command.run(),
        Command::Fuzz(command) => command.run(),
        Command::Torture(command) => command.run(),
        Command::Pictures(command) => command.run(),
        Command::Doctor(command) => command.run(),
        Command::Env(command) => command.run(),
        Command::Clean(command) => command.run(),
    }
}

/// Prints the help that was asked for, or what is wrong with the arguments.
fn usage(shown: &clap::Error) -> ExitCode {
    let printed = shown.print();
    if !shown.use_stderr() {
        selvedge_console::remember(printed);
    }
    ExitCode::from(u8::try_from(shown.exit_code()).unwrap_or(2))
}
