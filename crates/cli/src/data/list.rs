use anyhow::Result;
use clap::ValueEnum;
use selvedge_data::{Dataset, Error, Split};
use serde_json::json;

use crate::config::Source;
use crate::output::Output;

/// Prints a line for each dataset that the networks fit.
pub(super) fn run(output: Output) -> Result<()> {
    for source in Source::value_variants() {
        let loaded = (source.load(Split::Train, None), source.load(Split::Test, None));
        let (state, images) = match &loaded {
            (Ok(train), Ok(test)) => ("here", train.len() + test.len()),
            (Err(Error::NotFound { .. }), _) | (_, Err(Error::NotFound { .. })) => ("not here", 0),
            _ => ("damaged", 0),
        };
        let name = source.to_string();
        let text = match state {
            "here" => format!("{name:<14} {images} images, on this machine"),
            "not here" => format!("{name:<14} not here: selvedge data fetch {name}"),
            _ => format!("{name:<14} damaged: selvedge data verify {name}"),
        };
        output.say(text, || json!({ "name": name, "state": state, "images": images }));
    }
    Ok(())
}
