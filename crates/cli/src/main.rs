//! Trains, evaluates and uses the networks of the chapter from the command line.
//!
//! The one program that prints, and the one place where things are found by name.

// This is the program: what it prints is its output.
#![allow(clippy::print_stdout, clippy::print_stderr)]

mod carry_out;
mod compare;
mod completions;
mod config;
mod data;
mod doctor;
mod evaluate;
mod garment;
mod interrupt;
mod log;
mod logs;
mod models;
mod named;
mod nearest;
mod network;
mod output;
mod predict;
mod progress;
mod report;
mod resume;
mod run;
mod session;
mod summary;
mod train;
mod unit;

use std::process::ExitCode;

use clap::Parser;

/// Train, evaluate and use the chapter's networks on Fashion-MNIST.
#[derive(Debug, Parser)]
#[command(
    name = "selvedge",
    version,
    after_help = "Exit status: 0 done, 1 failed, 2 wrong usage, 130 interrupted by Ctrl-C, 143 asked to terminate."
)]
enum Command {
    Train(train::Arguments),
    Resume(resume::Arguments),
    Evaluate(evaluate::Arguments),
    Predict(predict::Arguments),
    Report(report::Arguments),
    Compare(compare::Arguments),
    #[command(subcommand)]
    Data(data::Command),
    Models(models::Arguments),
    Summary(summary::Arguments),
    Completions(completions::Arguments),
    #[command(hide = true)]
    Doctor,
}

fn main() -> ExitCode {
    // Where the allocator has no such setting, steps are slower.
    let _ = selvedge_torch::keep_freed_memory();
    let done = match Command::parse() {
        Command::Train(arguments) => train::run(&arguments),
        Command::Resume(arguments) => resume::run(&arguments),
        Command::Evaluate(arguments) => evaluate::run(&arguments),
        Command::Predict(arguments) => predict::run(&arguments),
        Command::Report(arguments) => report::run(&arguments),
        Command::Compare(arguments) => compare::run(&arguments),
        Command::Data(command) => data::run(&command),
        Command::Models(arguments) => models::run(&arguments),
        Command::Summary(arguments) => summary::run(&arguments),
        Command::Completions(arguments) => completions::run(&arguments),
        Command::Doctor => doctor::run(),
    };
    done.unwrap_or_else(|error| {
        eprintln!("error: {}", told(&error));
        if error.is::<config::Invalid>() { ExitCode::from(2) } else { ExitCode::FAILURE }
    })
}

/// The error and its causes, without those that the message before them already tells: some of our errors name
/// their source in their own text.
pub(crate) fn told(error: &anyhow::Error) -> String {
    let mut text = error.to_string();
    for cause in error.chain().skip(1).map(ToString::to_string) {
        if !text.contains(&cause) {
            text.push_str(": ");
            text.push_str(&cause);
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use anyhow::Context;

    use super::told;

    #[test]
    fn a_cause_is_told_once() {
        let error = std::io::Error::other("the disk is full");
        let error =
            Err::<(), _>(error).context("a.txt: the disk is full").context("cannot save").unwrap_err();
        assert_eq!(told(&error), "cannot save: a.txt: the disk is full");
    }
}
