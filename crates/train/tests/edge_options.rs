//! Options at the edges of their domains, in combination: each is refused before the first step, or gives finite rates
//! and parameters.

// Clippy allows it in the functions that bear `#[test]` only.
#![allow(clippy::unwrap_used)]

use std::fmt::Debug;

use selvedge_nn::{Forward, Linear, Mode, ModuleExt};
use selvedge_train::lr_scheduler::{
    AnnealStrategy, ConstantLr, CosineAnnealingLr, CosineAnnealingWarmRestarts, CyclicLr, CyclicMode,
    ExponentialLr, Groups, LambdaLr, LinearLr, MultiStepLr, OneCycleLr, PlateauMode, PlateauScheduler,
    PolynomialLr, ReduceLrOnPlateau, Schedule, Scheduler, StepLr, SwaLr, ThresholdMode,
};
use selvedge_train::optim::{
    Adadelta, Adafactor, Adagrad, Adam, AdamW, Adamax, Asgd, Muon, NAdam, Optimizer, RAdam, RmsProp, Rprop,
    Sgd, SparseAdam, UpdateRule,
};
use selvedge_train::{CompiledStep, Loss, MseLoss, TrainError};
use serde::de::IntoDeserializer;
use serde::de::value::{Error, MapDeserializer};
use serde_json::Value;
use tch::{Device, Kind, Tensor};

const FLAGS: [bool; 2] = [false, true];
const COUNTS: [u64; 6] = [0, 1, 2, 3, 10, 11];
const FACTORS: [f64; 12] =
    [0.0, 1.0, 0.1, 0.5, 1.5, -0.5, 1e-310, 1e-46, 1e300, f64::INFINITY, f64::NEG_INFINITY, f64::NAN];

fn weight() -> Tensor {
    Tensor::from_slice(&[1.0f32, 2.0]).set_requires_grad(true)
}

/// Sixty steps, or as many as there are, with either kind of momentum.
fn run<S: Schedule + Debug>(make: impl Fn() -> S) {
    let mut sgd = Optimizer::new(vec![weight()], Sgd { momentum: 0.9, ..Sgd::default() }).unwrap();
    let mut adam = Optimizer::new(vec![weight()], Adam::default()).unwrap();
    let groups: [&mut dyn Groups; 2] = [&mut sgd, &mut adam];
    for groups in groups {
        let Ok(mut scheduler) = Scheduler::new(groups, make()) else { continue };
        for step in 0..=scheduler.schedule().end().unwrap_or(60).min(60) {
            let (lr, momentum) = (groups.group_lr(0), groups.group_momentum(0).unwrap());
            let finite = lr.is_finite() && momentum.is_finite();
            assert!(finite, "{:?} at step {step}: lr {lr}, momentum {momentum}", make());
            if scheduler.schedule().end() != Some(step) {
                scheduler.step(groups);
            }
        }
    }
}

#[test]
fn schedules() {
    for factor in FACTORS.into_iter().filter(|factor| *factor != 1e300) {
        for count in COUNTS {
            run(|| StepLr { step_size: count, gamma: factor });
            run(|| MultiStepLr { milestones: vec![count, count, 3], gamma: factor });
            run(|| ConstantLr { factor, total_iters: count });
            run(|| PolynomialLr { total_iters: count, power: factor });
            run(|| CosineAnnealingLr { t_max: count, eta_min: factor });
            for other in FACTORS {
                run(|| LinearLr { start_factor: factor, end_factor: other, total_iters: count });
            }
            for mult in COUNTS {
                run(|| CosineAnnealingWarmRestarts { t_0: count, t_mult: mult, eta_min: factor });
            }
            for anneal_strategy in [AnnealStrategy::Cos, AnnealStrategy::Linear] {
                run(|| SwaLr { anneal_epochs: count, anneal_strategy, ..SwaLr::new(factor) });
            }
        }
        run(|| ExponentialLr::new(factor));
    }
    run(|| CosineAnnealingLr::new(u64::MAX));
    run(|| CosineAnnealingWarmRestarts { t_0: u64::MAX, t_mult: u64::MAX, eta_min: 0.0 });
}

