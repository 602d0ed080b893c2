//! A linear layer whose gradients are multiplied by the caller: what it asks for, what it leaves to libtorch, and that
//! values and gradients are libtorch's.

use std::cell::RefCell;

use selvedge_torch::{Autocast, Multiply, linear};
use tch::{Device, Kind, Tensor};

const FLOAT: (Kind, Device) = (Kind::Float, Device::Cpu);

thread_local! {
    /// The sizes of the products that were asked for. A backward on the CPU runs in the thread that calls it.
    static ASKED: RefCell<Vec<[Vec<i64>; 2]>> = const { RefCell::new(Vec::new()) };
}

fn asked() -> Vec<[Vec<i64>; 2]> {
    ASKED.take()
}

/// Multiplies, and notes it.
struct Ours;

impl Multiply for Ours {
    fn multiply(output: &Tensor, first: &Tensor, second: &Tensor) -> bool {
        ASKED.with_borrow_mut(|asked| asked.push([first.size(), second.size()]));
        first.f_mm_out(output, second).is_ok()
    }
}

/// Writes something, and says that it could not.
struct Unable;

impl Multiply for Unable {
    fn multiply(output: &Tensor, _: &Tensor, _: &Tensor) -> bool {
        let _ = output.shallow_clone().fill_(f64::NAN);
        false
    }
}

fn leaf(size: &[i64]) -> Tensor {
    Tensor::randn(size, FLOAT).set_requires_grad(true)
}

/// The output, and the gradients of a sum that weighs each value differently.
fn run(layer: impl Fn(&Tensor, &Tensor, Option<&Tensor>) -> Tensor, leaves: &[Tensor]) -> Vec<Tensor> {
    let output = layer(&leaves[0], &leaves[1], leaves.get(2));
    let weights = Tensor::arange(output.numel() as i64, FLOAT).view_(output.size());
    let mut values = Tensor::run_backward(&[(&output * weights).sum(Kind::Float)], leaves, true, false);
    values.push(output.detach());
    values
}

fn by_libtorch(leaves: &[Tensor]) -> Vec<Tensor> {
    run(|input, weight, bias| input.linear(weight, bias), leaves)
}

#[test]
fn the_values_and_gradients_are_those_of_libtorch() {
    for size in [vec![5, 4], vec![2, 3, 4], vec![1, 4]] {
        let leaves = [leaf(&size), leaf(&[6, 4]), leaf(&[6])];
        let rows: i64 = size[..size.len() - 1].iter().product();
        for leaves in [&leaves[..], &leaves[..2]] {
            let ours = run(|input, weight, bias| linear::<Ours>(input, weight, bias).unwrap(), leaves);
            assert_eq!(
                asked(),
                [[[rows, 6], [6, 4]], [[6, rows], [rows, 4]]].map(|pair| pair.map(Vec::from))
            );
            assert_eq!(ours, by_libtorch(leaves), "{size:?}");
            let unable = run(|input, weight, bias| linear::<Unable>(input, weight, bias).unwrap(), leaves);
            assert_eq!(unable, by_libtorch(leaves), "{size:?}");
        }
    }
}

#[test]
fn only_the_gradients_that_are_wanted_are_multiplied() {
    let (input, weight, bias) = (Tensor::randn([5, 4], FLOAT), leaf(&[6, 4]), leaf(&[6]));
    let output = linear::<Ours>(&input, &weight, Some(&bias)).unwrap();
    assert!(asked().is_empty());
    output.sum(Kind::Float).backward();
    assert_eq!(asked(), [[vec![6, 5], vec![5, 4]]]);
    assert_eq!(bias.grad(), Tensor::full([6], 5.0, FLOAT));
    assert!(!input.grad().defined());
    let (input, weight) = (leaf(&[5, 4]), Tensor::randn([6, 4], FLOAT));
    linear::<Ours>(&input, &weight, Some(&bias)).unwrap().sum(Kind::Float).backward();
    assert_eq!(asked(), [[vec![5, 6], vec![6, 4]]]);
    let plain = linear::<Ours>(&input.detach(), &weight, None).unwrap();
    assert!(!plain.requires_grad());
    assert!(!tch::no_grad(|| linear::<Ours>(&input, &weight, None).unwrap()).requires_grad());
}

#[test]
fn a_gradient_of_the_gradient_is_that_of_libtorch() {
    let leaves = [leaf(&[5, 4]), leaf(&[6, 4])];
    let second = |layer: fn(&Tensor, &Tensor) -> Tensor| {
        let [input, weight] = &leaves;
        let output = layer(input, weight).pow_tensor_scalar(3).sum(Kind::Float);
        let first = Tensor::run_backward(&[output], &leaves, true, true);
        Tensor::run_backward(&[first[0].square().sum(Kind::Float)], &leaves, false, false)
    };
    let ours = second(|input, weight| linear::<Unable>(input, weight, None).unwrap());
    assert_eq!(ours, second(|input, weight| input.linear(weight, None::<Tensor>)));
}

#[test]
fn what_is_not_plain_is_left_to_libtorch() {
    let weight = leaf(&[6, 4]);
    let run = |input: &Tensor, weight: &Tensor| {
        let output = linear::<Ours>(input, weight, None).unwrap();
        output.sum(Kind::Float).backward();
        assert!(asked().is_empty());
        assert_eq!(output, input.linear(weight, None::<Tensor>));
    };
    run(&Tensor::randn([4], FLOAT), &weight);
    run(&Tensor::randn([4, 5], FLOAT).tr(), &weight);
    run(&Tensor::randn([0, 4], FLOAT), &weight);
    run(&Tensor::randn([5, 6], FLOAT), &weight.tr());
    run(&Tensor::randn([5, 4], (Kind::Double, Device::Cpu)), &weight.to_kind(Kind::Double));
    let autocast = Autocast::new(Device::Cpu, Kind::BFloat16).unwrap();
    let input = Tensor::randn([5, 4], FLOAT);
    let output = linear::<Ours>(&input, &weight, None).unwrap();
    drop(autocast);
    assert_eq!(output.kind(), Kind::BFloat16);
    output.sum(Kind::Float).backward();
    assert!(asked().is_empty());
}

#[test]
fn what_libtorch_refuses_is_an_error() {
    let error = linear::<Ours>(&Tensor::randn([5, 3], FLOAT), &leaf(&[6, 4]), None).unwrap_err().to_string();
    assert!(error.starts_with("linear: ") && error.contains("5x3 and 4x6"), "{error}");
}
