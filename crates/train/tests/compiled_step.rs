//! A compiled step computes what the ordinary step from the same state does, and what cannot be compiled is refused with
//! its name.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use selvedge_nn::plan::{Chain, Refusal};
use selvedge_nn::{
    Dropout, Flatten, Forward, LayerNorm, Linear, LinearOptions, LogSoftmax, Mode, Module, ModuleExt, Relu,
    Sequential, StateDict, Tanh,
};
use selvedge_torch::{cuda, is_same};
use selvedge_train::loss::{HuberLoss, Reduction};
use selvedge_train::optim::{
    Adadelta, Adagrad, Adam, AdamW, Adamax, Asgd, Muon, NAdam, Optimizer, OptimizerStateDict, RAdam, RmsProp,
    Rprop, Sgd, UpdateRule,
};
use selvedge_train::{CompiledStep, CrossEntropyLoss, Loss, MseLoss, NllLoss};
use tch::{Device, Kind, Tensor};

const FLOAT: (Kind, Device) = (Kind::Float, Device::Cpu);

/// Initial weights and dropout are drawn from the one generator of libtorch.
fn generator() -> MutexGuard<'static, ()> {
    static GENERATOR: Mutex<()> = Mutex::new(());
    // Two threads that other tests keep from running would wait for each other at every operation.
    tch::set_num_threads(1);
    GENERATOR.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Batches of 64 images with their classes, the last with 24.
fn batches(count: usize) -> Vec<(Tensor, Tensor)> {
    tch::manual_seed(7);
    let prototypes = Tensor::randn([10, 1, 28, 28], FLOAT);
    (0..count)
        .map(|index| {
            let size = if index + 1 == count { 24 } else { 64 };
            let target = Tensor::randint(10, [size], (Kind::Int64, Device::Cpu));
            let noise = Tensor::randn([size, 1, 28, 28], FLOAT);
            (prototypes.index_select(0, &target) + noise * 2.0, target)
        })
        .collect()
}

fn network() -> Sequential {
    Sequential::new()
        .then(Flatten::default())
        .then(Linear::new(784, 256))
        .then(Relu)
        .then(Dropout::new(0.25))
        .then(Linear::new(256, 128))
        .then(Relu)
        .then(Dropout::new(0.25))
        .then(Linear::new(128, 10))
        .then(LogSoftmax { dim: Some(1) })
}

fn eager_step<R: UpdateRule>(
    model: &dyn Forward,
    loss: &dyn Loss,
    optimizer: &mut Optimizer<R>,
    batch: &(Tensor, Tensor),
) -> f64 {
    let value = eager_pass(model, loss, optimizer, batch);
    optimizer.step();
    value
}

/// Computes the loss and the gradients of an ordinary step.
fn eager_pass<R: UpdateRule>(
    model: &dyn Forward,
    loss: &dyn Loss,
    optimizer: &mut Optimizer<R>,
    (input, target): &(Tensor, Tensor),
) -> f64 {
    optimizer.zero_grad();
    let value = loss.forward(&model.forward(input, Mode::Train), target);
    value.backward();
    value.double_value(&[])
}