#[test]
fn cycles() {
    let sizes = COUNTS.into_iter().chain([u64::MAX / 2]);
    for step_size_up in sizes.clone() {
        for down in sizes.clone() {
            for mode in [CyclicMode::Triangular, CyclicMode::Triangular2, CyclicMode::ExpRange] {
                for factor in FACTORS.into_iter().filter(|factor| *factor != 1e300) {
                    let plain = || CyclicLr { mode, step_size_up, ..CyclicLr::new(0.1, 0.5) };
                    run(|| CyclicLr { gamma: factor, step_size_down: Some(down), ..plain() });
                    run(|| CyclicLr { base_lr: factor.into(), ..plain() });
                    run(|| CyclicLr { max_momentum: factor.into(), step_size_down: Some(down), ..plain() });
                }
            }
        }
    }
}

#[test]
fn one_cycles() {
    let parts = [0.0, 0.1, 0.2, 0.3, 1.0 / 3.0, 0.5, 0.55, 0.6, 0.75, 0.9, 1.0, -0.1, f64::NAN];
    for total_steps in COUNTS.into_iter().chain([5, 20]) {
        for pct_start in parts {
            for three_phase in FLAGS {
                for anneal_strategy in [AnnealStrategy::Cos, AnnealStrategy::Linear] {
                    let plain = || OneCycleLr {
                        pct_start,
                        three_phase,
                        anneal_strategy,
                        ..OneCycleLr::new(0.1, total_steps)
                    };
                    run(plain);
                    for factor in FACTORS {
                        run(|| OneCycleLr { div_factor: factor, ..plain() });
                        run(|| OneCycleLr { final_div_factor: factor, ..plain() });
                        run(|| OneCycleLr { max_lr: factor.into(), ..plain() });
                        run(|| OneCycleLr { base_momentum: factor.into(), ..plain() });
                    }
                }
            }
        }
    }
}

#[test]
fn a_phase_of_no_width_is_refused_with_its_numbers() {
    let mut optimizer = Optimizer::new(vec![weight()], Adam::default()).unwrap();
    for (total_steps, pct_start, three_phase, phase) in [
        (2, 0.5, false, "0.5 of 2 steps, with a phase from step 0 to step 0"),
        (10, 0.1, false, "0.1 of 10 steps, with a phase from step 0 to step 0"),
        (5, 0.2, true, "0.2 of 5 steps, three_phase, with a phase from step 0 to step 0"),
        (10, 1.0, false, "1 of 10 steps, with a phase from step 9 to step 9"),
    ] {
        let schedule = OneCycleLr { pct_start, three_phase, ..OneCycleLr::new(0.1, total_steps) };
        let error = Scheduler::new(&mut optimizer, schedule).unwrap_err().to_string();
        assert!(error.starts_with(&format!("OneCycleLR: pct_start is {phase}, expected ")), "{error}");
    }
}

#[test]
fn plateaus() {
    for factor in FACTORS {
        for other in FACTORS {
            for mode in [PlateauMode::Min, PlateauMode::Max] {
                for threshold_mode in [ThresholdMode::Rel, ThresholdMode::Abs] {
                    let rule = ReduceLrOnPlateau {
                        mode,
                        threshold_mode,
                        patience: 0,
                        ..ReduceLrOnPlateau::default()
                    };
                    for rule in [
                        ReduceLrOnPlateau { factor, min_lr: other.into(), ..rule.clone() },
                        ReduceLrOnPlateau { factor, eps: other, ..rule.clone() },
                        ReduceLrOnPlateau { threshold: factor, min_lr: other.into(), ..rule },
                    ] {
                        let mut optimizer = Optimizer::new(vec![weight()], Sgd::default()).unwrap();
                        let Ok(mut scheduler) = PlateauScheduler::new(&mut optimizer, rule.clone()) else {
                            continue;
                        };
                        for metric in [f64::NAN, 1.0, f64::INFINITY, 2.0, f64::NEG_INFINITY, f64::NAN, 1.0] {
                            scheduler.step(metric, &mut optimizer);
                            assert!(optimizer.lr().is_finite(), "{rule:?}: {}", optimizer.lr());
                        }
                    }
                }
            }
        }
    }
}

