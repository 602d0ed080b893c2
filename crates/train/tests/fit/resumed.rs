use std::ops::ControlFlow;

use selvedge_data::MixUp;
use selvedge_nn::{ModuleExt, Sequential};
use selvedge_torch::Generator;
use selvedge_train::lr_scheduler::{AnyScheduler, StepLr};
use selvedge_train::trainer::{
    EarlyStopping, Ended, Event, FitOptions, MixedPrecision, Mixing, Monitor, Position, Training, fit,
};
use selvedge_train::{Accumulation, Adam, CrossEntropyLoss, GradScaler, Optimizer, TrainError};
use tch::Device;

use super::{Heard, loader, network, plain, seeded, watched, weights};

/// Stops, copies all states into a new training, and goes on.
#[test]
fn a_training_that_goes_on_is_the_one_that_never_stopped() {
    let _guard = seeded();
    let (train, validation) = (loader(40, 8), loader(20, 20));
    let loss = CrossEntropyLoss::default();
    let options = FitOptions {
        epochs: 3,
        accumulation: Accumulation { batches: 2 },
        evaluate_every: Some(2),
        log_every: 2,
        precision: MixedPrecision::F16,
        grad_scaler: GradScaler { growth_interval: 2, ..GradScaler::default() },
        mixing: Mixing { mix_up: Some(MixUp::default()), ..Mixing::default() },
        monitor: Monitor::Accuracy,
        early_stopping: Some(EarlyStopping { patience: 100, min_delta: 0.0 }),
        ..plain()
    };
    let make = |model: &Sequential| {
        let mut optimizer = Optimizer::new(model.parameters(), Adam { lr: 0.05, ..Adam::default() }).unwrap();
        let scheduler = AnyScheduler::new(&mut optimizer, Box::new(StepLr::new(1))).unwrap();
        (optimizer, scheduler)
    };
    tch::manual_seed(3);
    let whole = network();
    let (mut optimizer, scheduler) = make(&whole);
    let mut training = Training::new(&whole, &loss, &mut optimizer, &train);
    (training.scheduler, training.validation) = (Some(scheduler), Some(&validation));
    let (_, expected) = watched(&mut training, &options);
    let (expected_position, expected_scaler) = (training.position(), training.scaler.clone());
    assert_ne!(expected_scaler.as_ref().unwrap().scale, 65536.0);

    // In the middle of an epoch, at its last step, and at its end.
    for stop_at in [2, 3, 5] {
        tch::manual_seed(3);
        let first = network();
        let (mut optimizer, scheduler) = make(&first);
        let mut training = Training::new(&first, &loss, &mut optimizer, &train);
        (training.scheduler, training.validation) = (Some(scheduler), Some(&validation));
        let mut before = Heard::default();
        let mut observer = |event: &Event<'_>, training: &Training<'_>| {
            before.hear(event, training);
            let stops = matches!(event, Event::Stepped { .. }) && training.step() == stop_at;
            Ok::<_, TrainError>(if stops { ControlFlow::Break(()) } else { ControlFlow::Continue(()) })
        };
        assert!(matches!(fit(&mut training, &options, &mut observer).unwrap(), Ended::Stopped { .. }));
        let position = serde_json::to_string(&training.position()).unwrap();
        let position: Position = serde_json::from_str(&position).unwrap();
        let (scaler, schedule) = (training.scaler.clone(), training.scheduler.take().unwrap().state_dict());
        let generator = Generator::of(Device::Cpu).unwrap();
        let state = generator.state().unwrap();
        let saved = optimizer.state_dict();

        let second = network();
        second.load_state_dict(&first.state_dict()).unwrap();
        let (mut optimizer, mut scheduler) = make(&second);
        scheduler.load_state_dict(&schedule).unwrap();
        optimizer.load_state_dict(&saved).unwrap();
        let mut training = Training::new(&second, &loss, &mut optimizer, &train);
        (training.scheduler, training.validation) = (Some(scheduler), Some(&validation));
        training.scaler = scaler;
        training.set_position(&position).unwrap();
        generator.set_state(&state).unwrap();
        let (ended, after) = watched(&mut training, &options);
        assert_eq!(ended, Ended::Finished);
        assert_eq!([before.losses, after.losses].concat(), expected.losses, "stopped at {stop_at}");
        assert_eq!([before.epoch_losses, after.epoch_losses].concat(), expected.epoch_losses);
        assert_eq!([before.lrs, after.lrs].concat(), expected.lrs);
        assert_eq!([before.logged, after.logged].concat(), expected.logged);
        assert_eq!(weights(&second), weights(&whole));
        assert_eq!(training.scaler, expected_scaler);
        let (found, expected) = (training.position(), &expected_position);
        assert_eq!((found.best, &found.patience), (expected.best, &expected.patience));
    }
}
