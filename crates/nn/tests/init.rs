//! Each function of `init` writes what PyTorch writes from the same generator state, and refuses what has no
//! meaning.

use std::collections::BTreeSet;

use selvedge_golden::{Case, Golden, assert_close};
use selvedge_nn::init::{self, FanMode, InitError, Nonlinearity};
use selvedge_torch::libtorch::cpu_capability;
use tch::{Device, Kind, Tensor};

/// The functions that the crate promises.
const UNITS: [&str; 16] = [
    "calculate_gain",
    "constant_",
    "dirac_",
    "eye_",
    "kaiming_normal_",
    "kaiming_uniform_",
    "normal_",
    "ones_",
    "orthogonal_",
    "sparse_",
    "trunc_normal_",
    "uniform_",
    "xavier_normal_",
    "xavier_uniform_",
    "zeros_",
    "fan_in_and_fan_out",
];

fn number(case: &Case, option: &str) -> f64 {
    case.options[option].as_f64().unwrap_or_else(|| panic!("{} has no number {option:?}", case.name))
}

fn fan_mode(case: &Case) -> FanMode {
    match case.options["mode"].as_str() {
        Some("fan_in") => FanMode::FanIn,
        Some("fan_out") => FanMode::FanOut,
        other => panic!("{}: no fan mode {other:?}", case.name),
    }
}

fn nonlinearity(case: &Case) -> Nonlinearity {
    match case.options["nonlinearity"].as_str() {
        Some("linear") => Nonlinearity::Linear,
        Some("sigmoid") => Nonlinearity::Sigmoid,
        Some("tanh") => Nonlinearity::Tanh,
        Some("relu") => Nonlinearity::Relu,
        Some("leaky_relu") => Nonlinearity::LeakyRelu { negative_slope: number(case, "a") },
        Some("selu") => Nonlinearity::Selu,
        other => panic!("{}: no nonlinearity {other:?}", case.name),
    }
}

fn initialise(case: &Case, tensor: &Tensor) -> Result<(), InitError> {
    let option = |name| number(case, name);
    match case.unit.as_str() {
        "uniform_" => init::uniform_(tensor, option("a"), option("b")),
        "normal_" => init::normal_(tensor, option("mean"), option("std")),
        "trunc_normal_" => {
            init::trunc_normal_(tensor, option("mean"), option("std"), option("a"), option("b"))
        }
        "constant_" => {
            init::constant_(tensor, option("val"));
            Ok(())
        }
        "ones_" => {
            init::ones_(tensor);
            Ok(())
        }
        "zeros_" => {
            init::zeros_(tensor);
            Ok(())
        }
        "eye_" => init::eye_(tensor),
        "dirac_" => init::dirac_(tensor, option("groups") as i64),
        "xavier_uniform_" => init::xavier_uniform_(tensor, option("gain")),
        "xavier_normal_" => init::xavier_normal_(tensor, option("gain")),
        "kaiming_uniform_" => init::kaiming_uniform_(tensor, fan_mode(case), nonlinearity(case)),
        "kaiming_normal_" => init::kaiming_normal_(tensor, fan_mode(case), nonlinearity(case)),
        "orthogonal_" => init::orthogonal_(tensor, option("gain")),
        "sparse_" => init::sparse_(tensor, option("sparsity"), option("std")),
        other => panic!("no function {other}"),
    }
}

/// Panics unless the values are PyTorch's: to the bit, where no library rounds.
#[track_caller]
fn same(case: &Case, found: &Tensor, expected: &Tensor) {
    // LAPACK's QR decomposition sums in an order that depends on the processor. Without vector instructions libtorch
    // computes logarithms, cosines and products with sums by other functions.
    let rounds = case.unit == "orthogonal_" || cpu_capability().expect("libtorch tells it") == "DEFAULT";
    match (rounds, found.kind()) {
        (false, _) => assert_eq!(found, expected, "{}", case.name),
        (true, Kind::Double) => assert_close(&case.name, found, expected, 1e-14),
        (true, _) => assert_close(&case.name, found, expected, 1e-5),
    }
}

