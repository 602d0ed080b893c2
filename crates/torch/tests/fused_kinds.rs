//! The fused kernels give what their formulas give in every floating kind, at every length around the processor's
//! vectors, and in every layout.

use selvedge_torch::{AdamState, FusedAdagrad, FusedAdam, FusedSgd, GradientScaling};
use tch::{Device, Kind, Tensor};

const KINDS: [(Kind, f64); 4] = [
    (Kind::Float, 1.0 / 8_388_608.0),
    (Kind::Double, f64::EPSILON),
    (Kind::BFloat16, 1.0 / 128.0),
    (Kind::Half, 1.0 / 1024.0),
];
const UNSCALED: GradientScaling = GradientScaling { grad_scale: None, found_inf: None };
const FLAGS: [bool; 2] = [false, true];

/// How a case's tensors are laid out: as they are, transposed, or the gradient with gaps.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Layout {
    Contiguous,
    Transposed,
    GappedGradient,
}

/// Values between -1.5 and 1.5, other ones for each seed, of a size.
fn values(count: i64, seed: i64, (kind, layout): (Kind, Layout)) -> Tensor {
    let steps = Tensor::arange(count * 3, (Kind::Double, Device::Cpu));
    let values = (steps * 1.7 + seed as f64 * 0.61).sin() * 1.5;
    match layout {
        Layout::Contiguous => values.narrow(0, 0, count).to_kind(kind),
        Layout::Transposed => values.to_kind(kind).view([count, 3]).tr(),
        Layout::GappedGradient => values.to_kind(kind).view([count, 3]).select(1, 1),
    }
}

/// Two tensors of different lengths, so that a kernel that mixes them up is seen.
fn list(count: i64, seed: i64, form: (Kind, Layout)) -> Vec<Tensor> {
    (0..2).map(|index| values(count + index, seed * 2 + index, form)).collect()
}

fn doubles(tensors: &[Tensor]) -> Vec<Tensor> {
    tensors.iter().map(|tensor| tensor.to_kind(Kind::Double).copy()).collect()
}

/// Runs a check at every kind, length and layout: with the parameters, and the gradients of each step.
fn for_every_form(check: impl Fn(&[Tensor], &dyn Fn(i64) -> Vec<Tensor>, f64, &str)) {
    for (kind, epsilon) in KINDS {
        let contiguous = (1..=65).map(|count| (count, Layout::Contiguous));
        let others = [Layout::Transposed, Layout::GappedGradient];
        let others = others.into_iter().flat_map(|layout| [1, 5, 16, 33].map(|count| (count, layout)));
        for (count, layout) in contiguous.chain(others) {
            let of_parameters = if layout == Layout::GappedGradient { Layout::Contiguous } else { layout };
            let parameters = list(count, 0, (kind, of_parameters));
            let parameters: Vec<Tensor> = parameters.iter().map(copy_in_place).collect();
            let gradients = |step| list(count, step, (kind, layout));
            check(&parameters, &gradients, epsilon, &format!("{kind:?}, {count} values, {layout:?}"));
        }
    }
}

/// A copy with the strides of a tensor.
fn copy_in_place(tensor: &Tensor) -> Tensor {
    let mut copy = tensor.empty_like();
    copy.copy_(tensor);
    copy
}

fn zeros(like: &[Tensor]) -> Vec<Tensor> {
    like.iter().map(Tensor::zeros_like).collect()
}

/// Results are rounded to the kind once, after sums of a few terms of the size of the values.
#[track_caller]
fn assert_close(what: &str, found: &[Tensor], expected: &[Tensor], epsilon: f64) {
    for (index, (found, expected)) in found.iter().zip(expected).enumerate() {
        let close = found.to_kind(Kind::Double).allclose(expected, 2.0 * epsilon, 4.0 * epsilon, false);
        assert!(close, "{what}, tensor {index}: {found} expected {expected}");
    }
}

