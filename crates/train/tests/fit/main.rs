//! The loop: what each option does to the training, and that a training goes on where it stopped, to the bit.

// The helpers of a test may unwrap, too.
#![allow(clippy::unwrap_used)]

mod averages;
mod nan;
mod panics;
mod refused;
mod resumed;
mod schedules;

use std::ops::ControlFlow;
use std::sync::{Mutex, MutexGuard, PoisonError};

use selvedge_data::{CutMix, ImageBytes, Loader, LoaderOptions, MixUp, Shape};
use selvedge_nn::{Dropout, Flatten, Forward, Linear, ModuleExt, Relu, Sequential};
use selvedge_torch::{CudaGraph, cuda};
use selvedge_train::clip::{ClipGradientNorm, ClipGradientValue};
use selvedge_train::optim::{Lbfgs, LbfgsOptimizer};
use selvedge_train::trainer::{
    Compile, EarlyStopping, Ended, Event, FitOptions, MixedPrecision, Mixing, Training, fit,
};
use selvedge_train::{Accumulation, Adam, CrossEntropyLoss, Optimizer, Sgd, TrainError};
use tch::{Device, Kind, Tensor};

/// All tests draw from the generator of libtorch.
static GENERATOR: Mutex<()> = Mutex::new(());

fn seeded() -> MutexGuard<'static, ()> {
    let guard = GENERATOR.lock().unwrap_or_else(PoisonError::into_inner);
    tch::manual_seed(3);
    guard
}

/// Two kinds of noise that differ in how bright they are.
fn images(count: usize) -> ImageBytes {
    let label = |index: usize| (index * 31 % 7 % 2) as i64;
    let byte = |index: usize| (index * 7919 % 101 + 90 * label(index / 4) as usize) as u8;
    let labels = (0..count).map(label).collect();
    ImageBytes::new(Shape::new(1, 2, 2), (0..4 * count).map(byte).collect(), labels, vec![]).unwrap()
}

fn loader(count: usize, batch_size: usize) -> Loader {
    loader_on(Device::Cpu, count, batch_size)
}

fn loader_on(device: Device, count: usize, batch_size: usize) -> Loader {
    let options = LoaderOptions { batch_size, shuffle: true, seed: 5, device, ..LoaderOptions::default() };
    Loader::new(images(count), options).unwrap()
}

fn network() -> Sequential {
    let hidden = Sequential::new().then(Flatten::default()).then(Linear::new(4, 8)).then(Relu);
    hidden.then(Dropout::new(0.2)).then(Linear::new(8, 2))
}

fn plain() -> FitOptions {
    FitOptions { epochs: 2, measures: 2.into(), ..FitOptions::default() }
}

fn weights(model: &dyn Forward) -> Vec<f32> {
    let flat: Vec<Tensor> = model.parameters().iter().map(|tensor| tensor.flatten(0, -1)).collect();
    Tensor::cat(&flat, 0).try_into().unwrap()
}

/// What an observer that only watches heard.
#[derive(Default)]
struct Heard {
    losses: Vec<f64>,
    epoch_losses: Vec<f64>,
    evaluated: Vec<(u64, bool)>,
    lrs: Vec<f64>,
    /// The step, the losses told together, and their mean.
    logged: Vec<(u64, u64, f64)>,
    /// Why the steps were not compiled, each time that it was said.
    chosen: Vec<Option<String>>,
    /// Why they were not recorded, likewise.
    recorded: Vec<Option<String>>,
}

impl Heard {
    fn hear(&mut self, event: &Event<'_>, training: &Training<'_>) {
        match event {
            Event::Stepped { loss, .. } => {
                self.losses.push(loss.double_value(&[]));
                self.lrs.push(training.optimizer.group_lr(0));
            }
            Event::Logged { steps, loss, .. } => {
                self.logged.push((training.step(), *steps, loss.double_value(&[])));
            }
            Event::StepsChosen { refusal } => self.chosen.push(refusal.map(ToString::to_string)),
            Event::StepsRecorded { refusal } => self.recorded.push(refusal.map(ToString::to_string)),
            Event::Evaluated { at_end, .. } => self.evaluated.push((training.step(), *at_end)),
            Event::EpochEnded { train_loss, .. } => self.epoch_losses.push(*train_loss),
            _ => {}
        }
    }
}

fn watched(training: &mut Training<'_>, options: &FitOptions) -> (Ended, Heard) {
    let mut heard = Heard::default();
    let mut observer = |event: &Event<'_>, training: &Training<'_>| {
        heard.hear(event, training);
        Ok::<_, TrainError>(ControlFlow::Continue(()))
    };
    let ended = fit(training, options, &mut observer).unwrap();
    (ended, heard)
}