/// At each state of a training by compiled steps, an ordinary step from the same state has the same loss and gradients, and
/// an ordinary update by the gradients of the compiled step gives the same parameters and optimizer state.
fn agree<R: UpdateRule>(
    network: impl Fn() -> Sequential,
    loss: &dyn Loss,
    rule: &R,
    batches: &[(Tensor, Tensor)],
) {
    for device in [Device::Cpu].into_iter().chain(cuda::devices()) {
        let batches: Vec<_> = batches.iter().map(|batch| on(device, batch)).collect();
        let begin = || {
            tch::manual_seed(1);
            let model = network();
            model.to(device);
            let optimizer =
                Optimizer::new(model.named_parameters(), rule.clone()).expect("the options are good");
            (model, optimizer)
        };
        let (ordinary, mut ordinary_optimizer) = begin();
        let (compiled, mut compiled_optimizer) = begin();
        let (input, target) = &batches[0];
        let mut step = CompiledStep::new(&compiled, loss, &mut compiled_optimizer, input, target)
            .expect("it can be compiled");
        let mut scales = HashMap::new();
        for (index, batch) in batches.iter().cycle().take(5 * batches.len()).enumerate() {
            let what = format!("{} on {device:?}, step {index}", R::NAME);
            ordinary.load_state_dict(&compiled.state_dict()).expect("the networks are alike");
            ordinary_optimizer
                .load_state_dict(&compiled_optimizer.state_dict())
                .expect("the optimizers are alike");
            // Both draw the same dropout.
            tch::manual_seed(100 + index as i64);
            let expected = eager_pass(&ordinary, loss, &mut ordinary_optimizer, batch);
            tch::manual_seed(100 + index as i64);
            let found = step.step(&mut compiled_optimizer, &batch.0, &batch.1).double_value(&[]);
            // Some rules let the outputs grow, and a loss has the rounding of the outputs that it is the difference of.
            let tolerance = 1e-5 * expected.max(1.0);
            assert!((expected - found).abs() <= tolerance, "{what}: losses {expected} and {found}");
            let parameters = compiled.named_parameters().into_iter().zip(ordinary.parameters());
            for ((path, parameter), twin) in parameters {
                let gradients = step.gradients().iter();
                let (_, gradient) = gradients
                    .clone()
                    .find(|(known, _)| is_same(known, &parameter))
                    .expect("each parameter is trained");
                // Sums over the batch: when the network has learned it, most of a sum cancels.
                let first = *scales.entry(path.clone()).or_insert_with(|| norm(gradient));
                let scale = norm(gradient).max(first);
                let difference = norm(&(gradient - twin.grad()));
                assert!(
                    difference <= 1e-5 * scale,
                    "{what}: gradient of {path}: {difference:e} of {scale:e}"
                );
                twin.grad().copy_(gradient);
            }
            ordinary_optimizer.step();
            let parameters = compiled.named_parameters().into_iter().zip(ordinary.parameters());
            for ((path, found), expected) in parameters {
                close(&format!("{what}: {path}"), &found, &expected, 1e-7);
            }
            let [found, expected] = [&compiled_optimizer, &ordinary_optimizer]
                .map(|optimizer| optimizer.state_dict().into_parts());
            assert_eq!(found.1, expected.1, "{what}: the numbers of the state");
            for (name, expected) in expected.0.iter() {
                let found = found.0.get(name).expect("it has the state");
                close(&format!("{what}: {name}"), found, expected, 1e-7);
            }
        }
    }
}

/// Panics unless the norm of the difference is such a part of the norm of the expected values at most.
#[track_caller]
fn close(what: &str, found: &Tensor, expected: &Tensor, most: f64) {
    let difference = norm(&(found.detach() - expected.detach()));
    let expected = norm(expected);
    assert!(
        difference <= most * expected,
        "{what}: the norm of the difference is {difference:e}, of {expected:e}"
    );
}

fn norm(tensor: &Tensor) -> f64 {
    tensor.detach().to_kind(Kind::Double).norm().double_value(&[])
}

fn on(device: Device, (input, target): &(Tensor, Tensor)) -> (Tensor, Tensor) {
    (input.to_device(device), target.to_device(device))
}

