//! Several optimizers as one: the updates of each by itself, ordinary and compiled, through a checkpoint, with a
//! schedule; and what does not go together is refused.

// The helpers of a test may unwrap, too.
#![allow(clippy::unwrap_used)]

use std::ops::ControlFlow;
use std::sync::{Mutex, MutexGuard, PoisonError};

use selvedge_data::{ImageBytes, Loader, LoaderOptions, Shape};
use selvedge_nn::{Dropout, Flatten, Forward, Linear, Mode, ModuleExt, Relu, Sequential};
use selvedge_torch::is_same;
use selvedge_train::checkpoint::{CheckpointError, Snapshot};
use selvedge_train::lr_scheduler::{
    AnyScheduler, CyclicLr, Groups, LambdaLr, OneCycleLr, Schedule, Scheduler, StepLr,
};
use selvedge_train::optim::{
    Adadelta, Adam, AdamW, Muon, Optimize, Optimizer, OptimizerStateDict, Optimizers, Pass, Sgd, Step,
};
use selvedge_train::trainer::{Event, FitOptions, Training, fit};
use selvedge_train::{CompiledStep, CrossEntropyLoss, Loss, TrainError};
use tch::{Device, Kind, Tensor};

/// Initial weights and dropout are drawn from the one generator of libtorch.
fn generator() -> MutexGuard<'static, ()> {
    static GENERATOR: Mutex<()> = Mutex::new(());
    tch::set_num_threads(1);
    GENERATOR.lock().unwrap_or_else(PoisonError::into_inner)
}

fn network() -> Sequential {
    tch::manual_seed(3);
    let hidden = Sequential::new().then(Flatten::default()).then(Linear::new(16, 72)).then(Relu);
    hidden.then(Dropout::new(0.2)).then(Linear::new(72, 64)).then(Relu).then(Linear::new(64, 10))
}

type Named = Vec<(String, Tensor)>;

fn matrices_and_rest(model: &dyn Forward) -> (Named, Named) {
    model.named_parameters().into_iter().partition(|(_, parameter)| parameter.dim() == 2)
}

fn muon() -> Muon {
    Muon { lr: 0.02, ..Muon::default() }
}

fn adam_w() -> AdamW {
    AdamW { lr: 0.01, ..AdamW::default() }
}

/// Each of both, for the matrices and for the rest, which has a group of its own for the last bias.
fn pair(model: &dyn Forward) -> (Optimizer<Muon>, Optimizer<AdamW>) {
    let (matrices, mut rest) = matrices_and_rest(model);
    let last = rest.split_off(rest.len() - 1);
    let mut second = Optimizer::new(rest, adam_w()).unwrap();
    second.add_group(last, AdamW { weight_decay: 0.0, ..adam_w() }).unwrap();
    (Optimizer::new(matrices, muon()).unwrap(), second)
}

fn together(model: &dyn Forward) -> Optimizers {
    let (first, second) = pair(model);
    Optimizers::new(vec![Box::new(first), Box::new(second)]).unwrap()
}

/// Batches of 32, the last of 24.
fn batches() -> Vec<(Tensor, Tensor)> {
    tch::manual_seed(5);
    let batch = |size: i64| {
        let input = Tensor::randn([size, 1, 4, 4], (Kind::Float, Device::Cpu));
        let target = input.flatten(1, -1).narrow(1, 0, 10).argmax(1, false);
        (input, target)
    };
    [32, 32, 32, 24].map(batch).into()
}

fn backward(model: &dyn Forward, (input, target): &(Tensor, Tensor)) -> Tensor {
    let loss = CrossEntropyLoss::default().forward(&model.forward(input, Mode::Train), target);
    loss.backward();
    loss
}

/// The bits of the parameters.
fn bits(model: &dyn Forward) -> Vec<u32> {
    let flat: Vec<Tensor> =
        model.parameters().iter().map(|tensor| tensor.detach().contiguous().flatten(0, -1)).collect();
    Vec::<f32>::try_from(Tensor::cat(&flat, 0)).unwrap().into_iter().map(f32::to_bits).collect()
}

/// A dozen ordinary steps of both, one after the other.
fn by_hand() -> Vec<u32> {
    let batches = batches();
    let model = network();
    let (mut first, mut second) = pair(&model);
    for batch in batches.iter().cycle().take(12) {
        first.zero_grad();
        second.zero_grad();
        drop(backward(&model, batch));
        first.step();
        second.step();
    }
    bits(&model)
}

