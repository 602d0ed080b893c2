//! An optimizer behind `dyn Optimize`: an update that is refused changes nothing, and the state goes round.

// The helpers of a test may unwrap, too.
#![allow(clippy::unwrap_used)]

use selvedge_train::TrainError;
use selvedge_train::lr_scheduler::{AnyScheduler, ReduceLrOnPlateau, Schedule, StepLr};
use selvedge_train::optim::{
    Adam, Lbfgs, LbfgsOptimizer, LineSearch, Optimize, Optimizer, OptimizerStateDict, Pass, Sgd,
};
use tch::{Kind, Tensor};

fn weight() -> Tensor {
    Tensor::from_slice(&[3.0_f64, -2.0]).set_requires_grad(true)
}

/// Each kind of optimizer, with the parameter that it changes.
fn optimizers() -> Vec<(Box<dyn Optimize>, Tensor)> {
    let list = |weight: &Tensor| vec![weight.shallow_clone()];
    let [adam, sgd, fixed, searched] = [weight(), weight(), weight(), weight()];
    let line_search = Lbfgs { line_search_fn: Some(LineSearch::StrongWolfe), ..Lbfgs::default() };
    let momentum = Sgd { lr: 0.001, momentum: 0.9, ..Sgd::default() };
    vec![
        (Box::new(Optimizer::new(list(&adam), Adam::default()).unwrap()), adam),
        (Box::new(Optimizer::new(list(&sgd), momentum).unwrap()), sgd),
        (Box::new(LbfgsOptimizer::new(list(&fixed), Lbfgs { lr: 0.1, ..Lbfgs::default() }).unwrap()), fixed),
        (Box::new(LbfgsOptimizer::new(list(&searched), line_search).unwrap()), searched),
    ]
}

fn loss(weight: &Tensor) -> Tensor {
    let loss = (weight - 1.0).pow_tensor_scalar(4).sum(Kind::Double);
    loss.backward();
    loss
}

#[test]
fn an_update_lowers_the_loss_and_gives_the_one_before() {
    for (mut optimizer, weight) in optimizers() {
        let pass = optimizer.update(&mut || Ok(Pass { loss: loss(&weight), usable: true })).unwrap();
        assert!(pass.usable);
        assert_eq!(pass.loss.double_value(&[]), 16.0 + 81.0);
        assert!(loss(&weight).double_value(&[]) < 16.0 + 81.0, "{}", optimizer.name());
        assert_eq!(optimizer.parameters()[0], weight);
    }
}

#[test]
fn gradients_that_are_not_usable_change_nothing() {
    for (mut optimizer, weight) in optimizers() {
        let before = weight.copy();
        let pass = optimizer.update(&mut || Ok(Pass { loss: loss(&weight), usable: false })).unwrap();
        assert!(!pass.usable);
        assert_eq!(weight, before, "{}", optimizer.name());
        assert!(optimizer.state_dict().state.is_empty(), "{}", optimizer.name());
    }
}

#[test]
fn an_error_ends_an_update_at_a_good_point() {
    for (mut optimizer, weight) in optimizers() {
        // L-BFGS calls it again, and has then made progress that is to be kept.
        for good_passes in 0..4 {
            let before = loss(&weight).double_value(&[]);
            let mut passes = 0;
            let updated = optimizer.update(&mut || {
                let loss = loss(&weight);
                passes += 1;
                let failure = TrainError::Parameters { unit: "test", reason: "it fails".to_owned() };
                if passes > good_passes { Err(failure) } else { Ok(Pass { loss, usable: true }) }
            });
            let name = optimizer.name();
            assert_eq!(updated.is_err(), good_passes == 0 || optimizer.repeats(), "{name}");
            assert!(loss(&weight).double_value(&[]) <= before, "{name} after {good_passes}");
        }
    }
}

#[test]
fn a_state_dict_goes_round() {
    for ((mut first, ours), (mut second, theirs)) in optimizers().into_iter().zip(optimizers()) {
        for _ in 0..2 {
            first.update(&mut || Ok(Pass { loss: loss(&ours), usable: true })).unwrap();
        }
        let (tensors, rest) = first.state_dict().into_parts();
        second.load_state_dict(&OptimizerStateDict::from_parts(&tensors, &rest).unwrap()).unwrap();
        tch::no_grad(|| theirs.shallow_clone().copy_(&ours));
        for (optimizer, weight) in [(&mut first, &ours), (&mut second, &theirs)] {
            optimizer.update(&mut || Ok(Pass { loss: loss(weight), usable: true })).unwrap();
        }
        assert_eq!(ours, theirs, "{}", first.name());
    }
}

#[test]
fn a_scheduler_of_any_kind_goes_on_where_another_was() {
    let optimizer = || Optimizer::new(vec![weight()], Sgd { lr: 1.0, ..Sgd::default() }).unwrap();
    let schedule = || Box::new(StepLr::new(2)) as Box<dyn Schedule>;
    let rule = || ReduceLrOnPlateau { patience: 1, factor: 0.5, ..ReduceLrOnPlateau::default() };
    type Make<'a> = &'a dyn Fn(&mut Optimizer<Sgd>) -> AnyScheduler;
    let steps: Make<'_> = &|optimizer| AnyScheduler::new(optimizer, schedule()).unwrap();
    let plateau: Make<'_> = &|optimizer| AnyScheduler::plateau(optimizer, rule()).unwrap();
    for make in [steps, plateau] {
        let (mut whole, mut first, mut second) = (optimizer(), optimizer(), optimizer());
        let (mut expected, mut before, mut after) = (make(&mut whole), make(&mut first), make(&mut second));
        for epoch in 0..8 {
            expected.step(Some(1.0), &mut whole);
            if epoch < 3 {
                before.step(Some(1.0), &mut first);
            }
        }
        let text = before.state_dict().to_string();
        after.load_state_dict(&serde_json::from_str(&text).unwrap()).unwrap();
        second.load_state_dict(&first.state_dict()).unwrap();
        for _ in 3..8 {
            after.step(Some(1.0), &mut second);
        }
        assert!(expected.last_lr()[0] < 1.0);
        assert_eq!(after.last_lr(), expected.last_lr(), "{}", expected.name());
        assert_eq!(after.state_dict(), expected.state_dict());
    }
    let mut optimizer = optimizer();
    let mut steps = steps(&mut optimizer);
    let state = plateau(&mut optimizer).state_dict();
    let error = steps.load_state_dict(&state).unwrap_err().to_string();
    assert!(error.contains("StepLR") && error.contains("ReduceLROnPlateau"), "{error}");
    assert!(steps.load_state_dict(&serde_json::json!({"schedule": 3})).is_err());
}