#[test]
fn every_rule_updates_as_in_the_ordinary_step() {
    let _generator = generator();
    let (loss, batches) = (NllLoss::default(), batches(4));
    agree(network, &loss, &Adam::default(), &batches);
    agree(network, &loss, &Adam { amsgrad: true, weight_decay: 0.01, ..Adam::default() }, &batches);
    agree(network, &loss, &AdamW::default(), &batches);
    agree(network, &loss, &Sgd { lr: 0.01, ..Sgd::default() }, &batches);
    agree(network, &loss, &Sgd { lr: 0.01, momentum: 0.9, nesterov: true, ..Sgd::default() }, &batches);
    agree(network, &loss, &Adagrad::default(), &batches);
    agree(network, &loss, &Adadelta::default(), &batches);
    agree(network, &loss, &Adamax::default(), &batches);
    agree(network, &loss, &Asgd::default(), &batches);
    agree(network, &loss, &NAdam::default(), &batches);
    agree(network, &loss, &RAdam::default(), &batches);
    agree(network, &loss, &RmsProp::default(), &batches);
    agree(network, &loss, &Rprop::default(), &batches);
    // A rule that looks at a whole matrix.
    let matrices = || {
        Sequential::new()
            .then(Flatten::default())
            .then(without_bias(784, 64))
            .then(Relu)
            .then(without_bias(64, 10))
    };
    agree(matrices, &CrossEntropyLoss::default(), &Muon::default(), &batches);
}

fn without_bias(inputs: i64, outputs: i64) -> Linear {
    Linear::with(inputs, outputs, LinearOptions { bias: false })
}

#[test]
fn every_planned_loss_is_that_of_the_ordinary_step() {
    let _generator = generator();
    let batches = batches(3);
    let logits = || {
        Sequential::new()
            .then(Flatten::default())
            .then(Linear::new(784, 20))
            .then(Tanh)
            .then(Linear::new(20, 10))
    };
    let weight = Some((1..=10).map(|class| f64::from(class) / 5.0).collect::<Vec<f64>>());
    let rule = Adam::default();
    agree(logits, &CrossEntropyLoss::default(), &rule, &batches);
    let weighted =
        CrossEntropyLoss { weight: weight.clone(), ignore_index: 3, ..CrossEntropyLoss::default() };
    agree(logits, &weighted, &rule, &batches);
    agree(logits, &CrossEntropyLoss { reduction: Reduction::Sum, ..weighted }, &rule, &batches);
    agree(network, &NllLoss { weight, ignore_index: 3, reduction: Reduction::Sum }, &rule, &batches);
    let rows: Vec<(Tensor, Tensor)> = batches
        .iter()
        .map(|(input, _)| (input.shallow_clone(), input.flatten(1, -1).narrow(1, 0, 10)))
        .collect();
    agree(logits, &MseLoss::default(), &rule, &rows);
    agree(logits, &MseLoss { reduction: Reduction::Sum }, &Sgd { lr: 1e-4, ..Sgd::default() }, &rows);
}

#[test]
fn ordinary_steps_and_files_continue_with_the_same_values() {
    let _generator = generator();
    let (loss, batches) = (NllLoss::default(), batches(6));
    // Ordinary steps, compiled ones, a state dict that is taken and loaded again, and ordinary ones.
    let train = |compiled: bool| {
        tch::manual_seed(2);
        let model = network();
        let mut optimizer = Optimizer::new(model.named_parameters(), Adam::default()).unwrap();
        let mut losses = vec![eager_step(&model, &loss, &mut optimizer, &batches[0])];
        let (input, target) = &batches[1];
        let mut step =
            compiled.then(|| CompiledStep::new(&model, &loss, &mut optimizer, input, target).unwrap());
        for round in 0..2 {
            optimizer.set_lr(1e-3 / f64::from(round + 1));
            for batch in &batches[1..4] {
                losses.push(match &mut step {
                    Some(step) => step.step(&mut optimizer, &batch.0, &batch.1).double_value(&[]),
                    None => eager_step(&model, &loss, &mut optimizer, batch),
                });
            }
            let (tensors, rest) = optimizer.state_dict().into_parts();
            optimizer.load_state_dict(&OptimizerStateDict::from_parts(&tensors, &rest).unwrap()).unwrap();
            let parameters = model.state_dict();
            model.load_state_dict(&parameters).unwrap();
        }
        drop(step);
        losses.extend(batches[4..].iter().map(|batch| eager_step(&model, &loss, &mut optimizer, batch)));
        (losses, model, optimizer)
    };
    let (ordinary, expected_model, expected_optimizer) = train(false);
    let (compiled, model, optimizer) = train(true);
    // Rounding grows from step to step: 1e-5 holds for ten of them.
    for (step, (ordinary, compiled)) in ordinary.iter().zip(&compiled).enumerate() {
        assert!((ordinary - compiled).abs() / ordinary < 1e-5, "step {step}: {ordinary} and {compiled}");
    }
    // The files hold tensors without gaps, whatever the model's are.
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    model.state_dict().save(path("found.safetensors")).unwrap();
    expected_model.state_dict().save(path("expected.safetensors")).unwrap();
    let load = |name: &str| StateDict::load(path(name)).unwrap();
    let (found, expected) = (load("found.safetensors"), load("expected.safetensors"));
    assert_eq!(found.len(), expected.len());
    for (name, expected) in expected.iter() {
        close(name, found.get(name).unwrap(), expected, 1e-4);
    }
    let [found, expected] =
        [&optimizer, &expected_optimizer].map(|optimizer| optimizer.state_dict().into_parts());
    assert_eq!(found.1, expected.1);
    for (name, expected) in expected.0.iter() {
        close(name, found.0.get(name).unwrap(), expected, 1e-3);
    }
}

