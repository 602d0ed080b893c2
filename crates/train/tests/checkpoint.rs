//! Checkpoints: what is damaged is named, the one before is found, and only what is to be kept is kept.

// The helpers of a test may unwrap, too.
#![allow(clippy::unwrap_used)]

use std::fs;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use selvedge_data::{ImageBytes, Loader, LoaderOptions, Shape};
use selvedge_nn::{Dropout, Flatten, Forward, Linear, ModuleExt, Sequential};
use selvedge_train::checkpoint::{CheckpointError, CheckpointOptions, Checkpointer, Snapshot, latest_good};
use selvedge_train::lr_scheduler::{AnyScheduler, ExponentialLr, StepLr};
use selvedge_train::trainer::{Event, FitOptions, MixedPrecision, Observers, Training, fit};
use selvedge_train::{
    Adam, AveragedModel, Averaging, CrossEntropyLoss, Optimizer, Sgd, TrainError, UpdateRule,
};
use serde_json::json;
use tch::Tensor;
use tempfile::TempDir;

/// All tests draw from the generator of libtorch.
static GENERATOR: Mutex<()> = Mutex::new(());

fn seeded() -> MutexGuard<'static, ()> {
    let guard = GENERATOR.lock().unwrap_or_else(PoisonError::into_inner);
    tch::manual_seed(3);
    guard
}

fn loader() -> Loader {
    let bytes = (0..160).map(|index: usize| (index * 7919 % 251) as u8).collect();
    let labels = (0..40).map(|index| index % 3 % 2).collect();
    let images = ImageBytes::new(Shape::new(1, 2, 2), bytes, labels, vec![]).unwrap();
    let options = LoaderOptions { batch_size: 8, shuffle: true, ..LoaderOptions::default() };
    Loader::new(images, options).unwrap()
}

fn network() -> Sequential {
    let hidden = Sequential::new().then(Flatten::default()).then(Linear::new(4, 8));
    hidden.then(Dropout::new(0.3)).then(Linear::new(8, 2))
}

fn options() -> FitOptions {
    FitOptions { epochs: 4, measures: 2.into(), precision: MixedPrecision::F16, ..FitOptions::default() }
}

/// Everything that a training needs, all of it used.
struct Parts {
    model: Sequential,
    optimizer: Optimizer<Adam>,
    loss: CrossEntropyLoss,
    train: Loader,
}

impl Parts {
    fn new() -> Self {
        let model = network();
        let optimizer =
            Optimizer::new(model.named_parameters(), Adam { lr: 0.01, ..Adam::default() }).unwrap();
        Self { model, optimizer, loss: CrossEntropyLoss::default(), train: loader() }
    }

    fn training(&mut self) -> Training<'_> {
        let scheduler = AnyScheduler::new(&mut self.optimizer, Box::new(ExponentialLr::new(0.5))).unwrap();
        let averages: Box<dyn Forward> = Box::new(network());
        let averaged = AveragedModel::new(averages, &self.model, Averaging::Ema { decay: 0.9 }).unwrap();
        let mut training = Training::new(&self.model, &self.loss, &mut self.optimizer, &self.train);
        (training.scheduler, training.averaged) = (Some(scheduler), Some(averaged));
        training.validation = Some(training.train);
        training
    }
}

fn weights(model: &dyn Forward) -> Vec<f32> {
    let flat: Vec<Tensor> = model.parameters().iter().map(|tensor| tensor.flatten(0, -1)).collect();
    Tensor::cat(&flat, 0).try_into().unwrap()
}

/// Trains until the update `until`, or to the end.
fn train(training: &mut Training<'_>, checkpointer: &mut Checkpointer, until: Option<u64>) {
    let mut stop = |event: &Event<'_>, training: &Training<'_>| {
        let stops = matches!(event, Event::Stepped { .. }) && Some(training.step()) == until;
        Ok::<_, CheckpointError>(if stops { ControlFlow::Break(()) } else { ControlFlow::Continue(()) })
    };
    fit(training, &options(), &mut Observers(vec![checkpointer, &mut stop])).unwrap();
}