#[test]
fn steps_are_those_of_each_one_after_the_other() {
    let _generator = generator();
    let (expected, batches) = (by_hand(), batches());
    for way in 0..3 {
        let model = network();
        let before = bits(&model);
        let mut optimizers = together(&model);
        for batch in batches.iter().cycle().take(12) {
            match way {
                0 => {
                    optimizers.zero_grad();
                    drop(backward(&model, batch));
                    optimizers.step();
                }
                1 => drop(optimizers.step_with(|| backward(&model, batch))),
                _ => {
                    let mut pass = || Ok(Pass { loss: backward(&model, batch), usable: true });
                    optimizers.update(&mut pass).unwrap();
                }
            }
        }
        assert!(bits(&model) == expected, "way {way}");
        // Each bias has moved as well.
        assert!(bits(&model).iter().zip(&before).all(|(after, before)| after != before), "way {way}");
    }
}

#[test]
fn gradients_that_are_not_usable_change_nothing() {
    let _generator = generator();
    let model = network();
    let (before, batches) = (bits(&model), batches());
    let mut optimizers = together(&model);
    let mut pass = || Ok(Pass { loss: backward(&model, &batches[0]), usable: false });
    assert!(!optimizers.update(&mut pass).unwrap().usable);
    assert!(bits(&model) == before);
    assert!(optimizers.state_dict().state.is_empty());
}

/// From each state of a training by compiled steps, each optimizer updates its parameters as by an ordinary step.
#[test]
fn a_compiled_step_is_that_of_each() {
    let _generator = generator();
    let batches = batches();
    let (model, ordinary) = (network(), network());
    let (mut optimizers, mut ordinary_optimizers) = (together(&model), together(&ordinary));
    let (input, target) = &batches[0];
    let mut step =
        CompiledStep::new(&model, &CrossEntropyLoss::default(), &mut optimizers, input, target).unwrap();
    for (index, batch) in batches.iter().cycle().take(12).enumerate() {
        ordinary.load_state_dict(&model.state_dict()).unwrap();
        ordinary_optimizers.load_state_dict(&optimizers.state_dict()).unwrap();
        ordinary_optimizers.zero_grad();
        tch::manual_seed(index as i64);
        drop(backward(&ordinary, batch));
        tch::manual_seed(index as i64);
        drop(step.step(&mut optimizers, &batch.0, &batch.1));
        for (parameter, twin) in model.parameters().iter().zip(ordinary.parameters()) {
            let (_, gradient) = step.gradients().iter().find(|(known, _)| is_same(known, parameter)).unwrap();
            assert!(gradient.allclose(&twin.grad(), 1e-5, 1e-7, false), "step {index}");
            twin.grad().copy_(gradient);
        }
        ordinary_optimizers.step();
        assert!(bits(&model) == bits(&ordinary), "step {index}");
    }
}

/// The state of both goes round, in the middle of ordinary and of compiled steps, and it is PyTorch's of each.
#[test]
fn a_state_dict_goes_round() {
    let _generator = generator();
    let batches = batches();
    // Without dropout, since nothing puts the generator back.
    let network = || {
        tch::manual_seed(3);
        Sequential::new()
            .then(Flatten::default())
            .then(Linear::new(16, 72))
            .then(Relu)
            .then(Linear::new(72, 10))
    };
    let loss = CrossEntropyLoss::default();
    let steps = |model: &Sequential, optimizers: &mut Optimizers, compiled: bool, count: usize| {
        let (input, target) = &batches[0];
        let mut plan = compiled.then(|| CompiledStep::new(model, &loss, optimizers, input, target).unwrap());
        for batch in &batches[..count] {
            match &mut plan {
                Some(plan) => drop(plan.step(optimizers, &batch.0, &batch.1)),
                None => drop(optimizers.step_with(|| backward(model, batch))),
            }
        }
    };
    for (before, after) in [(false, false), (true, true), (true, false), (false, true)] {
        let (ours, theirs) = (network(), network());
        let (mut first, mut second) = (together(&ours), together(&theirs));
        steps(&ours, &mut first, before, 2);
        let (tensors, rest) = first.state_dict().into_parts();
        let groups: Vec<_> =
            (0..3).map(|group| rest["param_groups"][group]["optimizer"].as_str().unwrap()).collect();
        assert_eq!(groups, ["Muon", "AdamW", "AdamW"]);
        assert_eq!(rest["param_groups"][2]["params"], serde_json::json!([3]));
        assert!(tensors.get("1.momentum_buffer").is_some() && tensors.get("3.exp_avg").is_some());
        second.load_state_dict(&OptimizerStateDict::from_parts(&tensors, &rest).unwrap()).unwrap();
        theirs.load_state_dict(&ours.state_dict()).unwrap();
        steps(&ours, &mut first, after, 3);
        steps(&theirs, &mut second, after, 3);
        assert!(bits(&ours) == bits(&theirs), "{before} {after}");

        let folder = tempfile::tempdir().unwrap();
        for (index, optimizer) in first.optimizers().iter().enumerate() {
            optimizer.state_dict().save(folder.path().join(format!("{index}.pt"))).unwrap();
        }
        for (index, optimizer) in second.optimizers_mut().enumerate() {
            let dict = OptimizerStateDict::load(folder.path().join(format!("{index}.pt"))).unwrap();
            optimizer.load_state_dict(&dict).unwrap();
        }
    }
}

