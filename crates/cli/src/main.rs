//! Trains, evaluates and uses the networks of the chapter from the command line.
//!
//! The one program that prints, and the one place where things are found by name.

mod carry_out;
mod compare;
mod completions;
mod config;
mod data;
mod digests;
mod doctor;
mod ending;
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
mod path;
mod predict;
mod progress;
mod report;
mod restore;
mod resume;
mod run;
mod session;
mod summary;
mod train;
mod unit;
mod verify;

use std::ffi::OsString;
use std::process::ExitCode;

use clap::Parser;
use selvedge_console::report_line;

/// Train, evaluate and use the chapter's networks on Fashion-MNIST.
#[derive(Debug, Parser)]
#[command(
    name = "selvedge",
    version,
    after_help = "Exit status: 0 done, 1 failed, 2 wrong usage, 3 the loss is not finite, 130 interrupted by Ctrl-C, 143 asked to terminate."
)]
enum Command {
    Train(train::Arguments),
    Resume(resume::Arguments),
    Evaluate(evaluate::Arguments),
    Predict(predict::Arguments),
    Report(report::Arguments),
    Verify(verify::Arguments),
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
    selvedge_console::report_size_limit();
    // Where the allocator has no such setting, steps are slower.
    let _ = selvedge_torch::keep_freed_memory();
    let status = Command::try_parse().map_or_else(|shown| usage(&shown), run);
    match selvedge_console::finish() {
        // A training that was interrupted says so.
        Err(error) if status == ExitCode::SUCCESS => {
            report_line(format_args!("error: cannot write to standard output: {error}"));
            ExitCode::FAILURE
        }
        _ => status,
    }
}

fn run(command: Command) -> ExitCode {
    let done = match command {
        Command::Train(arguments) => train::run(&arguments),
        Command::Resume(arguments) => resume::run(&arguments),
        Command::Evaluate(arguments) => evaluate::run(&arguments),
        Command::Predict(arguments) => predict::run(&arguments),
        Command::Report(arguments) => report::run(&arguments),
        Command::Verify(arguments) => verify::run(&arguments),
        Command::Compare(arguments) => compare::run(&arguments),
        Command::Data(command) => data::run(&command),
        Command::Models(arguments) => models::run(&arguments),
        Command::Summary(arguments) => summary::run(&arguments),
        Command::Completions(arguments) => completions::run(&arguments),
        Command::Doctor => doctor::run(),
    };
    done.unwrap_or_else(|error| {
        report_line(format_args!("error: {}", told(&error)));
        match error {
            error if error.is::<config::Invalid>() => ExitCode::from(2),
            error if ending::is_not_finite(&error) => ExitCode::from(ending::NOT_FINITE),
            _ => ExitCode::FAILURE,
        }
    })
}

/// Prints the help that was asked for, or what is wrong with the arguments.
fn usage(shown: &clap::Error) -> ExitCode {
    // An argument is told back, and a shell may have found it in a folder. What colours the message would hide one that a
    // terminal obeys.
    let is_obeyed = |argument: OsString| {
        let argument = argument.to_string_lossy();
        selvedge_console::escaped_line(&argument) != argument
    };
    if std::env::args_os().any(is_obeyed) {
        report_line(shown.render());
        return ExitCode::from(u8::try_from(shown.exit_code()).unwrap_or(2));
    }
    let printed = shown.print();
    if !shown.use_stderr() {
        selvedge_console::remember(printed);
    }
    ExitCode::from(u8::try_from(shown.exit_code()).unwrap_or(2))
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