fn checkpointer(folder: &Path, options: CheckpointOptions) -> Checkpointer {
    Checkpointer::new(folder, options, json!({ "name": "test" })).unwrap()
}

/// A folder with checkpoints of the updates 5, 10, 15 and 18.
fn written(folder: &Path) {
    tch::manual_seed(3);
    let options = CheckpointOptions { keep_last: 9, every_steps: Some(18), ..CheckpointOptions::default() };
    let mut parts = Parts::new();
    let mut checkpointer = checkpointer(folder, options);
    train(&mut parts.training(), &mut checkpointer, Some(19));
    checkpointer.finish().unwrap();
    assert_eq!(names(folder), ["step-00000005", "step-00000010", "step-00000015", "step-00000018"]);
}

fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

const FILES: [&str; 6] = [
    "averaged.safetensors",
    "generators.safetensors",
    "manifest.json",
    "model.safetensors",
    "optimizer.safetensors",
    "state.json",
];

/// What is said of the last checkpoint, when the one before it is found.
fn told(folder: &Path) -> CheckpointError {
    let mut found = latest_good(folder).unwrap();
    assert_eq!(found.good.unwrap().0, folder.join("step-00000015"));
    assert_eq!(found.damaged.len(), 1);
    found.damaged.remove(0).error
}

#[test]
fn a_training_goes_on_from_a_checkpoint_to_the_bit() {
    let _guard = seeded();
    let expected_folder = TempDir::new().unwrap();
    let mut whole = Parts::new();
    let mut training = whole.training();
    let mut writer = checkpointer(expected_folder.path(), CheckpointOptions::default());
    train(&mut training, &mut writer, None);
    let expected_averages = weights(training.evaluated());
    let expected_scaler = training.scaler.clone();
    let expected = weights(&whole.model);

    for background in [true, false] {
        let folder = TempDir::new().unwrap();
        written(folder.path());
        let found = latest_good(folder.path()).unwrap();
        assert!(found.damaged.is_empty());
        let (_, snapshot) = found.good.unwrap();
        assert_eq!(snapshot.state.config, json!({ "name": "test" }));
        assert_eq!(snapshot.state.threads, tch::get_num_threads());
        let mut again = Parts::new();
        let mut training = again.training();
        snapshot.restore(&mut training).unwrap();
        assert_eq!(training.step(), 18);
        let options = CheckpointOptions { background, ..CheckpointOptions::default() };
        train(&mut training, &mut checkpointer(folder.path(), options), None);
        assert_eq!(weights(training.evaluated()), expected_averages);
        assert_eq!(training.scaler, expected_scaler);
        assert_eq!(weights(&again.model), expected);
        assert_eq!(names(folder.path()).last().unwrap(), "step-00000020");
    }
}

#[test]
fn a_flipped_byte_in_any_file_is_named_and_the_one_before_is_found() {
    let _guard = seeded();
    let folder = TempDir::new().unwrap();
    let folder = folder.path();
    written(folder);
    let last = folder.join("step-00000018");
    assert_eq!(names(&last), FILES);
    let mut flips = 0;
    for name in FILES {
        let path = last.join(name);
        let bytes = fs::read(&path).unwrap();
        // Each place of the manifest, and some of the others.
        let places = if name == "manifest.json" { 1 } else { bytes.len() / 16 };
        for place in (0..bytes.len()).step_by(places.max(1)) {
            let mut flipped = bytes.clone();
            flipped[place] ^= 1;
            fs::write(&path, flipped).unwrap();
            let message = told(folder).to_string();
            let named = message.contains(name) || name == "manifest.json";
            assert!(named && message.contains("step-00000018"), "{name} at {place}: {message}");
            flips += 1;
        }
        fs::write(&path, bytes).unwrap();
    }
    assert!(flips > 400, "{flips}");
    assert!(latest_good(folder).unwrap().good.unwrap().0.ends_with("step-00000018"));
}

