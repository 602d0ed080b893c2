//! The fused kernels give what the formulas give, and refuse what would make them read wild memory.

use selvedge_torch::{AdamState, FusedAdagrad, FusedAdam, FusedSgd, GradientScaling, TorchError};
use tch::{Device, Kind, Tensor};

const NONE: [Tensor; 0] = [];
const UNSCALED: GradientScaling = GradientScaling { grad_scale: None, found_inf: None };

/// Two parameters in f64, and a gradient for each and each step.
fn parameters() -> Vec<Tensor> {
    vec![Tensor::from_slice(&[1.0, -2.0, 3.0, 0.5]).reshape([2, 2]), Tensor::from_slice(&[0.25])]
}

fn gradients(step: i64) -> Vec<Tensor> {
    let sign = if step % 2 == 0 { 1.0 } else { -0.7 };
    vec![
        Tensor::from_slice(&[0.3, -0.1, 2.0, 1.0]).reshape([2, 2]) * sign * step as f64,
        Tensor::from_slice(&[-0.4]) * sign,
    ]
}

fn zeros() -> Vec<Tensor> {
    parameters().iter().map(Tensor::zeros_like).collect()
}

fn count(step: i64) -> Vec<Tensor> {
    vec![Tensor::from(step as f32), Tensor::from(step as f32)]
}

#[track_caller]
fn assert_close(found: &[Tensor], expected: &[Tensor]) {
    for (found, expected) in found.iter().zip(expected) {
        assert!(found.allclose(expected, 1e-12, 1e-14, false), "{found:?} expected {expected:?}");
    }
}

#[test]
fn adam_follows_its_formula() {
    for (amsgrad, maximize, decoupled_weight_decay) in
        [(false, false, false), (true, false, true), (false, true, true), (true, true, false)]
    {
        let adam = FusedAdam {
            lr: 0.05,
            betas: (0.8, 0.95),
            eps: 1e-6,
            weight_decay: 0.1,
            amsgrad,
            maximize,
            decoupled_weight_decay,
        };
        let (found, averages, squares, maxima) = (parameters(), zeros(), zeros(), zeros());
        let (mut expected, mut m, mut v, mut largest) = (parameters(), zeros(), zeros(), zeros());
        for step in 1..=5 {
            let state = AdamState {
                exp_avgs: &averages,
                exp_avg_sqs: &squares,
                max_exp_avg_sqs: &maxima,
                steps: &count(step),
            };
            adam.step(&found, &gradients(step), state, UNSCALED).unwrap();
            for (i, gradient) in gradients(step).into_iter().enumerate() {
                let mut gradient = if maximize { -gradient } else { gradient };
                if decoupled_weight_decay {
                    expected[i] = &expected[i] * (1.0 - 0.05 * 0.1);
                } else {
                    gradient += &expected[i] * 0.1;
                }
                m[i] = &m[i] * 0.8 + &gradient * (1.0 - 0.8);
                v[i] = &v[i] * 0.95 + &gradient * &gradient * (1.0 - 0.95);
                largest[i] = largest[i].maximum(&v[i]);
                let square = if amsgrad { &largest[i] } else { &v[i] };
                let denominator = (square / (1.0 - 0.95f64.powi(step as i32))).sqrt() + 1e-6;
                expected[i] = &expected[i] - &m[i] / (1.0 - 0.8f64.powi(step as i32)) / denominator * 0.05;
            }
        }
        assert_close(&found, &expected);
        assert_close(&averages, &m);
        assert_close(&squares, &v);
    }
}

#[test]
fn sgd_follows_its_formula() {
    for (momentum, dampening, nesterov, maximize) in
        [(0.0, 0.0, false, false), (0.9, 0.3, false, true), (0.9, 0.0, true, false)]
    {
        let sgd = FusedSgd { lr: 0.1, momentum, dampening, weight_decay: 0.2, nesterov, maximize };
        let (found, buffers) = (parameters(), zeros());
        let (mut expected, mut directions) = (parameters(), zeros());
        for step in 1..=4 {
            sgd.step(&found, &gradients(step), &buffers, step == 1, UNSCALED).unwrap();
            for (i, gradient) in gradients(step).into_iter().enumerate() {
                let gradient = if maximize { -gradient } else { gradient } + &expected[i] * 0.2;
                let kept = if step == 1 { 1.0 } else { 1.0 - dampening };
                directions[i] = &directions[i] * momentum + &gradient * kept;
                let direction = match (momentum == 0.0, nesterov) {
                    (true, _) => gradient,
                    (false, false) => directions[i].copy(),
                    (false, true) => gradient + &directions[i] * momentum,
                };
                expected[i] = &expected[i] - direction * 0.1;
            }
        }
        assert_close(&found, &expected);
    }
}

#[test]
fn adagrad_follows_its_formula() {
    let adagrad = FusedAdagrad { lr: 0.1, lr_decay: 0.5, eps: 1e-3, weight_decay: 0.2, maximize: true };
    let (found, sums) = (parameters(), zeros());
    let (mut expected, mut squares) = (parameters(), zeros());
    for step in 1..=4 {
        adagrad.step(&found, &gradients(step), &sums, &count(step), UNSCALED).unwrap();
        for (i, gradient) in gradients(step).into_iter().enumerate() {
            let gradient = -gradient + &expected[i] * 0.2;
            squares[i] = &squares[i] + &gradient * &gradient;
            let lr = 0.1 / (1.0 + (step - 1) as f64 * 0.5);
            expected[i] = &expected[i] - gradient / (squares[i].sqrt() + 1e-3) * lr;
        }
    }
    assert_close(&found, &expected);
    assert_close(&sums, &squares);
}

