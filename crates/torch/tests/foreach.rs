//! Each list operation gives what the plain operation gives for each tensor.

use selvedge_torch::{Result, TorchError, foreach};
use tch::{Kind, Tensor};

type List = Vec<Tensor>;

fn list(values: [&[f32]; 3]) -> List {
    values.into_iter().map(Tensor::from_slice).collect()
}

fn a() -> List {
    list([&[1.0, -2.0, 3.0], &[0.5], &[-4.0, 0.25]])
}
fn b() -> List {
    list([&[0.5, 5.0, -1.0], &[8.0], &[2.0, -3.0]])
}
fn c() -> List {
    list([&[2.0, 4.0, 0.5], &[-1.0], &[3.0, 7.0]])
}

/// A list operation in place, and the same for one tensor of each list with its index.
type InPlace = (&'static str, fn(&[Tensor], &[Tensor], &[Tensor]) -> Result<()>, Plain);
/// The same for operations with a result.
type Returning = (&'static str, fn(&[Tensor], &[Tensor]) -> Result<List>, Plain);
type Plain = fn(&Tensor, &Tensor, &Tensor, usize) -> Tensor;

const VALUES: [f64; 3] = [2.0, -0.5, 3.0];

#[test]
fn operations_in_place() {
    let operations: &[InPlace] = &[
        ("zero_", |a, _, _| foreach::zero_(a), |a, _, _, _| a.zeros_like()),
        ("neg_", |a, _, _| foreach::neg_(a), |a, _, _, _| a.neg()),
        ("abs_", |a, _, _| foreach::abs_(a), |a, _, _, _| a.abs()),
        ("sign_", |a, _, _| foreach::sign_(a), |a, _, _, _| a.sign()),
        ("sqrt_", |a, _, _| foreach::sqrt_(a), |a, _, _, _| a.sqrt()),
        ("reciprocal_", |a, _, _| foreach::reciprocal_(a), |a, _, _, _| a.reciprocal()),
        ("add_", |a, b, _| foreach::add_(a, b, 3.0), |a, b, _, _| a + b * 3.0),
        ("sub_", |a, b, _| foreach::sub_(a, b, 3.0), |a, b, _, _| a - b * 3.0),
        ("mul_", |a, b, _| foreach::mul_(a, b), |a, b, _, _| a * b),
        ("div_", |a, b, _| foreach::div_(a, b), |a, b, _, _| a / b),
        ("maximum_", |a, b, _| foreach::maximum_(a, b), |a, b, _, _| a.maximum(b)),
        ("minimum_", |a, b, _| foreach::minimum_(a, b), |a, b, _, _| a.minimum(b)),
        ("copy_", |a, b, _| foreach::copy_(a, b), |_, b, _, _| b.copy()),
        ("add_scalar_", |a, _, _| foreach::add_scalar_(a, 1.5), |a, _, _, _| a + 1.5),
        ("mul_scalar_", |a, _, _| foreach::mul_scalar_(a, 1.5), |a, _, _, _| a * 1.5),
        ("div_scalar_", |a, _, _| foreach::div_scalar_(a, 1.5), |a, _, _, _| a / 1.5),
        ("pow_scalar_", |a, _, _| foreach::pow_scalar_(a, 3.0), |a, _, _, _| a * a * a),
        ("clamp_min_", |a, _, _| foreach::clamp_min_(a, 0.3), |a, _, _, _| a.clamp_min(0.3)),
        ("clamp_max_", |a, _, _| foreach::clamp_max_(a, 0.3), |a, _, _, _| a.clamp_max(0.3)),
        ("add_scalars_", |a, _, _| foreach::add_scalars_(a, &VALUES), |a, _, _, i| a + VALUES[i]),
        ("mul_scalars_", |a, _, _| foreach::mul_scalars_(a, &VALUES), |a, _, _, i| a * VALUES[i]),
        ("div_scalars_", |a, _, _| foreach::div_scalars_(a, &VALUES), |a, _, _, i| a / VALUES[i]),
        ("mul_tensor_", |a, _, _| foreach::mul_tensor_(a, &Tensor::from(2.5f32)), |a, _, _, _| a * 2.5),
        ("addcmul_", |a, b, c| foreach::addcmul_(a, b, c, 2.0), |a, b, c, _| a + b * c * 2.0),
        ("addcdiv_", |a, b, c| foreach::addcdiv_(a, b, c, 2.0), |a, b, c, _| a + b / c * 2.0),
        (
            "addcmul_scalars_",
            |a, b, c| foreach::addcmul_scalars_(a, b, c, &VALUES),
            |a, b, c, i| a + b * c * VALUES[i],
        ),
        (
            "addcdiv_scalars_",
            |a, b, c| foreach::addcdiv_scalars_(a, b, c, &VALUES),
            |a, b, c, i| a + b / c * VALUES[i],
        ),
        ("lerp_", |a, b, _| foreach::lerp_(a, b, 0.25), |a, b, _, _| a + (b - a) * 0.25),
    ];
    for (name, operation, plain) in operations {
        let (found, original, b, c) = (a(), a(), b(), c());
        operation(&found, &b, &c).unwrap_or_else(|error| panic!("{name}: {error}"));
        compare(name, &found, &original, &b, &c, *plain);
    }
}

#[test]
fn operations_with_a_result() {
    let operations: &[Returning] = &[
        ("neg", |a, _| foreach::neg(a), |a, _, _, _| a.neg()),
        ("abs", |a, _| foreach::abs(a), |a, _, _, _| a.abs()),
        ("sqrt", |a, _| foreach::sqrt(a), |a, _, _, _| a.sqrt()),
        ("add", |a, b| foreach::add(a, b, 3.0), |a, b, _, _| a + b * 3.0),
        ("sub", |a, b| foreach::sub(a, b, 3.0), |a, b, _, _| a - b * 3.0),
        ("mul", |a, b| foreach::mul(a, b), |a, b, _, _| a * b),
        ("mul_scalar", |a, _| foreach::mul_scalar(a, 1.5), |a, _, _, _| a * 1.5),
        ("add_scalar", |a, _| foreach::add_scalar(a, 1.5), |a, _, _, _| a + 1.5),
        ("mul_scalars", |a, _| foreach::mul_scalars(a, &VALUES), |a, _, _, i| a * VALUES[i]),
        ("addcmul", |a, b| foreach::addcmul(a, b, b, 2.0), |a, b, _, _| a + b * b * 2.0),
        ("maximum", |a, b| foreach::maximum(a, b), |a, b, _, _| a.maximum(b)),
        ("norm", |a, _| foreach::norm(a, 2.0), |a, _, _, _| (a * a).sum(Kind::Float).sqrt()),
        ("norm", |a, _| foreach::norm(a, f64::INFINITY), |a, _, _, _| a.abs().max()),
    ];
    for (name, operation, plain) in operations {
        let (original, b, c) = (a(), b(), c());
        let found = operation(&original, &b).unwrap_or_else(|error| panic!("{name}: {error}"));
        compare(name, &found, &a(), &b, &c, *plain);
        assert_eq!(original, a(), "{name} leaves its input alone");
    }
}

fn compare(name: &str, found: &[Tensor], a: &[Tensor], b: &[Tensor], c: &[Tensor], plain: Plain) {
    assert_eq!(found.len(), a.len(), "{name}");
    for (i, found) in found.iter().enumerate() {
        let expected = plain(&a[i], &b[i], &c[i], i);
        assert!(found.allclose(&expected, 1e-6, 1e-7, true), "{name} {i}: {found:?}, expected {expected:?}");
    }
}

#[test]
fn leaves_of_a_graph_can_be_changed() {
    let parameter = Tensor::ones([2], (Kind::Float, tch::Device::Cpu)).set_requires_grad(true);
    foreach::mul_scalar_(&[&parameter], 2.0).unwrap();
    assert_eq!(parameter, Tensor::from_slice(&[2.0f32, 2.0]));
    assert!(parameter.requires_grad() && !foreach::neg(&[&parameter]).unwrap()[0].requires_grad());
}

#[test]
fn an_empty_list_is_nothing_to_do() {
    let none: [Tensor; 0] = [];
    foreach::add_(&none, &none, 1.0).unwrap();
    assert!(foreach::norm(&none, 2.0).unwrap().is_empty());
}

#[test]
fn what_does_not_fit_is_an_error() {
    let message = |result: Result<()>| match result {
        Err(TorchError::Libtorch { operation, message }) => format!("{operation}: {message}"),
        other => panic!("{other:?}"),
    };
    let short = message(foreach::add_(&a(), &b()[..2], 1.0));
    assert!(short.starts_with("_foreach_add_: ") && short.contains("3") && short.contains("2"), "{short}");
    assert!(!short.contains('\n'), "{short}");
    let shape = message(foreach::mul_(&a()[..1], &b()[1..2].iter().map(|b| b.repeat([2])).collect::<List>()));
    assert!(shape.contains("size"), "{shape}");
    let undefined = message(foreach::neg_(&[Tensor::new()]));
    assert!(undefined.contains("tensor 0 is undefined"), "{undefined}");
}