#[test]
fn sgd() {
    for_every_form(|start, gradients, epsilon, form| {
        for (momentum, dampening, nesterov) in
            [(0.0, 0.0, false), (0.9, 0.0, false), (0.9, 0.3, false), (0.9, 0.0, true)]
        {
            for (weight_decay, maximize) in [(0.0, false), (0.2, true)] {
                let rule = FusedSgd { lr: 0.1, momentum, dampening, weight_decay, nesterov, maximize };
                let found: Vec<Tensor> = start.iter().map(copy_in_place).collect();
                let buffers = zeros(start);
                for step in 1..=2 {
                    let (mut expected, mut directions) = (doubles(&found), doubles(&buffers));
                    rule.step(&found, &gradients(step), &buffers, step == 1, UNSCALED).unwrap();
                    for (i, gradient) in doubles(&gradients(step)).into_iter().enumerate() {
                        let gradient =
                            if maximize { -gradient } else { gradient } + &expected[i] * weight_decay;
                        let kept = if step == 1 { 1.0 } else { 1.0 - dampening };
                        directions[i] = &directions[i] * momentum + &gradient * kept;
                        let direction = match (momentum == 0.0, nesterov) {
                            (true, _) => gradient,
                            (false, false) => directions[i].copy(),
                            (false, true) => gradient + &directions[i] * momentum,
                        };
                        expected[i] = &expected[i] - direction * 0.1;
                    }
                    let what = format!("{rule:?}, step {step}, {form}");
                    assert_close(&what, &found, &expected, epsilon);
                    if momentum != 0.0 {
                        assert_close(&format!("the buffers of {what}"), &buffers, &directions, epsilon);
                    }
                }
            }
        }
    });
}

#[test]
fn adam() {
    for_every_form(|start, gradients, epsilon, form| {
        for amsgrad in FLAGS {
            for (weight_decay, decoupled_weight_decay, maximize) in
                [(0.0, false, false), (0.1, false, true), (0.1, true, false)]
            {
                let betas = (0.8, 0.95);
                let rule = FusedAdam {
                    lr: 0.05,
                    betas,
                    eps: 0.1,
                    weight_decay,
                    amsgrad,
                    maximize,
                    decoupled_weight_decay,
                };
                let found: Vec<Tensor> = start.iter().map(copy_in_place).collect();
                let (averages, squares, maxima) = (zeros(start), zeros(start), zeros(start));
                for step in 1..=2 {
                    let (mut expected, mut m) = (doubles(&found), doubles(&averages));
                    let (mut v, mut largest) = (doubles(&squares), doubles(&maxima));
                    let steps: Vec<Tensor> = start.iter().map(|_| Tensor::from(step as f32)).collect();
                    let state = AdamState {
                        exp_avgs: &averages,
                        exp_avg_sqs: &squares,
                        max_exp_avg_sqs: &maxima,
                        steps: &steps,
                    };
                    rule.step(&found, &gradients(step), state, UNSCALED).unwrap();
                    for (i, gradient) in doubles(&gradients(step)).into_iter().enumerate() {
                        let mut gradient = if maximize { -gradient } else { gradient };
                        if decoupled_weight_decay {
                            expected[i] = &expected[i] * (1.0 - 0.05 * weight_decay);
                        } else {
                            gradient += &expected[i] * weight_decay;
                        }
                        m[i] = &m[i] * betas.0 + &gradient * (1.0 - betas.0);
                        v[i] = &v[i] * betas.1 + gradient.square() * (1.0 - betas.1);
                        largest[i] = largest[i].maximum(&v[i]);
                        let square = if amsgrad { &largest[i] } else { &v[i] };
                        let correction = |beta: f64| 1.0 - beta.powi(step as i32);
                        let denominator = (square / correction(betas.1)).sqrt() + 0.1;
                        expected[i] = &expected[i] - &m[i] / correction(betas.0) / denominator * 0.05;
                    }
                    let what = format!("{rule:?}, step {step}, {form}");
                    assert_close(&what, &found, &expected, epsilon);
                    assert_close(&format!("the averages of {what}"), &averages, &m, epsilon);
                    assert_close(&format!("the squares of {what}"), &squares, &v, epsilon);
                    if amsgrad {
                        assert_close(&format!("the maxima of {what}"), &maxima, &largest, epsilon);
                    }
                }
            }
        }
    });
}

