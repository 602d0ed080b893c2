//! The page for users of PyTorch names everything of `torch.optim`.

const PAGE: &str = include_str!("../../../docs/for-pytorch-users.md");

/// The rows of the tables in a section.
fn names(section: &str) -> Vec<String> {
    let heading = format!("\n## {section}\n");
    let (_, text) = PAGE.split_once(&heading).unwrap_or_else(|| panic!("a section {section}"));
    let text = text.split("\n## ").next().unwrap_or(text);
    let rows = text.lines().filter_map(|line| line.strip_prefix("| "));
    let cells = rows.filter_map(|row| row.split(" |").next());
    cells.flat_map(|cell| cell.split('`').skip(1).step_by(2)).map(str::to_owned).collect()
}

#[track_caller]
fn complete(section: &str, expected: &[&str]) {
    let names = names(section);
    let missing: Vec<&&str> =
        expected.iter().filter(|name| !names.iter().any(|known| known == **name)).collect();
    assert!(missing.is_empty(), "{section} lacks {missing:?}");
}

#[test]
fn every_optimizer_is_named() {
    complete(
        "Optimizers",
        &[
            "SGD",
            "Adam",
            "AdamW",
            "Adamax",
            "NAdam",
            "RAdam",
            "Adagrad",
            "Adadelta",
            "Adafactor",
            "RMSprop",
            "Rprop",
            "ASGD",
            "LBFGS",
            "SparseAdam",
            "Muon",
        ],
    );
}

#[test]
fn every_schedule_is_named() {
    complete(
        "Schedules",
        &[
            "LambdaLR",
            "MultiplicativeLR",
            "StepLR",
            "MultiStepLR",
            "ConstantLR",
            "LinearLR",
            "ExponentialLR",
            "SequentialLR",
            "CosineAnnealingLR",
            "ChainedScheduler",
            "ReduceLROnPlateau",
            "CyclicLR",
            "CosineAnnealingWarmRestarts",
            "OneCycleLR",
            "PolynomialLR",
            "LRScheduler",
            "SWALR",
            "AveragedModel",
            "get_swa_avg_fn",
            "get_swa_multi_avg_fn",
            "get_ema_avg_fn",
            "get_ema_multi_avg_fn",
            "update_bn",
        ],
    );
}
