//! NaN is never the best figure.

use std::ops::ControlFlow;

use selvedge_nn::ModuleExt;
use selvedge_train::lr_scheduler::{PlateauMode, PlateauScheduler, ReduceLrOnPlateau};
use selvedge_train::trainer::{EarlyStopping, Event, FitOptions, Monitor, Patience, Training, fit};
use selvedge_train::{CrossEntropyLoss, Optimizer, Sgd, TrainError};

use super::{loader, network, plain, seeded};

const MONITORS: [Monitor; 6] =
    [Monitor::Loss, Monitor::Accuracy, Monitor::F1, Monitor::RocAuc, Monitor::LogLoss, Monitor::Brier];
const STRANGE: [f64; 3] = [f64::NAN, f64::INFINITY, f64::NEG_INFINITY];

#[test]
fn a_figure_that_is_not_finite_is_never_better() {
    for monitor in MONITORS {
        for figure in STRANGE {
            for best in [None, Some(0.5), Some(figure)] {
                assert!(!monitor.is_better(figure, best, 0.0), "{monitor:?}: {figure} beside {best:?}");
            }
            // Any number is better than what cannot be compared.
            assert!(monitor.is_better(0.5, Some(figure), 0.0), "{monitor:?}: 0.5 beside {figure}");
        }
        assert!(monitor.is_better(0.5, None, 0.0));
    }
}

#[test]
fn early_stopping_waits_while_there_is_no_figure() {
    let stopping = EarlyStopping { patience: 3, min_delta: 0.0 };
    for monitor in MONITORS {
        let mut patience = Patience::default();
        let mut ends = |figure| stopping.ends(&mut patience, monitor, figure);
        assert!(![f64::NAN, f64::NAN].map(&mut ends).contains(&true));
        // The first number is the best, whatever came before.
        assert!(!ends(0.5));
        assert_eq!([f64::NAN; 3].map(&mut ends), [false, false, true]);
        assert_eq!(patience.best, Some(0.5));
        let mut patience = Patience::default();
        let all = [f64::NAN; 3].map(|figure| stopping.ends(&mut patience, monitor, figure));
        assert_eq!((all, patience.best), ([false, false, true], None));
    }
}

#[test]
fn a_plateau_takes_a_first_nan_for_a_bad_epoch() {
    for mode in [PlateauMode::Min, PlateauMode::Max] {
        let weight = tch::Tensor::from(1.0f32).set_requires_grad(true);
        let mut optimizer = Optimizer::new(vec![weight], Sgd { lr: 1.0, ..Sgd::default() }).unwrap();
        let rule = ReduceLrOnPlateau { mode, patience: 1, ..ReduceLrOnPlateau::default() };
        let mut scheduler = PlateauScheduler::new(&mut optimizer, rule).unwrap();
        // As in PyTorch, whose comparisons with NaN are false.
        let rates = [f64::NAN, 0.5, f64::NAN, f64::NAN, 0.5].map(|metric| {
            scheduler.step(metric, &mut optimizer);
            optimizer.lr()
        });
        assert_eq!(rates, [1.0, 1.0, 1.0, 0.1, 0.1], "{mode:?}");
        assert_eq!(scheduler.state_dict().best, Some(0.5));
    }
}

#[test]
fn a_network_of_nan_is_never_the_best() {
    for monitor in MONITORS {
        let _guard = seeded();
        let (train, validation) = (loader(16, 8), loader(16, 8));
        let (model, loss) = (network(), CrossEntropyLoss::default());
        let _ = tch::no_grad(|| model.parameters()[0].shallow_clone().fill_(f64::NAN));
        let mut optimizer = Optimizer::new(model.parameters(), Sgd::default()).unwrap();
        let mut training = Training::new(&model, &loss, &mut optimizer, &train);
        training.validation = Some(&validation);
        let mut evaluations = 0;
        let mut observer = |event: &Event<'_>, _: &Training<'_>| {
            if let Event::Evaluated { best, evaluation, .. } = event {
                assert!(!best && monitor.of(evaluation).is_nan(), "{monitor:?}: {}", monitor.of(evaluation));
                evaluations += 1;
            }
            Ok::<_, TrainError>(ControlFlow::Continue(()))
        };
        fit(&mut training, &FitOptions { monitor, ..plain() }, &mut observer).unwrap();
        assert!(training.best().is_none());
        assert_eq!(evaluations, 2);
    }
}