fn loader() -> Loader {
    let bytes = (0..1600).map(|index: usize| (index * 7919 % 251) as u8).collect();
    let labels = (0..100).map(|index| index % 7).collect();
    let images = ImageBytes::new(Shape::new(1, 4, 4), bytes, labels, vec![]).unwrap();
    Loader::new(images, LoaderOptions { batch_size: 32, shuffle: true, ..LoaderOptions::default() }).unwrap()
}

/// Trains three epochs, or until an update, from a snapshot where there is one.
fn trained(from: Option<&Snapshot>, until: Option<u64>) -> (Vec<u32>, Snapshot) {
    let (model, train, loss) = (network(), loader(), CrossEntropyLoss::default());
    let mut optimizers = together(&model);
    let factors: Vec<Box<dyn Fn(u64) -> f64 + Send>> =
        vec![Box::new(|epoch| 0.5_f64.powi(epoch as i32)), Box::new(|_| 1.0), Box::new(|epoch| epoch as f64)];
    let schedule: Box<dyn Schedule> = Box::new(LambdaLr::each(factors));
    let scheduler = AnyScheduler::new(&mut optimizers, schedule).unwrap();
    let mut training = Training::new(&model, &loss, &mut optimizers, &train);
    training.scheduler = Some(scheduler);
    if let Some(snapshot) = from {
        snapshot.restore(&mut training).unwrap();
    }
    let mut observer = |event: &Event<'_>, training: &Training<'_>| {
        if let Event::StepsChosen { refusal } = event {
            assert!(refusal.is_none(), "{refusal:?}");
        }
        let stops = matches!(event, Event::Stepped { .. }) && Some(training.step()) == until;
        Ok::<_, TrainError>(if stops { ControlFlow::Break(()) } else { ControlFlow::Continue(()) })
    };
    fit(&mut training, &FitOptions { epochs: 3, ..FitOptions::default() }, &mut observer).unwrap();
    let snapshot = Snapshot::of(&training, &serde_json::Value::Null).unwrap();
    (bits(&model), snapshot)
}

#[test]
fn a_training_goes_on_from_its_checkpoint() {
    let _generator = generator();
    let (expected, _) = trained(None, None);
    let (part, snapshot) = trained(None, Some(6));
    assert!(part != expected);
    assert_eq!(snapshot.state.optimizer_name, "Muon and AdamW");
    assert!(trained(Some(&snapshot), None).0 == expected);
}

#[test]
fn a_checkpoint_of_other_optimizers_does_not_fit() {
    let _generator = generator();
    let (_, snapshot) = trained(None, Some(1));
    let (model, train, loss) = (network(), loader(), CrossEntropyLoss::default());
    let (matrices, rest) = matrices_and_rest(&model);
    let (first, second) =
        (Optimizer::new(matrices, muon()).unwrap(), Optimizer::new(rest, Sgd::default()).unwrap());
    let mut optimizers = Optimizers::new(vec![Box::new(first), Box::new(second)]).unwrap();
    let error = snapshot.restore(&mut Training::new(&model, &loss, &mut optimizers, &train)).unwrap_err();
    assert!(matches!(error, CheckpointError::Unfit(_)));
    let expected = "the checkpoint does not fit: its optimizer is Muon and AdamW, expected Muon and SGD";
    assert_eq!(error.to_string(), expected);
}