#[test]
fn missing_short_and_foreign_files_are_told_apart() {
    let _guard = seeded();
    let folder = TempDir::new().unwrap();
    let folder = folder.path();
    written(folder);
    let last = folder.join("step-00000018");
    for name in FILES {
        let path = last.join(name);
        let bytes = fs::read(&path).unwrap();
        fs::remove_file(&path).unwrap();
        let error = told(folder);
        assert!(matches!(&error, CheckpointError::Missing { path: named } if *named == path), "{error}");
        fs::write(&path, &bytes[..bytes.len() / 2]).unwrap();
        let error = told(folder);
        let short = matches!(&error, CheckpointError::Length { path: named, .. } if *named == path);
        let broken = matches!(&error, CheckpointError::Malformed { .. }) && name == "manifest.json";
        assert!(short || broken, "{error}");
        fs::write(&path, bytes).unwrap();
    }
    let manifest = last.join("manifest.json");
    let text = fs::read_to_string(&manifest).unwrap();
    fs::write(&manifest, text.replacen("\"format\": 3", "\"format\": 7, \"more\": 3", 1)).unwrap();
    let error = told(folder);
    assert!(matches!(error, CheckpointError::Version { found: 7, expected: 3, .. }), "{error}");
    fs::write(&manifest, text.replacen("state.json", "../state.json", 1)).unwrap();
    assert!(matches!(told(folder), CheckpointError::Malformed { .. }));

    // Its place becomes free for a training that goes on.
    let found = latest_good(folder).unwrap();
    let aside = found.damaged[0].set_aside().unwrap();
    assert!(aside.ends_with("step-00000018.damaged") && aside.exists());
    assert!(latest_good(folder).unwrap().damaged.is_empty());
    // Nothing good at all.
    for step in ["step-00000005", "step-00000010", "step-00000015"] {
        fs::remove_file(folder.join(step).join("model.safetensors")).unwrap();
    }
    let found = latest_good(folder).unwrap();
    assert!(found.good.is_none() && found.damaged.len() == 3);
    assert!(latest_good(&folder.join("nowhere")).unwrap().good.is_none());
}

/// The caller's files as they were when the checkpoint was taken, and part of what is verified.
#[test]
fn copies_of_files_come_back_as_they_were() {
    let _guard = seeded();
    let folder = TempDir::new().unwrap();
    let [log, model, inside] = ["log", "model", "checkpoints"].map(|name| folder.path().join(name));
    let mut parts = Parts::new();
    let training = parts.training();
    let mut checkpointer = checkpointer(&inside, CheckpointOptions::default());
    checkpointer.copy_files(folder.path(), &["model", "absent"], &["log", "later"]).unwrap();
    fs::write(&log, "as it was").unwrap();
    fs::write(&model, "first").unwrap();
    checkpointer.save(&training).unwrap();
    fs::write(&log, "as it was, and more").unwrap();
    checkpointer.finish().unwrap();
    let found = latest_good(&inside).unwrap();
    let (path, snapshot) = found.good.unwrap();
    assert_eq!(snapshot.copy_of("log"), Some(&b"as it was"[..]));
    assert_eq!(snapshot.copy_of("model"), Some(&b"first"[..]));
    assert_eq!((snapshot.copy_of("absent"), snapshot.copy_of("later")), (None, None));
    // A model may become shorter, a log may not: a checkpoint without its rows is not written.
    fs::write(&model, "").unwrap();
    checkpointer.save(&training).unwrap();
    fs::remove_file(&log).unwrap();
    let error = checkpointer.save(&training).unwrap_err();
    assert!(
        matches!(error, CheckpointError::Train(TrainError::LogChanged { expected: 19, found: 0, .. })),
        "{error}"
    );
    checkpointer.finish().unwrap();
    fs::write(path.join("run-log"), "as it was, and mare").unwrap();
    assert!(latest_good(&inside).unwrap().damaged[0].error.to_string().contains("run-log has been altered"));
}