#[test]
fn frozen_parameters_and_groups_keep_their_options() {
    let _generator = generator();
    let (loss, batches) = (NllLoss::default(), batches(3));
    let train = |compiled: bool| {
        tch::manual_seed(5);
        let model = network();
        let mut parameters = model.parameters();
        let _ = parameters[0].set_requires_grad(false);
        let rest = parameters.split_off(2);
        let mut optimizer = Optimizer::new(parameters, Sgd { lr: 0.1, ..Sgd::default() }).unwrap();
        optimizer.add_group(rest, Sgd { lr: 0.01, momentum: 0.5, ..Sgd::default() }).unwrap();
        if compiled {
            let (input, target) = &batches[0];
            let mut step = CompiledStep::new(&model, &loss, &mut optimizer, input, target).unwrap();
            for (input, target) in &batches {
                let _ = step.step(&mut optimizer, input, target);
            }
        } else {
            for batch in &batches {
                eager_step(&model, &loss, &mut optimizer, batch);
            }
        }
        model
    };
    let (ordinary, compiled) = (train(false), train(true));
    for ((path, expected), (_, found)) in ordinary.named_parameters().iter().zip(compiled.named_parameters())
    {
        close(path, &found, expected, 1e-5);
    }
}

fn refusal(model: &dyn Forward, loss: &dyn Loss, input: &Tensor, target: &Tensor) -> String {
    let mut parameters = model.parameters();
    parameters.push(Tensor::zeros([1], FLOAT).set_requires_grad(true));
    // A parameter that two layers share is given once.
    let parameters = vec![parameters.swap_remove(0)];
    let mut optimizer = Optimizer::new(parameters, Adam::default()).expect("the options are good");
    CompiledStep::new(model, loss, &mut optimizer, input, target).expect_err("it is refused").to_string()
}

/// Says of itself that it is something else.
#[derive(Debug, Module)]
struct Impostor {
    #[module(flatten)]
    linear: Linear,
}

impl Forward for Impostor {
    fn forward(&self, input: &Tensor, mode: Mode) -> Tensor {
        self.linear.forward(input, mode).tanh()
    }

    fn chain(&self, chain: &mut Chain) -> Result<(), Refusal> {
        self.linear.chain(chain)
    }
}

