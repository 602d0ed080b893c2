use super::*;

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
    ];
    for (section, samples) in &units {
        for sample in samples.as_array().unwrap() {
            let config = parsed(&json!({ *section: sample }).to_string()).unwrap();
            assert_eq!(value(&config)[section], *sample);
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
fn an_unknown_key_is_told_the_nearest() {
    for (text, expected) in [
        (r#"{"modle": "cnn"}"#, r#"no key "modle": did you mean "model"?"#),
        (r#"{"fit": {"epoch": 3}}"#, r#"no key "epoch" in "fit": did you mean "epochs"?"#),
        (r#"{"optimizer": {"beta": 3}}"#, r#"no key "beta" in "optimizer": did you mean "betas"?"#),
        (r#"{"optimizer": {"type": "Adma"}}"#, r#"no optimizer "Adma": did you mean "Adam"?"#),
        (r#"{"schedule": {"gamma": 0.5}}"#, r#""schedule" needs a "type", which is one of StepLR"#),
        (r#"{"fit": {"clip_norm": {"max_nrom": 3}}}"#, r#"in "fit.clip_norm": did you mean "max_norm"?"#),
        (r#"{"logs": {"statistcs": {}}}"#, r#"in "logs": did you mean "statistics"?"#),
        (r#"{"logs": {"statistics": {"evry": 3}}}"#, r#"in "logs.statistics": did you mean "every"?"#),
        (r#"{"logs": {"predictions": {"image": 3}}}"#, r#"in "logs.predictions": did you mean "images"?"#),
        (r#"{"zzzzzz": 3}"#, "the keys are model, seed"),
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
        (r#"{"data": {"transform": 3}}"#, r#""data.transform" has to be an object"#),
        (r#"{"fit": {"epochs": 0}}"#, "epochs is 0, expected a number from 1 on"),
        (r#"{"fit": {"clip_norm": {"max_norm": -1}}}"#, "max_norm is -1"),
        (r#"{"fit": {"mixing": {"mix_up": {}}}}"#, "loss.type=CrossEntropyLoss"),
        (r#"{"fit": 3}"#, r#""fit" has to be an object"#),
        (r#"{"threads": 0}"#, "at least 1, found 0"),
        (r#"{"optimizer": {"lr": -1}}"#, "lr is -1"),
        (r#"{"optimizer": {"lr": "fast"}}"#, r#""optimizer.lr" can not be "fast""#),
        (r#"{"loss": {"type": "CrossEntropyLoss", "label_smoothing": 2}}"#, "label_smoothing is 2"),
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
fn what_is_null_is_taken_away() {
    let config = parsed(r#"{"schedule": {"type": "StepLR", "step_size": 2}}"#).unwrap();
    let patch = json!({ "schedule": null });
    assert!(config.patched([(&patch, &"here".to_owned())]).unwrap().schedule.is_none());
}
