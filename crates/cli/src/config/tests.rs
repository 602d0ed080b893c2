mod groups;

use super::*;
use crate::unit::SamplerUnit;

fn parsed(text: &str) -> Result<Config> {
    Config::default().patched([(&serde_json::from_str(text)?, &"here".to_owned())])
}

fn refusal(text: &str) -> String {
    format!("{:#}", parsed(text).unwrap_err())
}

fn value(config: &Config) -> Value {
    serde_json::to_value(config).unwrap()
}

#[test]
fn what_is_not_given_has_its_default() {
    let config = parsed(r#"{"fit": {"epochs": 3}, "model": "cnn"}"#).unwrap();
    let mut expected = value(&Config::default());
    expected["fit"]["epochs"] = 3.into();
    expected["model"] = "cnn".into();
    assert_eq!(value(&config), expected);
}

#[test]
fn every_unit_is_written_and_read_back() {
    let units = [
        ("optimizer", serde_json::to_value(OptimizerUnit::samples()).unwrap()),
        ("loss", serde_json::to_value(LossUnit::samples()).unwrap()),
        ("schedule", serde_json::to_value(ScheduleUnit::samples()).unwrap()),
        ("data.sampler", serde_json::to_value(SamplerUnit::samples()).unwrap()),
    ];
    for (section, samples) in &units {
        for sample in samples.as_array().unwrap() {
            let config = parsed(&patch::at(section, sample.clone()).to_string()).unwrap();
            assert_eq!(section.split('.').fold(&value(&config), |value, key| &value[key]), sample);
            assert_eq!(value(&parsed(&value(&config).to_string()).unwrap()), value(&config));
        }
    }
}

#[test]
fn a_unit_of_another_kind_begins_with_its_own_defaults() {
    let config = parsed(r#"{"optimizer": {"type": "SGD", "momentum": 0.9}}"#).unwrap();
    let written = &value(&config)["optimizer"];
    assert_eq!((&written["lr"], &written["momentum"]), (&json!(1e-3), &json!(0.9)));
    // The same kind keeps what it had.
    let config = parsed(r#"{"optimizer": {"type": "Adam", "amsgrad": true}}"#).unwrap();
    assert_eq!(value(&config)["optimizer"]["lr"], json!(3e-3));
}

#[test]
fn what_is_typed_goes_before_the_file_in_any_order() {
    use clap::Parser;
    #[derive(Parser)]
    struct Line {
        #[command(flatten)]
        arguments: Arguments,
    }
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("config.json");
    fs::write(&path, r#"{"optimizer": {"type": "SGD", "lr": 0.5}, "seed": 7}"#).unwrap();
    let path = path.to_str().unwrap();
    let typed =
        ["x", "--set", "optimizer.momentum=0.8", "--config", path, "--lr", "0.25", "--set", "device=cpu"];
    let config = Line::parse_from(typed).arguments.config().unwrap();
    let written = value(&config);
    assert_eq!(written["optimizer"]["type"], "SGD");
    assert_eq!(written["optimizer"]["momentum"], json!(0.8));
    assert_eq!(written["optimizer"]["lr"], json!(0.25));
    assert_eq!((&written["seed"], &written["device"]), (&json!(7), &json!("cpu")));
    // A unit's kind counts before its options, wherever it stands.
    let typed = ["x", "--set", "optimizer.nesterov=false", "--set", "optimizer.type=SGD"];
    assert_eq!(value(&Line::parse_from(typed).arguments.config().unwrap())["optimizer"]["type"], "SGD");
    for typed in ["optimizer.lr", "=1", "optimizer..lr=1"] {
        let arguments = Line::parse_from(["x", "--set", typed]).arguments;
        assert!(format!("{:#}", arguments.config().unwrap_err()).contains("expected"), "{typed}");
    }
}

#[test]
fn a_key_twice_is_refused_and_a_byte_order_mark_is_read_over() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("config.json");
    let read = |text: &str| {
        fs::write(&path, text).unwrap();
        read_patch(&path).map_err(|error| format!("{error:#}"))
    };
    for (text, expected) in [
        (
            r#"{"seed": 1, "seed": 2}"#,
            r#"the key "seed" is there twice; keep one of them at line 1 column 18"#,
        ),
        (r#"{"optimizer": {"lr": 1, "lr": 1}}"#, r#"the key "optimizer.lr" is there twice"#),
        (r#"{"data": {"augment": [{}, {"p": 1, "p": 1}]}}"#, r#"the key "data.augment[1].p" is there twice"#),
    ] {
        let error = read(text).unwrap_err();
        assert!(error.contains(expected) && error.contains("config.json"), "{error}");
    }
    let text = r#"{"seed": 7, "lr": 1e-3, "many": [1, -2, 0.5, "x", true, null, {"a": {}}]}"#;
    let expected: Value = serde_json::from_str(text).unwrap();
    assert_eq!(read(text).unwrap(), expected);
    assert_eq!(read(&format!("\u{feff}{text}")).unwrap(), expected);
    assert!(read("{\"seed\": }").is_err());
    let error = patch::of_assignment(r#"optimizer={"lr": 1, "lr": 2}"#).unwrap_err().to_string();
    assert!(error.contains(r#"optimizer: the key "lr" is there twice"#), "{error}");
    assert_eq!(patch::of_assignment("model=cnn").unwrap(), json!({"model": "cnn"}));
}

#[test]
fn an_unknown_key_is_told_the_nearest() {
    for (text, expected) in [
        (r#"{"modle": "cnn"}"#, r#"no key "modle": did you mean "model"?"#),
        (r#"{"fit": {"epoch": 3}}"#, r#"no key "epoch" in "fit": did you mean "epochs"?"#),
        (r#"{"optimizer": {"beta": 3}}"#, r#"no key "beta" in "optimizer": did you mean "betas"?"#),
        (r#"{"optimizer": {"type": "Adma"}}"#, r#"no optimizer "Adma": did you mean "Adam"?"#),
        (
            r#"{"data": {"sampler": {"type": "WeightedRandmSampler"}}}"#,
            r#"no sampler "WeightedRandmSampler": did you mean "WeightedRandomSampler"?"#,
        ),
        (
            r#"{"data": {"sampler": {"type": "WeightedRandomSampler", "replacment": true}}}"#,
            r#"no key "replacment" in "data.sampler": did you mean "replacement"?"#,
        ),
        (r#"{"data": {"smapler": {}}}"#, r#"in "data": did you mean "sampler"?"#),
        (r#"{"schedule": {"gamma": 0.5}}"#, r#""schedule" needs a "type", which is one of StepLR"#),
        (r#"{"fit": {"clip_norm": {"max_nrom": 3}}}"#, r#"in "fit.clip_norm": did you mean "max_norm"?"#),
        (r#"{"logs": {"statistcs": {}}}"#, r#"in "logs": did you mean "statistics"?"#),
        (r#"{"logs": {"statistics": {"evry": 3}}}"#, r#"in "logs.statistics": did you mean "every"?"#),
        (r#"{"logs": {"predictions": {"image": 3}}}"#, r#"in "logs.predictions": did you mean "images"?"#),
        (r#"{"zzzzzz": 3}"#, "the keys are model, seed"),
        (r#"{"backend": {"precison": {}}}"#, r#"in "backend": did you mean "precision"?"#),
        (
            r#"{"backend": {"determinism": {"cudn": true}}}"#,
            r#"in "backend.determinism": did you mean "cudnn"?"#,
        ),
        (
            r#"{"optimizer": {"groups": [{"parameters": "*.bias", "weight_decy": 0.0}]}}"#,
            r#"no key "weight_decy" in "optimizer.groups[0]": did you mean "weight_decay"?"#,
        ),
    ] {
        let message = refusal(text);
        assert!(message.contains(expected), "{text}: {message}");
    }
}

#[test]
fn values_out_of_their_domain_are_refused() {
    for (text, expected) in [
        (r#"{"data": {"batch_size": 0}}"#, "at least 1, found 0"),
        (r#"{"data": {"measuring_batch_size": 0}}"#, "at least 1, found 0"),
        (r#"{"logs": {"statistics": {"every": 0}}}"#, "at least 1, found 0"),
        (r#"{"logs": {"predictions": {"images": 0}}}"#, "from 1 to 256, found 0"),
        (r#"{"logs": {"predictions": 3}}"#, r#""logs.predictions" has to be an object"#),
        (r#"{"fit": {"measures": {"classes": 3}}}"#, "has to be 10"),
        (r#"{"data": {"limit": 0}}"#, "at least 1, found 0"),
        (r#"{"data": {"validation": 1.0}}"#, "below 1, found 1"),
        (r#"{"data": {"sampler": 3}}"#, r#""data.sampler" has to be an object of options, found 3"#),
        (r#"{"data": {"sampler": null}}"#, r#""data.sampler" can not be null"#),
        (r#"{"data": {"sampler": {"type": "DistributedSampler"}}}"#, "a run is one process"),
        (r#"{"data": {"sampler": {"type": "SubsetRandomSampler"}}}"#, "missing field `indices`"),
        (r#"{"data": {"transform": 3}}"#, r#""data.transform" has to be an object"#),
        (r#"{"fit": {"epochs": 0}}"#, "epochs is 0, expected a number from 1 on"),
        (r#"{"fit": {"clip_norm": {"max_norm": -1}}}"#, "max_norm is -1"),
        (r#"{"fit": {"mixing": {"mix_up": {}}}}"#, "loss.type=CrossEntropyLoss"),
        (r#"{"fit": 3}"#, r#""fit" has to be an object"#),
        (r#"{"threads": 0}"#, "from 1 to 1024, found 0"),
        (r#"{"optimizer": {"lr": -1}}"#, "lr is -1"),
        (r#"{"optimizer": {"lr": "fast"}}"#, r#""optimizer.lr" can not be "fast""#),
        (r#"{"loss": {"type": "CrossEntropyLoss", "label_smoothing": 2}}"#, "label_smoothing is 2"),
        (r#"{"loss": {"reduction": "none"}}"#, r#""loss.reduction" can not be "none""#),
        (r#"{"loss": {"weight": [1.0, 2.0]}}"#, "has to have 10 numbers, one for each class, found 2"),
        (
            r#"{"loss": {"type": "BCEWithLogitsLoss", "pos_weight": [1]}}"#,
            r#""loss.pos_weight" has to have 10"#,
        ),
        (r#"{"loss": {"type": "KLDivLoss", "log_target": true}}"#, r#""loss.log_target" can not be true"#),
        (
            r#"{"loss": {"type": "CTCLoss"}}"#,
            r#"the loss "CTCLoss" can not be used here: it compares sequences"#,
        ),
        (r#"{"loss": {"type": "TripletMarginLoss"}}"#, "compares an anchor with two others"),
        (r#"{"optimizer": {"type": "SparseAdam"}}"#, "takes sparse gradients"),
        (
            r#"{"backend": {"precision": {"float32_matmul": "low"}}}"#,
            r#""backend.precision.float32_matmul" can not be "low""#,
        ),
        (
            r#"{"backend": {"determinism": {"algorithms": true}}}"#,
            r#""backend.determinism.algorithms" can not be true"#,
        ),
        (
            r#"{"schedule": {"type": "LambdaLR", "factors": []}}"#,
            "LambdaLR: factors is [], expected at least one number",
        ),
        (r#"{"schedule": {"type": "LambdaLR", "factors": [[1.0], [0.5]]}}"#, "2 functions for 1 groups"),
        (
            r#"{"schedule": {"type": "MultiplicativeLR", "factors": "x"}}"#,
            r#""schedule.factors" can not be "x": expected a list"#,
        ),
        (r#"{"schedule": {"type": "StepLR"}}"#, "missing field `step_size`"),
        (r#"{"model": "mpl"}"#, r#""model" can not be "mpl""#),
        (r#"{"seed": -1}"#, r#""seed" can not be -1"#),
        ("[]", "expected an object"),
        ("{", "EOF"),
    ] {
        let message = refusal(text);
        assert!(message.contains(expected), "{text}: {message}");
    }
}

#[test]
fn weights_that_nothing_can_be_drawn_by_are_refused() {
    for (option, expected) in [
        (
            r#""class_weights": [1, 2]"#,
            r#"class_weights" has to have 10 numbers, one for each class, found 2"#,
        ),
        (r#""class_weights": []"#, "one for each class, found 0"),
        (r#""class_weights": [1, 1, 1, 1, 1, 1, 1, 1, 1, -1]"#, "that are not negative, found -1"),
        (r#""class_weights": [0, 0, 0, 0, 0, 0, 0, 0, 0, 0]"#, r#"class_weights": expected at least one"#),
        (r#""class_weights": [1, 1, 1, 1, 1, 1, 1, 1, 1, "x"]"#, r#"class_weights" can not be [1,1,1"#),
        (r#""class_weights": "[1, NaN]""#, r#"class_weights" can not be "[1, NaN]""#),
        (r#""weights": [1, -2]"#, r#""data.sampler.weights": expected finite numbers"#),
        (r#""weights": [1], "class_weights": [1]"#, r#"has "weights" and "class_weights""#),
        (r#""num_samples": 0"#, r#""data.sampler.num_samples" has to be at least 1, found 0"#),
        (r#""num_samples": -3"#, r#""data.sampler.num_samples" can not be -3"#),
        (r#""replacement": "no""#, r#""data.sampler.replacement" can not be "no""#),
    ] {
        let message =
            refusal(&format!(r#"{{"data": {{"sampler": {{"type": "WeightedRandomSampler", {option}}}}}}}"#));
        assert!(message.contains(expected), "{option}: {message}");
    }
    let message = refusal(r#"{"data": {"sampler": {"type": "SubsetRandomSampler", "indices": []}}}"#);
    assert!(message.contains("at least one number, found none"), "{message}");
}

#[test]
fn what_is_null_is_taken_away() {
    let config = parsed(r#"{"schedule": {"type": "StepLR", "step_size": 2}}"#).unwrap();
    let patch = json!({ "schedule": null });
    assert!(config.patched([(&patch, &"here".to_owned())]).unwrap().schedule.is_none());
}

#[test]
fn factors_of_a_multiplicative_schedule_follow_each_other() {
    let text =
        r#"{"schedule": {"type": "MultiplicativeLR", "factors": [9.0, 0.5, 0.1]}, "optimizer": {"lr": 1.0}}"#;
    let config = parsed(text).unwrap();
    let mut optimizer = config.optimizer.build(config.model.build().named_parameters()).unwrap();
    let mut schedule = config.schedule.unwrap().build(&mut *optimizer).unwrap();
    let mut rates = vec![schedule.last_lr()[0]];
    for _ in 0..3 {
        schedule.step(None, &mut *optimizer);
        rates.push(schedule.last_lr()[0]);
    }
    assert_eq!(rates, [1.0, 0.5, 0.5 * 0.1, 0.5 * 0.1 * 0.1]);
}

/// The page for users of PyTorch names each unit, which tests of the library hold.
#[test]
fn every_unit_of_the_library_has_a_name_here_or_a_reason_why_not() {
    let page = include_str!("../../../../docs/for-pytorch-users.md");
    let samples = [
        ("Losses", serde_json::to_value(LossUnit::samples()).unwrap(), "Loss"),
        ("Optimizers", serde_json::to_value(OptimizerUnit::samples()).unwrap(), ""),
        ("Schedules", serde_json::to_value(ScheduleUnit::samples()).unwrap(), "LR"),
    ];
    for (section, samples, suffix) in &samples {
        let (_, text) = page.split_once(&format!("\n## {section}\n")).unwrap();
        let text = text.split("\n## ").next().unwrap();
        let first_cells = text.lines().filter_map(|line| line.strip_prefix("| `")?.split_once('`'));
        // Functions and methods have other names.
        let is_unit = |name: &&str| {
            name.starts_with(char::is_uppercase)
                && !name.contains('.')
                && !["Optimizer", "LRScheduler", "AveragedModel"].contains(name)
        };
        let names: Vec<&str> = first_cells.map(|(name, _)| name).filter(is_unit).collect();
        assert!(names.len() > 12 && names.iter().any(|name| name.ends_with(suffix)), "{section}: {names:?}");
        for name in names {
            let known = samples.as_array().unwrap().iter().any(|sample| sample["type"] == name);
            assert!(known != crate::unit::unfit(name).is_some(), "{section}: {name}");
        }
    }
}

/// A cell of that page names several.
#[test]
fn every_sampler_of_the_library_has_a_name_here_or_a_reason_why_not() {
    let page = include_str!("../../../../docs/for-pytorch-users.md");
    let named = page
        .split('`')
        .skip(1)
        .step_by(2)
        .filter(|name| name.ends_with("Sampler") && name.chars().all(char::is_alphanumeric));
    let names: std::collections::BTreeSet<&str> = named.collect();
    assert!(names.len() >= 7 && names.contains("StratifiedSampler"), "{names:?}");
    let samples = serde_json::to_value(SamplerUnit::samples()).unwrap();
    for name in names {
        let known = samples.as_array().unwrap().iter().any(|sample| sample["type"] == name);
        assert!(known != crate::unit::unfit(name).is_some(), "{name}");
    }
}