/// A new network, trained by Adam with these options on 40 images in batches of 8.
fn trained(options: &FitOptions) -> (Vec<f32>, Ended, Heard) {
    trained_on(Device::Cpu, options)
}

fn trained_on(device: Device, options: &FitOptions) -> (Vec<f32>, Ended, Heard) {
    let (train, validation) = (loader_on(device, 40, 8), loader_on(device, 20, 20));
    let (model, loss) = (network(), CrossEntropyLoss::default());
    model.to(device);
    let mut optimizer = Optimizer::new(model.parameters(), Adam { lr: 0.01, ..Adam::default() }).unwrap();
    let mut training = Training::new(&model, &loss, &mut optimizer, &train);
    training.validation = Some(&validation);
    let (ended, heard) = watched(&mut training, options);
    (weights(&model), ended, heard)
}

#[test]
fn the_default_is_the_loop_by_hand() {
    let guard = seeded();
    let (found, ended, heard) = trained(&plain());
    drop(guard);
    assert_eq!(ended, Ended::Finished);
    let _guard = seeded();
    let (model, train) = (network(), loader(40, 8));
    let mut optimizer = Optimizer::new(model.parameters(), Adam { lr: 0.01, ..Adam::default() }).unwrap();
    let mut losses = Vec::new();
    for epoch in 0..2 {
        for batch in train.epoch(epoch) {
            let batch = batch.unwrap();
            optimizer.zero_grad();
            let output = model.forward(&batch.images, selvedge_nn::Mode::Train);
            let loss = output.cross_entropy_for_logits(&batch.labels);
            loss.backward();
            optimizer.step();
            losses.push(loss.double_value(&[]));
        }
    }
    assert_eq!(weights(&model), found);
    assert_eq!(heard.losses, losses);
    let means: Vec<f64> = losses.chunks(5).map(|losses| losses.iter().sum::<f64>() / 5.0).collect();
    assert_eq!(heard.epoch_losses, means);
    assert_eq!(heard.evaluated, [(5, true), (10, true)]);
}

#[test]
fn the_steps_are_compiled_where_they_can_be() {
    let _guard = seeded();
    for device in [Device::Cpu].into_iter().chain(cuda::devices()) {
        let of = |options: FitOptions| {
            tch::manual_seed(3);
            trained_on(device, &options)
        };
        let (compiled, _, heard) = of(plain());
        assert_eq!(heard.chosen, [None]);
        let is_recorded = device.is_cuda() && CudaGraph::is_built();
        assert_eq!(heard.recorded, vec![None; usize::from(is_recorded)]);
        let (ordinary, _, heard) = of(FitOptions { compile: Compile::Off, ..plain() });
        assert!(heard.chosen.is_empty() && heard.recorded.is_empty());
        // Other kernels of a GPU may sum in another order.
        let most = if device.is_cuda() { 1e-5 } else { 0.0 };
        assert!(compiled.iter().zip(&ordinary).all(|(ours, theirs)| (ours - theirs).abs() <= most));
    }
    let (_, _, heard) = trained(&FitOptions { clip_norm: Some(ClipGradientNorm::default()), ..plain() });
    assert_eq!(heard.chosen, [Some("clip_norm: it needs the ordinary step".to_owned())]);
}

#[test]
fn options_do_what_they_say() {
    let _guard = seeded();
    let of = |options: FitOptions| {
        tch::manual_seed(3);
        trained(&options)
    };
    let (reference, ..) = of(plain());

    // A batch in two halves is the same batch; but for dropout, which the sizes decide.
    let (_, _, heard) = of(FitOptions { accumulation: Accumulation { batches: 2 }, ..plain() });
    assert_eq!(heard.losses.len(), 2 * 3, "groups of 2, 2 and 1");

    let (clipped, ..) = of(FitOptions { clip_norm: Some(ClipGradientNorm::default()), ..plain() });
    assert_eq!(clipped.len(), reference.len());
    let cut = ClipGradientValue { clip_value: 0.0 };
    let (still, ..) = of(FitOptions { clip_value: Some(cut), ..plain() });
    tch::manual_seed(3);
    assert_eq!(still, weights(&network()), "gradients of 0 move nothing");

    let (_, ended, heard) = of(FitOptions { max_steps: Some(7), evaluate_every: Some(2), ..plain() });
    assert_eq!(ended, Ended::OutOfSteps);
    assert_eq!(heard.evaluated, [(2, false), (4, false), (5, true), (6, false)]);
    let (_, ended, heard) = of(FitOptions { max_steps: Some(5), ..plain() });
    assert_eq!((ended, heard.epoch_losses.len()), (Ended::OutOfSteps, 1), "the epoch that is over ends");
    let (_, ended, _) = of(FitOptions { max_seconds: Some(1e-9), ..plain() });
    assert_eq!(ended, Ended::OutOfTime);

    let stopping = EarlyStopping { patience: 2, min_delta: 10.0 };
    let options = FitOptions { epochs: 9, early_stopping: Some(stopping), ..plain() };
    let (_, ended, heard) = of(options);
    assert_eq!((ended, heard.epoch_losses.len()), (Ended::Stalled, 3));

    let (bf16, _, heard) = of(FitOptions { precision: MixedPrecision::Bf16, ..plain() });
    assert_ne!(bf16, reference);
    assert!(heard.losses.iter().all(|loss| loss.is_finite()));

    let mixing = Mixing { mix_up: Some(MixUp::default()), cut_mix: Some(CutMix::default()), seed: 1 };
    let (mixed, _, heard) = of(FitOptions { mixing: mixing.clone(), ..plain() });
    assert_ne!(mixed, reference);
    assert!(heard.losses.iter().all(|loss| loss.is_finite()));
    assert_eq!(of(FitOptions { mixing, ..plain() }).0, mixed, "the draws come again");
}

