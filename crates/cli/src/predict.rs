use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Result;
use clap::Args;
use selvedge_console::{escaped_line, report_line};
use selvedge_data::Apply;
use selvedge_nn::ModuleExt;
use selvedge_train::trainer::predict;
use serde_json::json;
use tch::{Kind, Tensor};

use crate::garment::{self, EDGE, Invert};
use crate::output::Output;
use crate::run::{Run, Weights};
use crate::session;

/// Name the garment in an image.
#[derive(Debug, Args)]
#[command(after_help = "Example: cargo xtask predict runs/mlp-1 shirt.png boot.jpg")]
pub(crate) struct Arguments {
    /// The folder that `train` made
    run: PathBuf,
    /// PNG, JPEG or WebP, of any size
    #[arg(required = true)]
    images: Vec<PathBuf>,
    /// Whether to turn dark on bright into the data's bright on dark
    #[arg(long, value_enum, default_value = "auto")]
    invert: Invert,
    /// How many garments to name for each image
    #[arg(long, default_value_t = 3, value_parser = clap::value_parser!(u8).range(1..=10))]
    top: u8,
    /// Which of the run's models
    #[arg(long, value_enum, default_value = "last")]
    weights: Weights,
    /// auto, cpu, cuda, cuda:N or mps [default: as in training]
    #[arg(long)]
    device: Option<String>,
    #[command(flatten)]
    output: Output,
}

pub(crate) fn run(arguments: &Arguments) -> Result<ExitCode> {
    let (run, mut config) = Run::open(&arguments.run)?;
    if let Some(device) = &arguments.device {
        config.device.clone_from(device);
    }
    let device = session::prepare(&config)?;
    let model = config.model.build();
    run.load(&*model, arguments.weights, &mut report_line)?;
    model.to(device);

    let mut unreadable = false;
    for path in &arguments.images {
        // The other images are named all the same.
        let image = match garment::read(path, arguments.invert) {
            Ok(image) => image,
            Err(error) => {
                report_line(format_args!("error: {}", crate::told(&error)));
                unreadable = true;
                continue;
            }
        };
        let edge = i64::from(EDGE);
        let bytes = Tensor::from_slice(image.as_raw()).view([1, 1, edge, edge]);
        let input = config.data.transform.apply(&bytes.to_device(device))?;
        let probabilities = predict(&*model, &input).exp().to_kind(Kind::Double);
        let (values, classes) = probabilities.view([-1]).topk(i64::from(arguments.top), 0, true, true);
        let names = config.data.source.class_names();
        let ranked: Vec<(&str, f64)> = (0..i64::from(arguments.top))
            .map(|rank| (names[classes.int64_value(&[rank]) as usize], values.double_value(&[rank])))
            .collect();
        let shares = ranked.iter().map(|(class, share)| format!("{class} {:.1} %", 100.0 * share));
        let text = format!("{}: {}", escaped_line(path.display()), shares.collect::<Vec<_>>().join(", "));
        arguments.output.say(text, || {
            let classes = ranked.iter().map(|(class, share)| json!({ "class": class, "probability": share }));
            json!({ "image": crate::path::to_json(path), "classes": classes.collect::<Vec<_>>() })
        });
    }
    Ok(if unreadable { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}