#[test]
fn the_last_and_the_best_are_kept() {
    let _guard = seeded();
    let folder = TempDir::new().unwrap();
    let mut parts = Parts::new();
    let options = CheckpointOptions { keep_last: 2, every_steps: Some(1), ..CheckpointOptions::default() };
    let mut checkpointer = checkpointer(folder.path(), options);
    let mut training = parts.training();
    train(&mut training, &mut checkpointer, None);
    checkpointer.finish().unwrap();
    let best = training.best().unwrap().step;
    let mut expected: Vec<String> = [best, 19, 20].iter().map(|step| format!("step-{step:08}")).collect();
    expected.sort();
    expected.dedup();
    assert_eq!(names(folder.path()), expected);
}

#[test]
fn a_checkpoint_of_something_else_is_refused() {
    let _guard = seeded();
    let folder = TempDir::new().unwrap();
    written(folder.path());
    let (_, snapshot) = latest_good(folder.path()).unwrap().good.unwrap();
    let (loss, train) = (CrossEntropyLoss::default(), loader());
    let refused = |model: &dyn Forward, schedule: bool, averages: bool, adam: bool| {
        let mut sgd = Optimizer::new(model.named_parameters(), Sgd::default()).unwrap();
        let mut adam_w = Optimizer::new(model.named_parameters(), Adam::default()).unwrap();
        let scheduler = AnyScheduler::new(&mut adam_w, Box::new(ExponentialLr::new(0.5))).unwrap();
        let other = AnyScheduler::new(&mut adam_w, Box::new(StepLr::new(1))).unwrap();
        let mut training = match adam {
            true => Training::new(model, &loss, &mut adam_w, &train),
            false => Training::new(model, &loss, &mut sgd, &train),
        };
        training.scheduler = Some(if schedule { scheduler } else { other });
        if averages {
            let averages: Box<dyn Forward> = Box::new(network());
            training.averaged = AveragedModel::new(averages, &network(), Averaging::Swa).ok();
        }
        snapshot.restore(&mut training).unwrap_err().to_string()
    };
    let (same, other) = (network(), Sequential::new().then(Flatten::default()).then(Linear::new(4, 2)));
    for (message, expected) in [
        (refused(&same, true, true, false), format!("its optimizer is Adam, expected {}", Sgd::NAME)),
        (refused(&same, false, true, true), "StepLR".to_owned()),
        (refused(&same, true, false, true), "averaged model".to_owned()),
        (refused(&other, true, true, true), "1.weight".to_owned()),
    ] {
        assert!(message.contains(&expected), "{expected}: {message}");
    }
}

#[test]
fn the_error_of_the_writing_thread_reaches_the_training() {
    let _guard = seeded();
    let folder = TempDir::new().unwrap();
    let inside = folder.path().join("checkpoints");
    let mut parts = Parts::new();
    let mut checkpointer = checkpointer(&inside, CheckpointOptions::default());
    fs::remove_dir_all(&inside).unwrap();
    fs::write(&inside, "a file in the place of the folder").unwrap();
    let mut training = parts.training();
    let error =
        fit(&mut training, &options(), &mut checkpointer as &mut dyn selvedge_train::trainer::Observer<_>);
    let message = format!("{:?}", error.map(drop).and_then(|()| checkpointer.finish()).unwrap_err());
    assert!(message.contains("checkpoints"), "{message}");
    let bad = CheckpointOptions { keep_last: 0, ..CheckpointOptions::default() };
    assert!(
        Checkpointer::new(folder.path(), bad, json!(null)).unwrap_err().to_string().contains("keep_last")
    );
    let _: PathBuf = Snapshot::read(&inside).map(|_| inside.clone()).unwrap_or_default();
}

