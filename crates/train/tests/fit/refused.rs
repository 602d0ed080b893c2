use std::ops::ControlFlow;

use selvedge_nn::ModuleExt;
use selvedge_train::trainer::{EarlyStopping, Event, FitOptions, Monitor, Position, Training, fit};
use selvedge_train::{Accumulation, Adam, CrossEntropyLoss, GradScaler, NanGuard, Optimizer, TrainError};

use selvedge_data::{Loader, LoaderOptions, Subset};

use super::{images, loader, network, plain, seeded};

#[test]
fn a_training_without_a_batch_is_refused() {
    let _guard = seeded();
    let of =
        |count: usize, options| Loader::new(Subset::new(images(16), (0..count).collect()).unwrap(), options);
    let dropping = LoaderOptions { batch_size: 17, drop_last: true, ..LoaderOptions::default() };
    let (short, empty) = (of(16, dropping).unwrap(), of(0, LoaderOptions::default()).unwrap());
    let (model, loss, full) = (network(), CrossEntropyLoss::default(), loader(16, 8));
    let refused = |train: &Loader, validation: Option<&Loader>, expected: &str| {
        let before = super::weights(&model);
        let mut optimizer = Optimizer::new(model.parameters(), Adam::default()).unwrap();
        let mut training = Training::new(&model, &loss, &mut optimizer, train);
        training.validation = validation;
        let mut observer = |_: &Event<'_>, _: &Training<'_>| -> Result<ControlFlow<()>, TrainError> {
            panic!("an observer is told of a training that is refused")
        };
        let message = fit(&mut training, &plain(), &mut observer).unwrap_err().to_string();
        assert!(message.starts_with(expected), "{message}");
        assert_eq!(super::weights(&model), before);
    };
    let dropped = "16 images in batches of 17, and a last batch that is not full is dropped (drop_last);";
    refused(&short, None, &format!("the training set has no batch: {dropped}"));
    refused(&empty, None, "the training set has no batch: 0 images in batches of 1;");
    refused(&full, Some(&short), &format!("the validation set has no batch: {dropped}"));
    refused(&full, Some(&empty), "the validation set has no batch: 0 images in batches of 1;");
}

#[test]
fn what_can_not_be_trained_is_refused() {
    let _guard = seeded();
    let train = loader(16, 8);
    let (model, loss) = (network(), CrossEntropyLoss::default());
    let mut optimizer = Optimizer::new(model.parameters(), Adam::default()).unwrap();
    let mut training = Training::new(&model, &loss, &mut optimizer, &train);
    let mut observer = |_: &Event<'_>, _: &Training<'_>| Ok::<_, TrainError>(ControlFlow::Continue(()));
    let stopping = EarlyStopping::default;
    let watching = FitOptions { early_stopping: Some(stopping()), monitor: Monitor::Accuracy, ..plain() };
    for (options, expected) in [
        (FitOptions { epochs: 0, ..plain() }, "epochs"),
        (FitOptions { max_steps: Some(0), ..plain() }, "max_steps"),
        (FitOptions { max_seconds: Some(f64::NAN), ..plain() }, "max_seconds"),
        (FitOptions { log_every: 0, ..plain() }, "log_every"),
        (FitOptions { evaluate_every: Some(0), ..plain() }, "evaluate_every"),
        (FitOptions { accumulation: Accumulation { batches: 0 }, ..plain() }, "batches"),
        (FitOptions { nan_guard: Some(NanGuard { every: 0 }), ..plain() }, "every"),
        (
            FitOptions { early_stopping: Some(EarlyStopping { patience: 0, ..stopping() }), ..plain() },
            "patience",
        ),
        (FitOptions { grad_scaler: GradScaler { scale: 0.0, ..GradScaler::default() }, ..plain() }, "scale"),
        (watching, "monitor"),
    ] {
        let message = fit(&mut training, &options, &mut observer).unwrap_err().to_string();
        assert!(message.contains(expected), "{expected}: {message}");
    }
    let position =
        Position { loader: selvedge_data::LoaderState { epoch: 0, batch: 3 }, ..Position::default() };
    assert!(training.set_position(&position).is_err(), "an epoch has two batches");
    let _ = tch::no_grad(|| model.parameters()[0].shallow_clone().fill_(f64::NAN));
    let options = FitOptions { nan_guard: Some(NanGuard::default()), ..plain() };
    let mut training = Training::new(&model, &loss, &mut optimizer, &train);
    let message = fit(&mut training, &options, &mut observer).unwrap_err().to_string();
    assert!(message.contains("step 0") && message.contains("1.weight"), "{message}");
}