#[test]
fn what_can_not_be_compiled_is_refused_with_its_name() {
    let _generator = generator();
    let (input, target) = (Tensor::ones([4, 6], FLOAT), Tensor::from_slice(&[0_i64, 1, 2, 0]));
    let linear = || Linear::new(6, 3);
    let entropy = CrossEntropyLoss::default();
    let of_loss = |loss: &dyn Loss| refusal(&linear(), loss, &input, &target);
    assert_eq!(of_loss(&HuberLoss::default()), "the loss: it has no planned form");
    assert_eq!(of_loss(&|output: &Tensor, _: &Tensor| output.mean(None)), "the loss: it has no planned form");
    assert_eq!(
        of_loss(&CrossEntropyLoss { label_smoothing: 0.1, ..entropy.clone() }),
        "the loss: its label_smoothing of 0.1 is not planned"
    );
    assert_eq!(
        of_loss(&CrossEntropyLoss { reduction: Reduction::None, ..entropy.clone() }),
        "the loss: its reduction gives no single value"
    );
    assert_eq!(
        of_loss(&NllLoss { weight: Some(vec![1.0]), ..NllLoss::default() }),
        "the loss: it has weights of shape [1], expected [3]"
    );
    assert!(of_loss(&MseLoss::default()).contains("expected a target of shape [4, 3] and kind Float"));
    let probabilities = Tensor::ones([4, 3], FLOAT);
    assert!(
        refusal(&linear(), &entropy, &input, &probabilities)
            .contains("expected an output of shape [batch, classes]")
    );

    let model = Sequential::new().then(linear()).then_named("norm", LayerNorm::new(3));
    assert_eq!(
        refusal(&model, &entropy, &input, &target),
        "norm: LayerNorm: it does not say what it does as a chain of stages"
    );
    let shared = Linear::new(6, 6);
    let again = Linear { weight: shared.weight.shallow_clone(), bias: None };
    let model = Sequential::new().then(shared).then(again);
    assert_eq!(
        refusal(&model, &entropy, &input, &target),
        "1: Linear: it shares a parameter with a layer before it"
    );
    assert_eq!(
        refusal(&Relu, &MseLoss::default(), &input, &input),
        "Adam: it trains no parameter of the network"
    );
    assert_eq!(
        refusal(&Impostor { linear: linear() }, &entropy, &input, &target),
        "the chain: it computes something else than the network's forward"
    );
    let model = linear();
    model.weight.shallow_clone().set_data(&model.weight.detach().to_kind(Kind::Double));
    assert!(
        refusal(&model, &entropy, &input, &target)
            .contains("its parameters are Double on Cpu, its input Float on Cpu")
    );
}

fn compiled() -> (Linear, Optimizer<Adam>, CompiledStep, Tensor, Tensor) {
    let model = Linear::new(6, 3);
    let mut optimizer = Optimizer::new(model.parameters(), Adam::default()).expect("the options are good");
    let (input, target) = (Tensor::ones([4, 6], FLOAT), Tensor::from_slice(&[0_i64, 1, 2, 0]));
    let step = CompiledStep::new(&model, &CrossEntropyLoss::default(), &mut optimizer, &input, &target)
        .expect("it can be compiled");
    (model, optimizer, step, input, target)
}

#[test]
#[should_panic(expected = "the parameters were moved after the step was compiled")]
fn parameters_that_were_moved_are_not_trained() {
    let _generator = generator();
    let (model, mut optimizer, mut step, input, target) = compiled();
    model.to_kind(Kind::Double);
    let _ = step.step(&mut optimizer, &input, &target);
}

#[test]
#[should_panic(expected = "out of bounds")]
fn a_class_that_is_not_there_panics() {
    let _generator = generator();
    let (_model, mut optimizer, mut step, input, target) = compiled();
    let _ = step.step(&mut optimizer, &input, &(target + 1));
}

#[test]
#[should_panic(expected = "Linear: expected an input of shape [.., 6], found [4, 5]")]
fn a_batch_that_does_not_fit_panics() {
    let _generator = generator();
    let (_model, mut optimizer, mut step, _, target) = compiled();
    let _ = step.step(&mut optimizer, &Tensor::ones([4, 5], FLOAT), &target);
}
