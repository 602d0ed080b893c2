use std::ops::ControlFlow;

use selvedge_nn::ModuleExt;
use selvedge_train::trainer::{EarlyStopping, Event, FitOptions, Monitor, Position, Training, fit};
use selvedge_train::{Accumulation, Adam, CrossEntropyLoss, GradScaler, NanGuard, Optimizer, TrainError};

use super::{loader, network, plain, seeded};

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
