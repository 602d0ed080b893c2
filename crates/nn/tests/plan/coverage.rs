use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use selvedge_nn::plan::Chain;

use crate::cases::{Case, cases};
use crate::generator;

/// The names of the layers that the sources offer to a chain.
fn offered(folder: &Path, names: &mut BTreeSet<String>) {
    for entry in fs::read_dir(folder).expect("the sources are there") {
        let path = entry.expect("they can be listed").path();
        if path.is_dir() {
            offered(&path, names);
        } else {
            let text = fs::read_to_string(&path).expect("they are text");
            // An example in a comment is none of them.
            for line in text.lines().filter(|line| !line.trim_start().starts_with("//")) {
                if line.contains("chain.push(Self::NAME") {
                    // Generic over the dimensions: the file's own name.
                    names.extend(path.file_stem().map(|name| name.to_string_lossy().into_owned()));
                }
                if let Some((_, rest)) = line.split_once("chain.push(\"") {
                    names.insert(rest.split('"').take(1).collect());
                }
                let words: Vec<&str> = line.split_whitespace().collect();
                if path.ends_with("activation/stage.rs")
                    && words.len() > 2
                    && (words[1] == "from" || words[1].starts_with('|'))
                    && words[0].chars().all(char::is_alphanumeric)
                {
                    names.insert(words[0].to_uppercase());
                }
            }
        }
    }
}

#[test]
fn every_stage_has_a_case() {
    let _generator = generator();
    let mut names = BTreeSet::new();
    offered(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut names);
    assert!(names.contains("Linear") && names.contains("RELU") && names.contains("TANHSHRINK"), "{names:?}");
    let tried: BTreeSet<String> = cases()
        .iter()
        .flat_map(|Case(layer, _)| {
            let chain = Chain::of(&**layer).unwrap();
            chain
                .links()
                .iter()
                .map(|link| link.unit.rsplit(' ').next().unwrap().to_uppercase())
                .collect::<Vec<_>>()
        })
        .collect();
    let is_tried = |name: &str| match name {
        "conv" => ["CONV1D", "CONV2D", "CONV3D"].iter().all(|name| tried.contains(*name)),
        "max" => tried.contains("MAXPOOL2D"),
        "batch" => ["BATCHNORM1D", "BATCHNORM2D", "BATCHNORM3D"].iter().all(|name| tried.contains(*name)),
        name => tried.contains(&name.to_uppercase()),
    };
    let missing: Vec<&String> = names.iter().filter(|name| !is_tried(name)).collect();
    assert!(missing.is_empty(), "no case for {missing:?}");
}
