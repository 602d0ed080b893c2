//! The page for users of PyTorch names all of `torch.nn.functional`, and all of ours.

// What this file needs around its tests is a test too.
#![allow(clippy::unwrap_used)]

use std::collections::BTreeSet;

use selvedge_golden::Golden;

const PAGE: &str = include_str!("../../../docs/for-pytorch-users.md");
const OURS: &str = include_str!("../src/functional.rs");

/// A row: PyTorch's names, ours, and what differs.
struct Row {
    theirs: BTreeSet<String>,
    ours: BTreeSet<String>,
    is_here: bool,
    differences: &'static str,
}

fn section() -> &'static str {
    let (_, text) = PAGE.split_once("\n## Functions\n").expect("a section Functions");
    text.split("\n## ").next().unwrap()
}

fn rows() -> Vec<Row> {
    let rows = section().lines().filter_map(|line| line.strip_prefix("| `"));
    rows.map(|row| {
        let cells: Vec<&str> = row.split('|').map(str::trim).collect();
        assert!(cells.len() == 4, "three cells: {row}");
        Row {
            theirs: names(&format!("`{}", cells[0])),
            ours: names(cells[1]),
            is_here: cells[1] != "not here",
            differences: cells[2],
        }
    })
    .collect()
}

/// What stands between backticks.
fn names(text: &str) -> BTreeSet<String> {
    text.split('`').skip(1).step_by(2).map(str::to_owned).collect()
}

/// The functions that `functional.rs` exports; types have a capital letter.
fn exported() -> BTreeSet<String> {
    let lists = OURS.split("\npub use ").skip(1).map(|export| export.split(';').next().unwrap());
    let words = lists.flat_map(|list| {
        list.split_once("::").unwrap().1.split(|letter: char| !letter.is_alphanumeric() && letter != '_')
    });
    words.filter(|word| word.starts_with(|letter: char| letter.is_lowercase())).map(str::to_owned).collect()
}

#[test]
fn every_function_of_pytorch_has_a_row_and_no_other_has() {
    let golden = Golden::read(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/golden/functional.safetensors"));
    let expected: BTreeSet<String> = golden.cases.into_iter().map(|case| case.unit).collect();
    assert!(expected.contains("conv2d") && expected.len() > 100, "{expected:?}");
    let mut found = BTreeSet::new();
    for name in rows().into_iter().flat_map(|row| row.theirs) {
        assert!(found.insert(name.clone()), "{name} has two rows");
    }
    let missing: Vec<_> = expected.difference(&found).collect();
    let unknown: Vec<_> = found.difference(&expected).collect();
    assert!(
        missing.is_empty() && unknown.is_empty(),
        "without a row: {missing:?}; not PyTorch's: {unknown:?}"
    );
}

#[test]
fn every_function_of_ours_has_a_row_and_no_other_has() {
    let alone = section().lines().filter_map(|line| line.strip_prefix("Here alone: "));
    let alone = alone.map(|line| line.split('`').nth(1).unwrap().to_owned());
    let found: BTreeSet<String> = rows().into_iter().flat_map(|row| row.ours).chain(alone).collect();
    assert_eq!(found, exported());
}

#[test]
fn a_function_that_is_not_here_has_a_reason() {
    for row in rows() {
        assert!(row.is_here != row.ours.is_empty(), "a name of ours or `not here`: {:?}", row.theirs);
        assert!(row.is_here || !row.differences.is_empty(), "no reason for {:?}", row.theirs);
    }
}
