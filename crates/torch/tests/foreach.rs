//! Each list operation gives what the plain operation gives for each tensor, in every kind and at every length.

use selvedge_torch::{Result, TorchError, foreach};
use tch::{Device, Kind, Tensor};

type List = Vec<Tensor>;

/// Three tensors of different lengths of values from 0.5 to 4.5 with either sign, other ones for each seed, the second
/// with gaps in memory.
fn list((kind, count): Form, seed: f64) -> List {
    let one = |index: i64| {
        let steps = Tensor::arange(2 * (count + index), (Kind::Double, Device::Cpu)) + 1.0;
        let wave: Tensor = (steps * (1.3 + seed)).sin() * 4.0;
        let values = (wave.sign() * 0.5 + wave).to_kind(kind);
        if index == 1 { values.view([-1, 2]).select(1, 0) } else { values.narrow(0, 0, count + index) }
    };
    (0..3).map(one).collect()
}

/// A kind of numbers, and the length of the first tensor.
type Form = (Kind, i64);

/// Each kind, with its machine epsilon, and each length around the processor's vectors.
fn forms() -> impl Iterator<Item = (Form, f64)> {
    let kinds = [(Kind::Float, -23), (Kind::Double, -52), (Kind::BFloat16, -7), (Kind::Half, -10)];
    kinds
        .into_iter()
        .flat_map(|(kind, exponent)| (1..=65).map(move |count| ((kind, count), 2_f64.powi(exponent))))
}

const FORM: Form = (Kind::Float, 3);

fn a(form: Form) -> List {
    list(form, 0.0)
}
fn b(form: Form) -> List {
    list(form, 0.4)
}
fn c(form: Form) -> List {
    list(form, 0.9)
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
    for (form, epsilon) in forms() {
        for (name, operation, plain) in operations {
            let (found, original, b, c) = (a(form), a(form), b(form), c(form));
            operation(&found, &b, &c).unwrap_or_else(|error| panic!("{name}: {error}"));
            compare(&format!("{name}, {form:?}"), &found, [&original, &b, &c], *plain, epsilon);
        }
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
        ("norm", |a, _| foreach::norm(a, 2.0), |a, _, _, _| (a * a).sum(Kind::Double).sqrt()),
        ("norm", |a, _| foreach::norm(a, f64::INFINITY), |a, _, _, _| a.abs().max()),
    ];
    for (form, epsilon) in forms() {
        for (name, operation, plain) in operations {
            let (original, b, c) = (a(form), b(form), c(form));
            let found = operation(&original, &b).unwrap_or_else(|error| panic!("{name}: {error}"));
            compare(&format!("{name}, {form:?}"), &found, [&a(form), &b, &c], *plain, epsilon);
            assert_eq!(original, a(form), "{name} leaves its input alone");
        }
    }
}

/// Compares with the plain operation in f64 on the same numbers: a result is rounded once or twice.
fn compare(name: &str, found: &[Tensor], [a, b, c]: [&[Tensor]; 3], plain: Plain, epsilon: f64) {
    assert_eq!(found.len(), a.len(), "{name}");
    let wide = |tensor: &Tensor| tensor.to_kind(Kind::Double);
    for (i, found) in found.iter().enumerate() {
        let expected = plain(&wide(&a[i]), &wide(&b[i]), &wide(&c[i]), i);
        let close = wide(found).allclose(&expected, 4.0 * epsilon, 64.0 * epsilon, true);
        assert!(close, "{name} {i}: {found}, expected {expected}");
    }
}

#[test]
fn leaves_of_a_graph_can_be_changed() {
    let parameter = Tensor::ones([2], (Kind::Float, Device::Cpu)).set_requires_grad(true);
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
    let short = message(foreach::add_(&a(FORM), &b(FORM)[..2], 1.0));
    assert!(short.starts_with("_foreach_add_: ") && short.contains("3") && short.contains("2"), "{short}");
    assert!(!short.contains('\n'), "{short}");
    let shape =
        message(foreach::mul_(&a(FORM)[..1], &b(FORM)[1..2].iter().map(|b| b.repeat([2])).collect::<List>()));
    assert!(shape.contains("size"), "{shape}");
    let undefined = message(foreach::neg_(&[Tensor::new()]));
    assert!(undefined.contains("tensor 0 is undefined"), "{undefined}");
}

#[test]
fn a_number_beyond_the_range_of_the_kind_is_infinite() {
    for kind in [Kind::Float, Kind::Half, Kind::BFloat16] {
        let list = [Tensor::ones([2], (kind, Device::Cpu))];
        foreach::add_(&list, &list, -1e308).unwrap();
        foreach::mul_scalars_(&list, &[1e300]).unwrap();
        assert_eq!(list[0].double_value(&[0]), f64::NEG_INFINITY, "{kind:?}");
    }
    let list = [Tensor::ones([2], (Kind::Double, Device::Cpu))];
    foreach::mul_scalar_(&list, 1e308).unwrap();
    assert_eq!(list[0].double_value(&[1]), 1e308);
}