#[test]
fn a_schedule_that_begins_with_a_rate_that_is_not_finite_is_refused() {
    let mut optimizer = Optimizer::new(vec![weight()], Sgd { lr: 0.5, ..Sgd::default() }).unwrap();
    let schedule = LambdaLr::new(|epoch| 1.0 / epoch as f64);
    let error = Scheduler::new(&mut optimizer, schedule).unwrap_err();
    assert!(matches!(error, TrainError::NonFiniteRate { schedule: "LambdaLR", group: 0, .. }), "{error}");
}

/// The rule with some of its options set: also to what JSON has no number for.
fn with<R: UpdateRule>(options: &[(&str, f64)]) -> R {
    let entries = options.iter().map(|&(name, value)| (name, value.into_deserializer()));
    let entries: Vec<(&str, serde::de::value::F64Deserializer<Error>)> = entries.collect();
    R::deserialize(MapDeserializer::<_, Error>::new(entries.into_iter())).unwrap()
}

/// Three steps by gradients of zero, one, changing signs, and nearly nothing, unless the rule is refused.
fn train<R: UpdateRule>(rule: R) {
    let told = format!("{rule:?}");
    let weight = Tensor::from_slice(&[0.5f32, -1.0, 2.0, 0.0]).reshape([2, 2]).set_requires_grad(true);
    let zeros = Tensor::zeros([2, 2], (Kind::Float, Device::Cpu)).set_requires_grad(true);
    let parameters = vec![weight.shallow_clone(), zeros.shallow_clone()];
    let Ok(mut optimizer) = Optimizer::new(parameters, rule) else { return };
    for step in 0..3 {
        let sign = if step % 2 == 0 { 1.0 } else { -1.0 };
        let gradient = Tensor::from_slice(&[0.0f32, 1.0, sign, 1e-30]).reshape([2, 2]);
        optimizer.zero_grad();
        ((&weight * gradient).sum(Kind::Float) + (&zeros * 0.0).sum(Kind::Float)).backward();
        optimizer.step();
        for tensor in [&weight, &zeros] {
            let finite = bool::try_from(tensor.isfinite().all()).unwrap();
            assert!(finite, "{told} at step {step}: {tensor}");
        }
    }
}

fn sweep<R: UpdateRule>() {
    const VALUES: [f64; 10] =
        [0.0, 0.5, 1.0, 2.0, -1.0, 1e-300, 1e-46, f64::INFINITY, f64::NEG_INFINITY, f64::NAN];
    let Value::Object(defaults) = serde_json::to_value(R::default()).unwrap() else { unreachable!() };
    let names: Vec<&str> =
        defaults.iter().filter(|(_, value)| value.is_f64()).map(|(name, _)| name.as_str()).collect();
    assert!(names.contains(&"lr"), "{names:?}");
    for (index, first) in names.iter().enumerate() {
        for value in VALUES {
            train::<R>(with(&[(first, value)]));
            for second in &names[..index] {
                VALUES.into_iter().for_each(|other| train::<R>(with(&[(first, value), (second, other)])));
            }
        }
    }
}

#[test]
fn optimizers() {
    sweep::<Sgd>();
    sweep::<Adam>();
    sweep::<AdamW>();
    sweep::<Adagrad>();
    sweep::<Adadelta>();
    sweep::<Adafactor>();
    sweep::<Adamax>();
    sweep::<Asgd>();
    sweep::<Muon>();
    sweep::<NAdam>();
    sweep::<RAdam>();
    sweep::<RmsProp>();
    sweep::<Rprop>();
}

#[test]
fn pairs_of_options() {
    const VALUES: [f64; 8] = [0.0, 0.5, 0.999_999_999_9, 1.0, 1.5, -0.5, f64::INFINITY, f64::NAN];
    for first in VALUES {
        for second in VALUES {
            let betas = (first, second);
            train(Adam { betas, ..Adam::default() });
            train(Adam { betas, amsgrad: true, ..Adam::default() });
            train(AdamW { betas, ..AdamW::default() });
            train(Adamax { betas, ..Adamax::default() });
            train(NAdam { betas, momentum_decay: 1e6, ..NAdam::default() });
            train(NAdam { betas, momentum_decay: 0.0, ..NAdam::default() });
            train(RAdam { betas, ..RAdam::default() });
            train(Rprop { etas: betas, ..Rprop::default() });
            train(Rprop { step_sizes: betas, ..Rprop::default() });
            train(Adafactor { eps: (Some(first), second), ..Adafactor::default() });
            train(RmsProp { alpha: first, centered: true, ..RmsProp::default() });
            train(Sgd { momentum: first, dampening: second, ..Sgd::default() });
        }
    }
    let weight = || vec![weight()];
    assert!(Optimizer::new(weight(), SparseAdam { lr: f64::INFINITY, ..SparseAdam::default() }).is_err());
    assert!(Optimizer::new(weight(), SparseAdam { eps: f64::INFINITY, ..SparseAdam::default() }).is_err());
}

