use anyhow::Result;
use clap::ValueEnum;
use selvedge_data::{Dataset, Error, Split};
use serde_json::json;

use crate::config::Source;

/// Prints a line for each dataset that the networks fit.
pub(super) fn run(as_json: bool) -> Result<()> {
    for source in Source::value_variants() {
        let loaded = (source.load(Split::Train, None), source.load(Split::Test, None));
        let (state, images) = match &loaded {
            (Ok(train), Ok(test)) => ("here", train.len() + test.len()),
            (Err(Error::NotFound { .. }), _) | (_, Err(Error::NotFound { .. })) => ("not here", 0),
            _ => ("damaged", 0),
        };
        if as_json {
            println!("{}", json!({ "name": source.to_string(), "state": state, "images": images }));
            continue;
        }
        let name = source.to_string();
        match state {
            "here" => println!("{name:<14} {images} images, on this machine"),
            "not here" => println!("{name:<14} not here: selvedge data fetch {name}"),
            _ => println!("{name:<14} damaged: selvedge data verify {name}"),
        }
    }
    Ok(())
}
