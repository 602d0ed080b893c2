//! A wrong shape panics at the line that calls `fit`.

use std::ops::ControlFlow;
use std::panic::{self, AssertUnwindSafe};
use std::sync::{Arc, Mutex};

use selvedge_nn::{Flatten, Forward, Linear, ModuleExt, Sequential};
use selvedge_train::optim::{Lbfgs, LbfgsOptimizer, Optimize};
use selvedge_train::trainer::{Compile, Event, FitOptions, Training, evaluate, fit, predict};
use selvedge_train::{Accumulation, CrossEntropyLoss, Loss, MseLoss, Optimizer, Sgd, TrainError};
use tch::{Device, Kind, Tensor};

use super::{loader, plain, seeded};

/// The file and line that the panic of `body` names.
fn place(body: impl FnOnce()) -> (String, u32) {
    let found = Arc::new(Mutex::new(None));
    let kept = Arc::clone(&found);
    let before = panic::take_hook();
    panic::set_hook(Box::new(move |info| {
        let location = info.location().unwrap();
        *kept.lock().unwrap() = Some((location.file().to_owned(), location.line()));
    }));
    let outcome = panic::catch_unwind(AssertUnwindSafe(body));
    panic::set_hook(before);
    assert!(outcome.is_err(), "nothing panicked");
    let found = found.lock().unwrap().take();
    found.unwrap()
}

#[test]
fn a_panic_within_fit_names_the_line_that_calls_it() {
    let _guard = seeded();
    let train = loader(16, 8);
    let narrow = Sequential::new().then(Flatten::default()).then(Linear::new(3, 2));
    let fits = Sequential::new().then(Flatten::default()).then(Linear::new(4, 2));
    let (entropy, squares) = (CrossEntropyLoss::default(), MseLoss::default());
    // A network that does not take the images, and a loss that does not take the labels.
    let cases: [(&dyn Forward, &dyn Loss); 2] = [(&narrow, &entropy), (&fits, &squares)];
    for (model, loss) in cases {
        for compile in [Compile::Auto, Compile::Off] {
            for batches in [1, 2] {
                let sgd = Optimizer::new(model.parameters(), Sgd::default()).unwrap();
                let lbfgs = LbfgsOptimizer::new(model.parameters(), Lbfgs::default()).unwrap();
                for mut optimizer in [Box::new(sgd) as Box<dyn Optimize>, Box::new(lbfgs)] {
                    let name = optimizer.name();
                    let mut training = Training::new(model, loss, &mut *optimizer, &train);
                    let mut observer =
                        |_: &Event<'_>, _: &Training<'_>| Ok::<_, TrainError>(ControlFlow::Continue(()));
                    let accumulation = Accumulation { batches };
                    let options = FitOptions { compile, accumulation, ..plain() };
                    let line = line!() + 1;
                    let found = place(|| drop(fit(&mut training, &options, &mut observer)));
                    assert_eq!(found, (file!().to_owned(), line), "{name}, {compile:?}");
                }
            }
        }
    }
    let line = line!() + 1;
    let found = place(|| drop(evaluate(&narrow, &entropy, &train, 2)));
    assert_eq!(found, (file!().to_owned(), line));
    let images = Tensor::zeros([1, 1, 2, 2], (Kind::Float, Device::Cpu));
    let line = line!() + 1;
    let found = place(|| drop(predict(&narrow, &images)));
    assert_eq!(found, (file!().to_owned(), line));
}