#[test]
fn what_others_put_among_the_checkpoints_blocks_nothing() {
    let _guard = seeded();
    let folder = TempDir::new().unwrap();
    let folder = folder.path();
    written(folder);
    // No name that is given here, and two that a damaged checkpoint would be set aside as.
    fs::create_dir(folder.join("step-10")).unwrap();
    fs::write(folder.join("step-99999999.damaged"), "a note").unwrap();
    fs::create_dir(folder.join("step-99999999.damaged-2")).unwrap();
    // A file in the place of a checkpoint.
    fs::write(folder.join("step-99999999"), "no folder").unwrap();
    let found = latest_good(folder).unwrap();
    assert!(found.good.unwrap().0.ends_with("step-00000018"));
    let [damaged] = &found.damaged[..] else { panic!("{:?}", found.damaged) };
    assert!(damaged.error.to_string().contains("expected a folder"), "{}", damaged.error);
    assert!(damaged.set_aside().unwrap().ends_with("step-99999999.damaged-3"));
    assert_eq!(fs::read_to_string(folder.join("step-99999999.damaged")).unwrap(), "a note");
    assert!(latest_good(folder).unwrap().damaged.is_empty());
}

#[cfg(unix)]
#[test]
fn links_among_the_checkpoints_are_not_followed() {
    let _guard = seeded();
    let (folder, elsewhere) = (TempDir::new().unwrap(), TempDir::new().unwrap());
    let (folder, elsewhere) = (folder.path(), elsewhere.path());
    written(folder);
    let last = folder.join("step-00000018");
    fs::rename(&last, elsewhere.join("whole")).unwrap();
    std::os::unix::fs::symlink(elsewhere.join("whole"), &last).unwrap();
    let error = told(folder);
    assert!(error.to_string().contains("step-00000018") && error.to_string().contains("a link"), "{error}");
    let aside = latest_good(folder).unwrap().damaged[0].set_aside().unwrap();
    fs::remove_file(aside).unwrap();
    assert!(elsewhere.join("whole/state.json").exists());
    fs::rename(elsewhere.join("whole"), &last).unwrap();
    fs::rename(last.join("state.json"), elsewhere.join("state.json")).unwrap();
    std::os::unix::fs::symlink(elsewhere.join("state.json"), last.join("state.json")).unwrap();
    let error = told(folder);
    assert!(error.to_string().contains("state.json") && error.to_string().contains("a link"), "{error}");
}

/// The digests of a checkpoint after one of its files was changed on purpose.
fn pinned_anew(checkpoint: &Path) {
    use sha2::Digest as _;
    let path = checkpoint.join("manifest.json");
    let mut manifest: serde_json::Value = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
    let state = fs::read(checkpoint.join("state.json")).unwrap();
    let digest: String = sha2::Sha256::digest(&state).iter().map(|byte| format!("{byte:02x}")).collect();
    manifest["files"]["state.json"] = json!({ "bytes": state.len(), "sha256": digest });
    fs::write(path, manifest.to_string()).unwrap();
}

#[test]
fn numbers_that_no_training_has_are_refused_though_the_digest_fits() {
    let _guard = seeded();
    let folder = TempDir::new().unwrap();
    let folder = folder.path();
    written(folder);
    let last = folder.join("step-00000018");
    let state = fs::read_to_string(last.join("state.json")).unwrap();
    for (place, odd) in [
        ("/threads", json!(0)),
        ("/threads", json!(-1)),
        ("/threads", json!(1_000_000)),
        ("/position/step", json!(u64::MAX)),
        ("/position/loader/epoch", json!(u64::MAX)),
        ("/position/seconds", json!(-1.0)),
        ("/scaler/scale", json!(0.0)),
    ] {
        let mut changed: serde_json::Value = serde_json::from_str(&state).unwrap();
        *changed.pointer_mut(place).unwrap() = odd;
        fs::write(last.join("state.json"), changed.to_string()).unwrap();
        pinned_anew(&last);
        let error = told(folder);
        assert!(matches!(error, CheckpointError::Malformed { .. }), "{place}: {error}");
    }
    fs::write(last.join("state.json"), state).unwrap();
    pinned_anew(&last);
    assert!(latest_good(folder).unwrap().damaged.is_empty());
}