/// One test, since the generator is shared by all threads.
#[test]
fn the_values_are_pytorchs() {
    let golden = Golden::read(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/golden/init.safetensors"));
    let mut covered = BTreeSet::from(["fan_in_and_fan_out"]);
    for case in &golden.cases {
        covered.insert(&case.unit);
        let expected = case.tensor("output");
        if case.unit == "calculate_gain" {
            assert_eq!(init::calculate_gain(nonlinearity(case)), expected.double_value(&[]), "{}", case.name);
            continue;
        }
        // A parameter, since writing into one must not be seen by autograd.
        let tensor = (Tensor::ones_like(&expected) * 7.0).set_requires_grad(true);
        tch::manual_seed(case.options["seed"].as_i64().unwrap());
        initialise(case, &tensor).unwrap();
        same(case, &tensor, &expected);
        assert!(tensor.requires_grad() && tensor.is_leaf(), "{}", case.name);
        let after = Tensor::rand([4], (Kind::Float, Device::Cpu));
        assert_eq!(after, case.tensor("after"), "{}: the generator afterwards", case.name);
    }
    assert_eq!(covered, BTreeSet::from(UNITS));
}

#[test]
fn the_page_for_pytorch_users_names_every_function() {
    let page = include_str!("../../../docs/for-pytorch-users.md");
    let section = page.split("\n## ").find(|section| section.starts_with("Initialisation\n")).unwrap();
    let rows = section.lines().filter(|line| line.starts_with("| "));
    let names: Vec<&str> =
        rows.flat_map(|row| row.split(|c: char| !c.is_alphanumeric() && c != '_')).collect();
    let missing: Vec<_> = UNITS.iter().filter(|unit| !names.contains(unit)).collect();
    assert!(missing.is_empty(), "docs/for-pytorch-users.md does not name {missing:?}");
}

#[test]
fn fans_count_the_receptive_field() {
    let fans = |size: &[i64]| init::fan_in_and_fan_out(&zeros(size));
    assert_eq!(fans(&[5, 3]), Ok((3, 5)));
    assert_eq!(fans(&[8, 4, 3, 2]), Ok((24, 48)));
    assert!(fans(&[5]).is_err());
}

#[test]
fn a_shape_without_a_meaning_is_refused() {
    let vector = zeros(&[4]);
    let refused = [
        init::eye_(&vector),
        init::dirac_(&zeros(&[3, 3]), 1),
        init::xavier_uniform_(&vector, 1.0),
        init::xavier_normal_(&vector, 1.0),
        init::kaiming_uniform_(&vector, FanMode::FanIn, Nonlinearity::Relu),
        init::kaiming_normal_(&vector, FanMode::FanIn, Nonlinearity::Relu),
        init::orthogonal_(&vector, 1.0),
        init::sparse_(&zeros(&[2, 2, 2]), 0.5, 0.01),
    ];
    for result in refused {
        let error = result.unwrap_err();
        assert!(matches!(error, InitError::Shape { .. }), "{error}");
        assert!(error.to_string().contains("found shape ["), "{error}");
    }
}

#[test]
fn a_kind_that_can_not_hold_the_values_is_refused() {
    let integers = Tensor::zeros([3, 3], (Kind::Int64, Device::Cpu));
    let refused = [
        init::uniform_(&integers, 0.0, 1.0),
        init::normal_(&integers, 0.0, 1.0),
        init::trunc_normal_(&integers, 0.0, 1.0, -2.0, 2.0),
        init::xavier_uniform_(&integers, 1.0),
        init::kaiming_normal_(&integers, FanMode::FanIn, Nonlinearity::Relu),
        init::sparse_(&integers, 0.5, 0.01),
        init::orthogonal_(&integers, 1.0),
        init::orthogonal_(&zeros(&[2, 2]).to_kind(Kind::Half), 1.0),
    ];
    for result in refused {
        assert!(matches!(result.unwrap_err(), InitError::Kind { .. }));
    }
}

#[test]
fn an_argument_out_of_its_domain_is_refused_and_named() {
    let tensor = zeros(&[4, 4]);
    let leaky = Nonlinearity::LeakyRelu { negative_slope: f64::NAN };
    let refused = [
        (init::uniform_(&tensor, 1.0, 0.0), "a has to be"),
        (init::uniform_(&tensor, f64::NAN, 0.0), "a has to be"),
        (init::uniform_(&tensor, 0.0, f64::INFINITY), "b has to be"),
        (init::normal_(&tensor, 0.0, -1.0), "std has to be"),
        (init::normal_(&tensor, f64::NAN, 1.0), "mean has to be"),
        (init::trunc_normal_(&tensor, 0.0, 0.0, -2.0, 2.0), "std has to be"),
        (init::trunc_normal_(&tensor, 0.0, 1.0, 2.0, -2.0), "a has to be"),
        (init::trunc_normal_(&tensor, 0.0, 1.0, 5.0, f64::INFINITY), "b has to be"),
        (init::xavier_uniform_(&tensor, -1.0), "gain has to be"),
        (init::xavier_normal_(&tensor, f64::NAN), "gain has to be"),
        (init::kaiming_uniform_(&tensor, FanMode::FanIn, leaky), "negative_slope has to be"),
        (init::orthogonal_(&tensor, f64::INFINITY), "gain has to be"),
        (init::sparse_(&tensor, 1.5, 0.01), "sparsity has to be in [0, 1], found 1.5"),
        (init::sparse_(&tensor, 0.5, -0.01), "std has to be"),
        (init::dirac_(&zeros(&[4, 2, 3]), 3), "groups has to be"),
        (init::dirac_(&zeros(&[4, 2, 3]), 0), "groups has to be"),
    ];
    for (result, expected) in refused {
        let message = result.unwrap_err().to_string();
        assert!(message.contains(expected), "{message}");
    }
    assert_eq!(tensor, zeros(&[4, 4]), "a refusal leaves the tensor as it was");
}

#[test]
fn an_empty_tensor_is_left_as_it_is() {
    for size in [[0, 3], [3, 0], [0, 0]] {
        let empty = zeros(&size);
        init::kaiming_uniform_(&empty, FanMode::FanIn, Nonlinearity::Relu).unwrap();
        init::xavier_normal_(&empty, 1.0).unwrap();
        init::orthogonal_(&empty, 1.0).unwrap();
        init::sparse_(&empty, 0.5, 0.01).unwrap();
    }
}

fn zeros(size: &[i64]) -> Tensor {
    Tensor::zeros(size, (Kind::Float, Device::Cpu))
}
