use selvedge_nn::ModuleExt;
use selvedge_train::lr_scheduler::{
    AnyScheduler, ChainedScheduler, ConstantLr, OneCycleLr, ReduceLrOnPlateau, Schedule, SequentialLr, StepLr,
};
use selvedge_train::trainer::{Every, FitOptions, Training};
use selvedge_train::{Accumulation, CrossEntropyLoss, Optimizer, Sgd};

use super::{loader, network, plain, seeded, watched};

#[test]
fn schedules_step_after_each_epoch_or_each_update() {
    let _guard = seeded();
    let (train, validation) = (loader(40, 8), loader(20, 20));
    let loss = CrossEntropyLoss::default();
    let rates = |every: Every, plateau: bool| {
        let model = network();
        let mut optimizer = Optimizer::new(model.parameters(), Sgd { lr: 1.0, ..Sgd::default() }).unwrap();
        // A threshold that no loss gets over.
        let rule = ReduceLrOnPlateau { patience: 0, threshold: 1.0, ..ReduceLrOnPlateau::default() };
        let scheduler = match plateau {
            true => AnyScheduler::plateau(&mut optimizer, rule).unwrap(),
            false => {
                AnyScheduler::new(&mut optimizer, Box::new(StepLr { gamma: 0.5, ..StepLr::new(1) })).unwrap()
            }
        };
        let mut training = Training::new(&model, &loss, &mut optimizer, &train);
        (training.scheduler, training.validation) = (Some(scheduler), Some(&validation));
        let options = FitOptions { epochs: 3, schedule_every: every, ..plain() };
        watched(&mut training, &options).1.lrs
    };
    let by_epoch = [[1.0; 5], [0.5; 5], [0.25; 5]].concat();
    assert_eq!(rates(Every::Epoch, false), by_epoch);
    let by_step: Vec<f64> = (1..=15).map(|step| 0.5_f64.powi(step)).collect();
    assert_eq!(rates(Every::Step, false), by_step);
    // Not even the first loss is better than the worst there is.
    assert_eq!(rates(Every::Epoch, true)[5..10], [0.1; 5]);
}

/// Ten updates in two epochs, each schedule of `steps`.
#[test]
fn a_schedule_that_ends_before_the_training_is_refused() {
    let _guard = seeded();
    let train = loader(40, 8);
    let (model, loss) = (network(), CrossEntropyLoss::default());
    let cycle = |steps| Box::new(OneCycleLr { cycle_momentum: false, ..OneCycleLr::new(0.1, steps) });
    let low = |total_iters| Box::new(ConstantLr { factor: 0.5, total_iters });
    let sequential = |first: Box<dyn Schedule>, second: Box<dyn Schedule>| {
        Box::new(SequentialLr { schedules: vec![first, second], milestones: vec![4] })
    };
    let by_step = FitOptions { schedule_every: Every::Step, ..plain() };
    let halves = FitOptions { accumulation: Accumulation { batches: 2 }, ..by_step.clone() };
    let short = FitOptions { max_steps: Some(7), ..by_step.clone() };
    let cases: [(Box<dyn Schedule>, &FitOptions, Option<&str>); 12] = [
        (cycle(10), &by_step, None),
        (cycle(9), &by_step, Some("OneCycleLR ends after 9 steps, expected at least 10: ")),
        (cycle(6), &halves, None),
        (cycle(5), &halves, Some("expected at least 6")),
        (cycle(7), &short, None),
        (cycle(2), &plain(), None),
        (cycle(1), &plain(), Some("after each epoch; raise its total_steps")),
        (sequential(cycle(3), low(2)), &by_step, None),
        (sequential(cycle(2), low(2)), &by_step, Some("SequentialLR ends after 2 steps")),
        (sequential(low(2), cycle(6)), &by_step, None),
        (sequential(low(2), cycle(5)), &by_step, Some("SequentialLR ends after 9 steps")),
        (
            Box::new(ChainedScheduler { schedules: vec![low(2), cycle(9)] }),
            &by_step,
            Some("ChainedScheduler ends after 9 steps"),
        ),
    ];
    for (schedule, options, expected) in cases {
        let told = format!("{schedule:?}");
        let mut optimizer = Optimizer::new(model.parameters(), Sgd::default()).unwrap();
        let scheduler = AnyScheduler::new(&mut optimizer, schedule).unwrap();
        let mut training = Training::new(&model, &loss, &mut optimizer, &train);
        training.scheduler = Some(scheduler);
        match (training.validate(options), expected) {
            // It does not only say so.
            (Ok(()), None) => drop(watched(&mut training, options)),
            (Err(error), Some(expected)) => assert!(error.to_string().contains(expected), "{error}"),
            (found, expected) => panic!("{found:?}, expected {expected:?}: {told}"),
        }
    }
}