#[test]
fn a_schedule_reaches_the_groups_of_all() {
    let _generator = generator();
    let model = network();
    let rates = |optimizers: &Optimizers| (0..3).map(|group| optimizers.group_lr(group)).collect::<Vec<_>>();
    let mut optimizers = together(&model);
    assert_eq!(optimizers.group_count(), 3);
    assert_eq!(rates(&optimizers), [0.02, 0.01, 0.01]);
    let mut scheduler = Scheduler::new(&mut optimizers, StepLr { gamma: 0.5, ..StepLr::new(1) }).unwrap();
    scheduler.step(&mut optimizers);
    assert_eq!(rates(&optimizers), [0.01, 0.005, 0.005]);
    assert_eq!(optimizers.state_dict().param_groups[2].options["initial_lr"], 0.01);

    let mut optimizers = together(&model);
    let each = LambdaLr::each(vec![Box::new(|_| 1.0), Box::new(|_| 0.5), Box::new(|_| 0.25)]);
    let scheduler = Scheduler::new(&mut optimizers, each).unwrap();
    assert_eq!(scheduler.last_lr(), [0.02, 0.005, 0.0025]);
    let error =
        Scheduler::new(&mut together(&model), LambdaLr::each(vec![Box::new(|_| 1.0), Box::new(|_| 1.0)]));
    assert!(error.unwrap_err().to_string().contains("2 functions for 3 groups"));

    // The momentum of one and the first beta of the other.
    let mut optimizers = together(&model);
    let cycle = OneCycleLr { max_lr: [0.2, 0.1, 0.05].into(), ..OneCycleLr::new(0.1, 10) };
    let _scheduler = Scheduler::new(&mut optimizers, cycle).unwrap();
    assert_eq!((0..3).map(|group| optimizers.group_momentum(group)).collect::<Vec<_>>(), [Some(0.95); 3]);
    let (matrices, rest) = matrices_and_rest(&model);
    let (first, second) =
        (Optimizer::new(matrices, muon()).unwrap(), Optimizer::new(rest, Adadelta::default()).unwrap());
    let mut optimizers = Optimizers::new(vec![Box::new(first), Box::new(second)]).unwrap();
    let error = Scheduler::new(&mut optimizers, CyclicLr::new(1e-3, 1e-2)).unwrap_err().to_string();
    assert!(error.contains("false for an optimizer without momentum"), "{error}");
}

#[test]
fn what_does_not_go_together_is_refused() {
    let _generator = generator();
    let model = network();
    let error = |optimizers: Vec<Box<dyn Step>>| Optimizers::new(optimizers).unwrap_err().to_string();
    assert_eq!(error(Vec::new()), "Optimizers: there is no optimizer");
    let (matrices, _) = matrices_and_rest(&model);
    let of_matrices = || Box::new(Optimizer::new(matrices_and_rest(&model).0, muon()).unwrap());
    let all = Box::new(Optimizer::new(model.named_parameters(), Sgd::default()).unwrap());
    assert_eq!(
        error(vec![all, of_matrices()]),
        "Optimizers: parameter \"1.weight\" of optimizer 1 (Muon) is in optimizer 0 (SGD), too"
    );
    let unnamed: Vec<Tensor> = matrices.into_iter().map(|(_, tensor)| tensor).collect();
    let unnamed = Box::new(Optimizer::new(unnamed, Adam::default()).unwrap());
    assert_eq!(
        error(vec![of_matrices(), unnamed]),
        "Optimizers: parameter 0 of optimizer 1 (Adam) is in optimizer 0 (Muon), too"
    );
    let error = Optimizer::new(model.named_parameters(), muon()).unwrap_err().to_string();
    assert_eq!(
        error,
        "Muon: parameter \"1.bias\" has shape [72], expected a matrix; Optimizers has a rule for it beside this one"
    );
}

#[test]
fn a_state_dict_that_does_not_fit_changes_nothing() {
    let _generator = generator();
    let (model, batches) = (network(), batches());
    let mut optimizers = together(&model);
    drop(optimizers.step_with(|| backward(&model, &batches[0])));
    let (first, _) = pair(&model);
    let refused = |optimizers: &mut Optimizers, dict: &OptimizerStateDict, expected: &str| {
        let text = |optimizers: &Optimizers| optimizers.state_dict().into_parts().1.to_string();
        let before = text(optimizers);
        let error = optimizers.load_state_dict(dict).unwrap_err().to_string();
        assert_eq!(error, format!("the state dict does not fit {expected}"));
        assert_eq!(text(optimizers), before);
    };
    refused(
        &mut optimizers,
        &first.state_dict(),
        "Optimizers: it is of one optimizer, expected groups of Muon, AdamW, AdamW, in this order",
    );
    let mut dict = optimizers.state_dict();
    dict.param_groups.swap(0, 1);
    refused(
        &mut optimizers,
        &dict,
        "Optimizers: its groups are of AdamW, Muon, AdamW, expected Muon, AdamW, AdamW",
    );
    let mut dict = optimizers.state_dict();
    dict.param_groups.pop();
    refused(&mut optimizers, &dict, "Optimizers: its groups are of Muon, AdamW, expected Muon, AdamW, AdamW");
    let mut dict = optimizers.state_dict();
    dict.state.insert(99, Vec::new());
    refused(
        &mut optimizers,
        &dict,
        "Optimizers: the state dict has state for parameters that are in none of its groups",
    );
    // The first takes it, the second does not.
    let mut dict = optimizers.state_dict();
    dict.param_groups[0].options["lr"] = 7.0.into();
    dict.state.get_mut(&5).unwrap().retain(|(name, _)| name != "exp_avg");
    refused(&mut optimizers, &dict, "AdamW: parameter 0 of group 1: \"exp_avg\" is missing");
}