#[test]
fn accumulated_batches_are_one_batch() {
    let _guard = seeded();
    let run = |batch_size: usize, batches: u64| {
        let options = LoaderOptions { batch_size, ..LoaderOptions::default() };
        let train = Loader::new(images(20), options).unwrap();
        tch::manual_seed(3);
        let model = Sequential::new().then(Flatten::default()).then(Linear::new(4, 2));
        model.to_kind(Kind::Double);
        let loss = |output: &Tensor, labels: &Tensor| output.cross_entropy_for_logits(labels);
        let model = Widened { inner: model };
        let sgd = Sgd { lr: 0.5, ..Sgd::default() };
        let mut optimizer = Optimizer::new(model.parameters(), sgd).unwrap();
        let mut training = Training::new(&model, &loss, &mut optimizer, &train);
        let options = FitOptions { accumulation: Accumulation { batches }, ..plain() };
        watched(&mut training, &options);
        let flat: Vec<Tensor> = model.parameters().iter().map(|tensor| tensor.flatten(0, -1)).collect();
        Tensor::cat(&flat, 0)
    };
    // The last group has a batch of 6 and one of 2.
    let difference = (run(12, 1) - run(6, 2)).abs().max().double_value(&[]);
    assert!(difference < 1e-12, "{difference}");
}

/// Computes in f64.
#[derive(selvedge_nn::Module)]
struct Widened {
    inner: Sequential,
}

impl Forward for Widened {
    fn forward(&self, input: &Tensor, mode: selvedge_nn::Mode) -> Tensor {
        self.inner.forward(&input.to_kind(Kind::Double), mode)
    }
}

#[test]
fn lbfgs_trains_in_the_same_loop() {
    let _guard = seeded();
    let train = loader(40, 40);
    let (model, loss) =
        (Sequential::new().then(Flatten::default()).then(Linear::new(4, 2)), CrossEntropyLoss::default());
    let mut optimizer =
        LbfgsOptimizer::new(model.parameters(), Lbfgs { lr: 0.5, ..Lbfgs::default() }).unwrap();
    let mut training = Training::new(&model, &loss, &mut optimizer, &train);
    let (_, heard) = watched(&mut training, &plain());
    assert!(heard.losses[1] < heard.losses[0]);

    let mut training = Training::new(&model, &loss, &mut optimizer, &train);
    let options = FitOptions { precision: MixedPrecision::F16, ..plain() };
    let mut observer = |_: &Event<'_>, _: &Training<'_>| Ok::<_, TrainError>(ControlFlow::Continue(()));
    let message = fit(&mut training, &options, &mut observer).unwrap_err().to_string();
    assert!(message.contains("precision") && message.contains("L-BFGS"), "{message}");
}

#[test]
fn the_losses_are_told_together() {
    let _guard = seeded();
    let (_, _, heard) = trained(&FitOptions { log_every: 2, ..plain() });
    let mean = |from: usize, to: usize| heard.losses[from..to].iter().sum::<f64>() / (to - from) as f64;
    let expected = [(2, 2, mean(0, 2)), (4, 2, mean(2, 4)), (5, 1, mean(4, 5)), (7, 2, mean(5, 7))];
    for ((step, steps, loss), expected) in heard.logged.iter().zip(expected) {
        assert_eq!((*step, *steps), (expected.0, expected.1));
        assert!((loss - expected.2).abs() < 1e-12, "{loss} {}", expected.2);
    }
    assert_eq!(heard.logged.len(), 6);
}