#[test]
fn adagrad() {
    for_every_form(|start, gradients, epsilon, form| {
        for (lr_decay, weight_decay, maximize) in [(0.0, 0.0, false), (0.5, 0.2, true)] {
            let rule = FusedAdagrad { lr: 0.1, lr_decay, eps: 0.1, weight_decay, maximize };
            let found: Vec<Tensor> = start.iter().map(copy_in_place).collect();
            let sums = zeros(start);
            for step in 1..=2 {
                let (mut expected, mut squares) = (doubles(&found), doubles(&sums));
                let steps: Vec<Tensor> = start.iter().map(|_| Tensor::from(step as f32)).collect();
                rule.step(&found, &gradients(step), &sums, &steps, UNSCALED).unwrap();
                for (i, gradient) in doubles(&gradients(step)).into_iter().enumerate() {
                    let gradient = if maximize { -gradient } else { gradient } + &expected[i] * weight_decay;
                    squares[i] = &squares[i] + gradient.square();
                    let lr = 0.1 / (1.0 + (step - 1) as f64 * lr_decay);
                    expected[i] = &expected[i] - gradient / (squares[i].sqrt() + 0.1) * lr;
                }
                let what = format!("{rule:?}, step {step}, {form}");
                assert_close(&what, &found, &expected, epsilon);
                assert_close(&format!("the sums of {what}"), &sums, &squares, epsilon);
            }
        }
    });
}

#[test]
fn scaled_gradients() {
    let (scale, finite, infinite) = (Tensor::from(4.0f32), Tensor::from(0.0f32), Tensor::from(1.0f32));
    for (kind, epsilon) in KINDS {
        for count in 1..=65 {
            let form = (kind, Layout::Contiguous);
            for rule in ["SGD", "Adam", "Adagrad"] {
                let step = |parameters: &[Tensor], gradients: &[Tensor], scaling| {
                    let (first, second) = (zeros(parameters), zeros(parameters));
                    let steps: Vec<Tensor> = parameters.iter().map(|_| Tensor::from(1.0f32)).collect();
                    match rule {
                        "SGD" => {
                            let rule = FusedSgd { lr: 0.1, momentum: 0.9, ..FusedSgd::default() };
                            rule.step(parameters, gradients, &first, true, scaling)
                        }
                        "Adam" => {
                            let state = AdamState {
                                exp_avgs: &first,
                                exp_avg_sqs: &second,
                                max_exp_avg_sqs: &[],
                                steps: &steps,
                            };
                            FusedAdam { lr: 0.1, eps: 0.1, ..FusedAdam::default() }
                                .step(parameters, gradients, state, scaling)
                        }
                        _ => FusedAdagrad { lr: 0.1, eps: 0.1, ..FusedAdagrad::default() }
                            .step(parameters, gradients, &first, &steps, scaling),
                    }
                    .unwrap();
                };
                let what = format!("{rule}, {kind:?}, {count} values");
                let (parameters, gradients) = (list(count, 0, form), list(count, 1, form));
                let unchanged = doubles(&parameters);
                let scaling = GradientScaling { grad_scale: Some(&scale), found_inf: Some(&infinite) };
                step(&parameters, &gradients, scaling);
                assert_close(&what, &parameters, &unchanged, 0.0);
                let scaling = GradientScaling { found_inf: Some(&finite), ..scaling };
                step(&parameters, &gradients, scaling);
                let unscaled: Vec<Tensor> =
                    list(count, 1, form).iter().map(|gradient| gradient / 4.0).collect();
                assert_close(&format!("the gradients of {what}"), &gradients, &doubles(&unscaled), epsilon);
                let expected = list(count, 0, form);
                step(&expected, &unscaled, UNSCALED);
                assert_close(&what, &parameters, &doubles(&expected), epsilon);
            }
        }
    }
}

/// Long enough to be split among threads.
#[test]
fn long_tensors() {
    for (kind, epsilon) in KINDS {
        let [parameter, gradient] = [0, 1].map(|seed| values(100_003, seed, (kind, Layout::Contiguous)));
        let expected = parameter.to_kind(Kind::Double) - gradient.to_kind(Kind::Double) * 0.1;
        let rule = FusedSgd { lr: 0.1, ..FusedSgd::default() };
        let parameter = copy_in_place(&parameter);
        rule.step(&[&parameter], &[&gradient], &[] as &[Tensor], true, UNSCALED).unwrap();
        assert_close(&format!("{kind:?}"), &[parameter], &[expected], epsilon);
    }
}
