use selvedge_nn::{
    AlphaDropout, Dropout, Dropout1d, Dropout2d, Dropout3d, FeatureAlphaDropout, Flatten, Forward, Identity,
    Linear, Mode, ModuleDict, ModuleList, Relu, Sequential, Sigmoid, Tanh, Unflatten,
};
use tch::Tensor;

use crate::unit::{Arguments, Table, Unit, many, one};

pub(crate) const UNITS: Table = &[
    ("AlphaDropout", |it| one(it.options::<AlphaDropout>())),
    ("Dropout", |it| one(it.options::<Dropout>())),
    ("Dropout1d", |it| one(it.options::<Dropout1d>())),
    ("Dropout2d", |it| one(it.options::<Dropout2d>())),
    ("Dropout3d", |it| one(it.options::<Dropout3d>())),
    ("FeatureAlphaDropout", |it| one(it.options::<FeatureAlphaDropout>())),
    ("Flatten", |it| one(it.options::<Flatten>())),
    ("Identity", |_| one(Identity)),
    ("Linear", |it| one(Linear::with(it.take("in_features"), it.take("out_features"), it.options()))),
    ("ModuleDict", module_dict),
    ("ModuleList", module_list),
    ("Sequential", sequential),
    ("Unflatten", |it| one(it.options::<Unflatten>())),
];

fn named() -> Sequential {
    Sequential::new()
        .then_named("hidden", Linear::new(4, 3))
        .then_named("activation", Sigmoid)
        .then_named("output", Linear::new(3, 4))
}

fn sequential(it: &mut Arguments<'_>) -> Box<dyn Unit> {
    one(match it.take::<String>("of").as_str() {
        "nothing" => Sequential::new(),
        "unnamed" => Sequential::new().then(Linear::new(4, 3)).then(Relu).then(Linear::new(3, 4)),
        "named" => named(),
        "nested" => {
            let first = named();
            Sequential::new().then(first).then(Sequential::new().then(Tanh).then(Linear::new(4, 4)))
        }
        other => panic!("no Sequential of {other}"),
    })
}

fn module_list(it: &mut Arguments<'_>) -> Box<dyn Unit> {
    let mut list = ModuleList::new();
    let linear = || Box::new(Linear::new(4, 4)) as Box<dyn Forward>;
    match it.take::<String>("of").as_str() {
        "nothing" => {}
        "equal" => list = (0..3).map(|_| linear()).collect(),
        "mixed" => {
            list.push(Box::new(Relu));
            list.push(linear());
            list.push(linear());
            list.push(Box::new(named()));
        }
        other => panic!("no ModuleList of {other}"),
    }
    many(list, |list, inputs, mode| in_order(list.iter(), &inputs[0], mode))
}

fn module_dict(it: &mut Arguments<'_>) -> Box<dyn Unit> {
    let mut dict: ModuleDict = ModuleDict::new();
    if it.take::<String>("of") == "mixed" {
        dict.insert("first", Box::new(Linear::new(4, 4)));
        dict.insert("last", Box::new(named()));
    }
    many(dict, |dict, inputs, mode| in_order(dict.iter().map(|(_, part)| part), &inputs[0], mode))
}

fn in_order<'a>(
    parts: impl Iterator<Item = &'a Box<dyn Forward>>,
    input: &Tensor,
    mode: Mode,
) -> Vec<Tensor> {
    vec![parts.fold(input.shallow_clone(), |value, part| part.forward(&value, mode))]
}