#[test]
fn scaled_gradients_are_unscaled_and_an_infinite_one_skips_the_step() {
    let sgd = FusedSgd { lr: 1.0, ..FusedSgd::default() };
    let (scale, fine, infinite) = (Tensor::from(4.0f32), Tensor::from(0.0f32), Tensor::from(1.0f32));
    let parameter = Tensor::from_slice(&[1.0f32]);
    let gradient = || Tensor::from_slice(&[2.0f32]);
    let scaling = GradientScaling { grad_scale: Some(&scale), found_inf: Some(&fine) };
    sgd.step(&[&parameter], &[gradient()], &NONE, true, scaling).unwrap();
    assert_eq!(parameter, Tensor::from_slice(&[0.5f32]));
    let scaling = GradientScaling { found_inf: Some(&infinite), ..scaling };
    sgd.step(&[&parameter], &[gradient()], &NONE, true, scaling).unwrap();
    assert_eq!(parameter, Tensor::from_slice(&[0.5f32]));
}

#[test]
fn leaves_of_a_graph_are_updated() {
    let parameter = Tensor::from_slice(&[1.0f32, 2.0]).set_requires_grad(true);
    (&parameter * &parameter).sum(Kind::Float).backward();
    let sgd = FusedSgd { lr: 0.25, ..FusedSgd::default() };
    sgd.step(&[&parameter], &[parameter.grad()], &NONE, true, UNSCALED).unwrap();
    assert!(parameter.requires_grad());
    assert_eq!(parameter.detach(), Tensor::from_slice(&[0.5f32, 1.0]));
}

#[test]
fn a_gradient_in_another_layout_is_read_right() {
    let parameter = Tensor::zeros([2, 3], (Kind::Float, Device::Cpu));
    let gradient = Tensor::arange(6, (Kind::Float, Device::Cpu)).reshape([3, 2]).tr();
    let sgd = FusedSgd { lr: 1.0, ..FusedSgd::default() };
    sgd.step(&[&parameter], &[&gradient], &NONE, true, UNSCALED).unwrap();
    assert_eq!(parameter, -gradient);
}

#[test]
fn nothing_to_update_is_no_error() {
    FusedSgd::default().step(&NONE, &NONE, &NONE, true, UNSCALED).unwrap();
}

#[test]
fn wild_memory_is_refused() {
    let good = || Tensor::zeros([2, 3], (Kind::Float, Device::Cpu));
    let step = || Tensor::from(1.0f32);
    let run = |parameters: &[Tensor], gradients: &[Tensor], averages: &[Tensor], steps: &[Tensor]| {
        let squares: Vec<Tensor> = parameters.iter().map(|_| good()).collect();
        let state = AdamState { exp_avgs: averages, exp_avg_sqs: &squares, max_exp_avg_sqs: &NONE, steps };
        match FusedAdam::default().step(parameters, gradients, state, UNSCALED) {
            Err(TorchError::Libtorch { operation: "_fused_adam_", message }) => message,
            other => panic!("{other:?}"),
        }
    };
    let small = || Tensor::zeros([1], (Kind::Float, Device::Cpu));
    let sparse = good().to_sparse(None, None::<&[i64]>, None);
    let cases = [
        (run(&[good()], &[], &[good()], &[step()]), "1 tensors of gradient"),
        (run(&[good()], &[good()], &[], &[step()]), "1 tensors of exp_avg"),
        (run(&[good()], &[good()], &[good()], &[]), "1 tensors of step"),
        (run(&[good()], &[small()], &[good()], &[step()]), "gradient 0 has shape [1]"),
        (run(&[good()], &[good()], &[small()], &[step()]), "exp_avg 0 has shape [1]"),
        (run(&[good()], &[good()], &[good()], &[good()]), "step 0 is not one f32 value"),
        (run(&[good()], &[good().to_kind(Kind::Double)], &[good()], &[step()]), "gradient 0 is Double"),
        (run(&[good().tr()], &[good().tr()], &[good().tr().contiguous()], &[step()]), "strides"),
        (run(&[good().narrow(1, 0, 2)], &[good()], &[good()], &[step()]), "gaps or overlaps"),
        (run(&[good().to_kind(Kind::Int64)], &[good()], &[good()], &[step()]), "not a floating type"),
        (run(&[good()], &[sparse], &[good()], &[step()]), "sparse"),
        (run(&[good()], &[Tensor::new()], &[good()], &[step()]), "gradient 0 is undefined"),
    ];
    for (message, expected) in cases {
        assert!(message.contains(expected), "{message:?} has no {expected:?}");
    }
    let scale = small().repeat([2]);
    let scaling = GradientScaling { grad_scale: Some(&scale), found_inf: None };
    let error = FusedSgd::default().step(&[good()], &[good()], &NONE, true, scaling).unwrap_err();
    assert!(error.to_string().contains("the gradient scale is not one f32 value"), "{error}");
}