fn adafactor(parameter: &Tensor, gradient: &Tensor) {
    let rule = Adafactor { lr: 0.1, ..Adafactor::default() };
    let parameter = parameter.shallow_clone().set_requires_grad(true);
    let mut optimizer = Optimizer::new(vec![parameter.shallow_clone()], rule).unwrap();
    for _ in 0..2 {
        optimizer.zero_grad();
        (&parameter * gradient).sum(parameter.kind()).backward();
        optimizer.step();
    }
}

/// The numbers are those of PyTorch.
#[test]
fn a_nan_in_a_gradient_of_adafactor_stays_where_it_is() {
    let vector = Tensor::from_slice(&[0.5f32, 0.875, 1.25, 1.625, 2.0]);
    adafactor(&vector, &Tensor::from_slice(&[1.0f32, f32::NAN, 1.0, 1.0, 1.0]));
    assert!(vector.double_value(&[1]).is_nan());
    for (index, expected) in [(0, 0.3641), (2, 1.1141), (3, 1.4891), (4, 1.8641)] {
        let found = vector.double_value(&[index]);
        assert!((found - expected).abs() < 1e-4, "{index}: {found}");
    }
    // A matrix shares its rows and columns.
    let matrix = Tensor::ones([2, 3], (Kind::Float, Device::Cpu));
    let gradient = Tensor::from_slice(&[f32::NAN, 1.0, 1.0, 1.0, 1.0, 1.0]).reshape([2, 3]);
    adafactor(&matrix, &gradient);
    assert!(bool::try_from(matrix.isnan().all()).unwrap());
}

#[test]
fn large_gradients_and_those_of_zero_train_with_adafactor() {
    for (kind, size, step) in
        [(Kind::Float, 1.0, 0.1), (Kind::Float, 1e10, 0.1), (Kind::Half, 20.0, 0.1), (Kind::Float, 0.0, 0.0)]
    {
        let matrix = Tensor::ones([3, 4], (kind, Device::Cpu)).set_requires_grad(true);
        let rule = Adafactor { lr: 0.1, eps: (Some(1e-30), 1e-3), ..Adafactor::default() };
        let rule = if size == 0.0 { rule } else { Adafactor { eps: Adafactor::default().eps, ..rule } };
        let mut optimizer = Optimizer::new(vec![matrix.shallow_clone()], rule).unwrap();
        (&matrix * size).sum(kind).backward();
        optimizer.step();
        let found = matrix.double_value(&[1, 2]);
        assert!((found - (1.0 - step)).abs() < 2e-3, "{kind:?} {size}: {found}");
    }
}

/// Gradients that stay the same have a variance of 0, which is rounded to less than 0.
#[test]
fn rmsprop_of_gradients_that_stay_the_same() {
    for alpha in [0.0, 0.3, 0.9, 0.99] {
        let weight = Tensor::from_slice(&[0.1f32; 33]).set_requires_grad(true);
        let rule = RmsProp { alpha, centered: true, ..RmsProp::default() };
        let mut optimizer = Optimizer::new(vec![weight.shallow_clone()], rule).unwrap();
        let gradient = (Tensor::arange(33, (Kind::Float, Device::Cpu)) * 0.377).sin();
        for _ in 0..60 {
            optimizer.zero_grad();
            (&weight * &gradient).sum(Kind::Float).backward();
            optimizer.step();
            assert!(bool::try_from(weight.isfinite().all()).unwrap(), "alpha {alpha}: {weight}");
        }
    }
}

