//! Groups of parameters.

use super::*;

/// The options of a group are those of its rule, and each parameter has one group.
#[test]
fn groups_that_no_optimizer_can_have_are_refused() {
    for (groups, expected) in [
        (
            r#"[{"parameters": "*.bais"}]"#,
            r#"no parameter has a name like "*.bais" of "optimizer.groups[0]": there are "#,
        ),
        (
            r#"[{"parameters": "*.bias"}, {"parameters": ["x*", "output.*"]}]"#,
            r#"the parameter "output.bias" is in "optimizer.groups[0]" and in "optimizer.groups[1]""#,
        ),
        (r#"[{"parameters": "***"}]"#, r#"optimizer.groups[0]: the pattern "***""#),
        (
            r#"[{"parameters": "*.bias", "lr": "fast"}]"#,
            r#""optimizer.groups[0].lr" can not be "fast": invalid type"#,
        ),
        (r#"[{"parameters": "*.bias", "lr": -1}]"#, r#""optimizer.groups[0]": Adam: lr is -1"#),
        (
            r#"[{"parameters": "*.bias", "type": "AdmW"}]"#,
            r#"optimizer.groups[0].type: there is no optimizer "AdmW": did you mean "AdamW"?"#,
        ),
        (
            r#"[{"parameters": "*.weight"}, {"parameters": "*.bias", "type": "SGD", "momentm": 0.9}]"#,
            r#"no key "momentm" in "optimizer.groups[1]": did you mean "momentum"?"#,
        ),
        (r#"[{"parameters": "*.bias", "typ": "SGD"}]"#, r#"in "optimizer.groups[0]": did you mean "type"?"#),
        // An option of the optimizer, not of the group's rule.
        (
            r#"[{"parameters": "*.bias", "type": "SGD", "betas": [0.8, 0.99]}]"#,
            r#"no key "betas" in "optimizer.groups[0]": the keys are lr, "#,
        ),
        (
            r#"[{"parameters": "*.bias", "type": "SGD", "momentum": "high"}]"#,
            r#""optimizer.groups[0].momentum" can not be "high": invalid type"#,
        ),
        (
            r#"[{"parameters": "*.bias", "type": "SGD", "momentum": -1}]"#,
            r#""optimizer.groups[0]": SGD: momentum is -1"#,
        ),
        (
            r#"[{"parameters": "*.bias", "type": "SparseAdam"}]"#,
            r#"optimizer.groups[0].type: the optimizer "SparseAdam" can not be used here: it takes sparse"#,
        ),
        (
            r#"[{"parameters": "*.bias", "type": "LBFGS"}]"#,
            r#""optimizer.groups[0].type" can not be "LBFGS""#,
        ),
        (r#"[{"parameters": "*.bias", "type": 3}]"#, r#""optimizer.groups[0].type" can not be 3"#),
        (
            r#"[{"parameters": "*.bias", "type": "Muon"}]"#,
            r#""optimizer.groups[0]": Muon: parameter "hidden1.bias" has shape [256], expected a matrix"#,
        ),
        (
            r#"[{"parameters": 3}]"#,
            r#""optimizer.groups[0].parameters" can not be 3: expected a pattern such as"#,
        ),
        (r#"[{"lr": 0.1}]"#, "missing field `parameters`"),
        (r#"{"parameters": "*.bias"}"#, r#""optimizer.groups" can not be"#),
    ] {
        let message = refusal(&format!(r#"{{"optimizer": {{"groups": {groups}}}}}"#));
        assert!(message.contains(expected), "{groups}: {message}");
    }
    let message = refusal(r#"{"optimizer": {"type": "LBFGS", "groups": [{"parameters": "*"}]}}"#);
    assert!(message.contains("LBFGS has no groups"), "{message}");
}

/// Those of no group come first, and keep the optimizer's own options.
#[test]
fn parameters_go_to_the_group_that_names_them() {
    let text = r#"{
        "optimizer": {"type": "SGD", "lr": 0.5, "groups": [
            {"parameters": "*.bias", "lr": 0.1},
            {"parameters": ["output.w?ight", "nothing"], "momentum": 0.9}
        ]},
        "schedule": {"type": "LambdaLR", "factors": [[1.0], [0.5], [0.25, 1.0]]}
    }"#;
    let config = parsed(text).unwrap();
    assert_eq!(value(&parsed(&value(&config).to_string()).unwrap()), value(&config));
    let mut optimizer = config.optimizer.build(config.model.build().named_parameters()).unwrap();
    let groups = optimizer.state_dict().param_groups;
    let of = |group: usize, option: &str| groups[group].options[option].clone();
    let names = |group: usize| groups[group].param_names.clone().unwrap();
    assert_eq!(groups.len(), 3);
    assert!(names(0).iter().all(|name| name.ends_with(".weight")) && names(0).len() == 2);
    assert!(names(1).iter().all(|name| name.ends_with(".bias")) && names(1).len() == 3);
    assert_eq!(names(2), ["output.weight"]);
    assert_eq!([of(0, "lr"), of(1, "lr"), of(2, "lr")], [json!(0.5), json!(0.1), json!(0.5)]);
    assert_eq!([of(0, "momentum"), of(2, "momentum")], [json!(0.0), json!(0.9)]);
    // A table for each group, whose last number stays.
    let mut schedule = config.schedule.unwrap().build(&mut *optimizer).unwrap();
    assert_eq!(schedule.last_lr(), [0.5, 0.05, 0.125]);
    for _ in 0..2 {
        schedule.step(None, &mut *optimizer);
        assert_eq!(schedule.last_lr(), [0.5, 0.05, 0.5]);
    }
    // Where each is in a group, the first of them is the first.
    let config = parsed(r#"{"optimizer": {"groups": [{"parameters": "*", "lr": 0.25}]}}"#).unwrap();
    let optimizer = config.optimizer.build(config.model.build().named_parameters()).unwrap();
    assert_eq!((optimizer.group_count(), optimizer.group_lr(0)), (1, 0.25));
}

/// Those of one rule share an optimizer, in the order of the groups; a rule of another kind begins with its defaults.
#[test]
fn a_group_can_have_a_rule_of_its_own() {
    let text = r#"{
        "optimizer": {"type": "Muon", "lr": 0.02, "groups": [
            {"parameters": "output.bias", "type": "AdamW", "weight_decay": 0.5},
            {"parameters": "hidden?.bias", "type": "AdamW", "lr": 0.25},
            {"parameters": "output.weight", "type": "Muon", "momentum": 0.5}
        ]},
        "schedule": {"type": "LambdaLR", "factors": [[1.0], [0.5], [0.25], [0.125]]}
    }"#;
    let config = parsed(text).unwrap();
    assert_eq!(value(&config)["optimizer"]["groups"][1]["type"], "AdamW");
    assert_eq!(value(&parsed(&value(&config).to_string()).unwrap()), value(&config));
    let mut optimizer = config.optimizer.build(config.model.build().named_parameters()).unwrap();
    assert_eq!(optimizer.name(), "Muon and AdamW");
    let groups = optimizer.state_dict().param_groups;
    let of = |option: &str| -> Vec<Value> {
        groups.iter().map(|group| group.options.get(option).cloned().unwrap_or_default()).collect()
    };
    assert_eq!(of("optimizer"), ["Muon", "AdamW", "AdamW", "Muon"]);
    assert_eq!(json!(of("lr")), json!([0.02, 1e-3, 0.25, 0.02]));
    assert_eq!(json!(of("weight_decay")), json!([0.1, 0.5, 0.01, 0.1]));
    assert_eq!(json!(of("momentum")), json!([0.95, null, null, 0.5]));
    let schedule = config.schedule.unwrap().build(&mut *optimizer).unwrap();
    assert_eq!(schedule.last_lr(), [0.02, 0.5e-3, 0.0625, 0.0025]);
}

/// What a rule does not take is told with the group to add, which is enough.
#[test]
fn a_rule_that_takes_matrices_alone_says_how_to_train_the_rest() {
    for text in [
        r#"{"optimizer": {"type": "Muon"}}"#,
        r#"{"optimizer": {"type": "Muon"}, "model": "cnn"}"#,
        r#"{"optimizer": {"type": "Muon", "groups": [{"parameters": "output.*", "type": "SGD"}]}, "model": "functional"}"#,
    ] {
        let config: Value = serde_json::from_str(text).unwrap();
        let config: Config = serde_json::from_value(config).unwrap();
        let error = config.optimizer.build(config.model.build().named_parameters()).unwrap_err().to_string();
        assert!(error.starts_with("Muon can not train \""), "{error}");
        let (_, groups) = error.split_once("--set 'optimizer.groups=").unwrap();
        let groups: Value = serde_json::from_str(groups.trim_end_matches('\'')).unwrap();
        let mut mended = value(&config);
        mended["optimizer"]["groups"] = groups;
        parsed(&mended.to_string()).unwrap();
    }
}
