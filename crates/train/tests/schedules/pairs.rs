//! Two schedules of one optimizer against PyTorch's numbers: one after the other, both at every step, and the first alone
//! after both were made. What the second writes into the groups holds for the first, too.

use selvedge_golden::{Case, Golden, assert_close};
use selvedge_train::lr_scheduler::{
    ChainedScheduler, ExponentialLr, Groups, Schedule, Scheduler, SequentialLr, StepLr,
};
use selvedge_train::optim::{Optimizer, Sgd};
use tch::Tensor;

use super::{make, two_groups};

const STEPS: i64 = 8;

fn optimizer() -> Optimizer<Sgd> {
    two_groups(|lr| Sgd { lr, momentum: 0.9, ..Sgd::default() })
}

/// The schedule that is stepped; what was made beside it has changed the groups.
fn scheduler(case: &Case, groups: &mut Optimizer<Sgd>) -> Scheduler<Box<dyn Schedule>> {
    let parts = case.options["parts"].as_array().unwrap();
    let mut parts: Vec<Box<dyn Schedule>> =
        parts.iter().map(|part| make(part[0].as_str().unwrap(), &part[1])).collect();
    let schedule: Box<dyn Schedule> = match case.unit.as_str() {
        "SequentialLR" => {
            let milestones = serde_json::from_value(case.options["milestones"].clone()).unwrap();
            Box::new(SequentialLr { schedules: parts, milestones })
        }
        "ChainedScheduler" => Box::new(ChainedScheduler { schedules: parts }),
        "First" => {
            let second = parts.remove(1);
            let first = Scheduler::new(groups, parts.remove(0)).unwrap();
            Scheduler::new(groups, second).unwrap();
            return first;
        }
        other => panic!("no combination {other}"),
    };
    Scheduler::new(groups, schedule).unwrap()
}

#[test]
fn pairs_are_those_of_pytorch() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/golden/schedule_pairs.safetensors");
    let golden = Golden::read(path);
    assert_eq!(golden.cases.len(), 3 * 11 * 11);
    for case in &golden.cases {
        let mut optimizer = optimizer();
        let mut scheduler = scheduler(case, &mut optimizer);
        let (mut lrs, mut momenta) = (Vec::new(), Vec::new());
        for step in 0..=STEPS {
            lrs.extend((0..2).map(|group| optimizer.group_lr(group)));
            momenta.extend((0..2).map(|group| optimizer.group_momentum(group).unwrap()));
            if step < STEPS {
                scheduler.step(&mut optimizer);
            }
        }
        for (what, values) in [("lr", &lrs), ("momentum", &momenta)] {
            let name = format!("{} {:?} {what}", case.name, case.options["parts"]);
            let found = Tensor::from_slice(values).view([STEPS + 1, 2]);
            assert_close(&name, &found, &case.tensor(what), 1e-12);
        }
    }
}

/// PyTorch steps the parts of a nest once more where the nest is the first part of a `SequentialLR`: it begins at the rate
/// of epoch 1, here 0.09.
#[test]
fn a_nest_as_first_part_begins_at_its_epoch_0() {
    for chained in [false, true] {
        let exponential = || Box::new(ExponentialLr::new(0.9)) as Box<dyn Schedule>;
        let nest: Box<dyn Schedule> = if chained {
            Box::new(ChainedScheduler { schedules: vec![exponential()] })
        } else {
            Box::new(SequentialLr { schedules: vec![exponential(), exponential()], milestones: vec![2] })
        };
        let mut optimizer = optimizer();
        let schedules = vec![nest, Box::new(StepLr::new(5)) as Box<dyn Schedule>];
        let schedule = SequentialLr { schedules, milestones: vec![3] };
        let mut scheduler = Scheduler::new(&mut optimizer, schedule).unwrap();
        let mut rates = vec![optimizer.group_lr(0)];
        for _ in 0..4 {
            scheduler.step(&mut optimizer);
            rates.push(optimizer.group_lr(0));
        }
        let second = if chained { 0.081 } else { 0.1 };
        for (found, expected) in rates.iter().zip([0.1, 0.09, second, 0.1, 0.1]) {
            assert!((found - expected).abs() < 1e-12, "{rates:?}, with {expected}");
        }
    }
}