/// Two steps by gradients of one: every value of a parameter goes where the first one goes, in half precision about as far
/// as in single.
fn train_halves<R: UpdateRule>(rule: R) {
    for size in [1, 7, 8, 15, 16, 17, 31, 32, 33, 65] {
        let after = |kind| {
            let weight = Tensor::ones([size], (kind, Device::Cpu)).set_requires_grad(true);
            let mut optimizer = Optimizer::new(vec![weight.shallow_clone()], rule.clone()).unwrap();
            for _ in 0..2 {
                let _ = optimizer.step_with(|| {
                    let loss = weight.sum(kind);
                    loss.backward();
                    loss
                });
            }
            weight.detach().to_kind(Kind::Double)
        };
        let expected = after(Kind::Float).double_value(&[0]);
        for (kind, epsilon) in [(Kind::BFloat16, 1.0 / 128.0), (Kind::Half, 1.0 / 1024.0)] {
            let found = after(kind);
            let (low, high) = (found.min().double_value(&[]), found.max().double_value(&[]));
            // The values at the end of a tensor, less than a vector, may be rounded otherwise.
            let last_digit = epsilon * high.abs().max(1.0);
            assert!(
                high < 1.0 && high - low <= last_digit,
                "{} of {size}, {kind:?}: {low} to {high}",
                R::NAME
            );
            assert!((low - expected).abs() <= 4.0 * last_digit, "{}, {kind:?}: {low}, {expected}", R::NAME);
        }
    }
}

#[test]
fn every_value_in_half_precision_is_updated() {
    let lr = 0.1;
    train_halves(Sgd { lr, ..Sgd::default() });
    train_halves(Sgd { lr, momentum: 0.9, nesterov: true, weight_decay: 0.1, ..Sgd::default() });
    train_halves(Adam { lr, ..Adam::default() });
    train_halves(Adam { lr, amsgrad: true, ..Adam::default() });
    train_halves(AdamW { lr, ..AdamW::default() });
    train_halves(Adagrad { lr, ..Adagrad::default() });
    train_halves(Adadelta { lr: 30.0, eps: 1e-3, ..Adadelta::default() });
    train_halves(Adafactor { lr, ..Adafactor::default() });
    train_halves(Adamax { lr, eps: 1e-3, ..Adamax::default() });
    train_halves(Asgd { lr, ..Asgd::default() });
    train_halves(NAdam { lr, eps: 1e-3, ..NAdam::default() });
    train_halves(RAdam { lr, eps: 1e-3, ..RAdam::default() });
    train_halves(RmsProp { lr, eps: 1e-3, ..RmsProp::default() });
    train_halves(Rprop { lr, ..Rprop::default() });
}

/// A plan takes the network, or says why not; what it trains is what the ordinary step trains.
#[test]
fn a_compiled_step_of_halves_is_the_ordinary_one() {
    for kind in [Kind::BFloat16, Kind::Half] {
        let input = Tensor::ones([8, 16], (kind, Device::Cpu));
        let target = Tensor::zeros([8, 3], (kind, Device::Cpu));
        let network = || {
            tch::manual_seed(5);
            let model = Linear::new(16, 3);
            for parameter in model.parameters() {
                parameter.shallow_clone().set_data(&parameter.to_kind(kind));
            }
            model
        };
        let rule = || Sgd { lr: 0.1, momentum: 0.9, ..Sgd::default() };
        let (model, loss) = (network(), MseLoss::default());
        let mut optimizer = Optimizer::new(model.parameters(), rule()).unwrap();
        let Ok(mut compiled) = CompiledStep::new(&model, &loss, &mut optimizer, &input, &target) else {
            continue;
        };
        let ordinary = network();
        let mut other = Optimizer::new(ordinary.parameters(), rule()).unwrap();
        for step in 0..3 {
            let _ = compiled.step(&mut optimizer, &input, &target);
            let _ = other.step_with(|| {
                let loss = loss.forward(&ordinary.forward(&input, Mode::Train), &target);
                loss.backward();
                loss
            });
            for (found, expected) in model.parameters().iter().zip(ordinary.parameters()) {
                let close =
                    found.to_kind(Kind::Double).allclose(&expected.to_kind(Kind::Double), 0.02, 0.02, false);
                assert!(close, "{kind:?}, step {step}: {found}, expected {expected}");
            }
        }
    }
}
