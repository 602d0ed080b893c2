//! What an optimizer refuses, and what it says.

// Clippy allows it in the functions that bear `#[test]` only.
#![allow(clippy::unwrap_used)]

use selvedge_nn::{Linear, ModuleExt};
use selvedge_train::optim::{Adam, AdamW, Optimizer, Sgd, UpdateRule};
use tch::Tensor;

fn weight() -> Tensor {
    Tensor::from_slice(&[1.0f32, 2.0]).set_requires_grad(true)
}

#[track_caller]
fn refused<R: UpdateRule>(rule: R, message: &str) {
    let error = Optimizer::new(vec![weight()], rule).unwrap_err().to_string();
    assert_eq!(error, message);
}

#[test]
fn options_out_of_their_domain() {
    refused(Adam { lr: -1.0, ..Adam::default() }, "Adam: lr is -1.0, expected a number from 0 on");
    refused(Adam { lr: f64::NAN, ..Adam::default() }, "Adam: lr is NaN, expected a number from 0 on");
    refused(
        Adam { betas: (1.0, 0.9), ..Adam::default() },
        "Adam: betas is (1.0, 0.9), expected two numbers in [0, 1)",
    );
    refused(AdamW { eps: -1e-8, ..AdamW::default() }, "AdamW: eps is -1e-8, expected a number from 0 on");
    refused(
        AdamW { weight_decay: -1.0, ..AdamW::default() },
        "AdamW: weight_decay is -1.0, expected a number from 0 on",
    );
    refused(Sgd { momentum: -0.5, ..Sgd::default() }, "SGD: momentum is -0.5, expected a number from 0 on");
    refused(
        Sgd { nesterov: true, ..Sgd::default() },
        "SGD: nesterov is true, expected false, or a momentum above 0 and a dampening of 0",
    );
}

#[test]
fn parameters_that_can_not_be_trained() {
    let error = |parameters: Vec<Tensor>| Optimizer::new(parameters, Sgd::default()).unwrap_err().to_string();
    assert_eq!(error(Vec::new()), "SGD: the list of parameters is empty");
    let twice = weight();
    assert_eq!(
        error(vec![weight(), twice.shallow_clone(), twice]),
        "SGD: parameter 2 is given twice, first as parameter 1"
    );
    assert_eq!(
        error(vec![weight() * 2.0]),
        "SGD: parameter 0 is not a leaf: it was computed from other tensors, which are what to train"
    );
}

#[test]
fn groups_that_do_not_go_together() {
    let model = Linear::new(2, 3);
    let mut optimizer = Optimizer::new(model.named_parameters(), Sgd::default()).unwrap();
    let error = optimizer.add_group(vec![weight()], Sgd::default()).unwrap_err().to_string();
    assert_eq!(
        error,
        "SGD: parameters have names in all groups or in none: group 0 has names, the one to add has no names"
    );
    let again = vec![("again".to_owned(), model.weight.shallow_clone())];
    let error = optimizer.add_group(again, Sgd::default()).unwrap_err().to_string();
    assert_eq!(error, "SGD: parameter \"again\" is given twice, first as parameter \"weight\" of group 0");
    assert_eq!(optimizer.groups().len(), 1);
}

#[test]
fn a_state_dict_of_another_model_or_optimizer() {
    let model = Linear::new(2, 3);
    let mut adam = Optimizer::new(model.named_parameters(), Adam::default()).unwrap();
    let load = |adam: &mut Optimizer<Adam>, dict| adam.load_state_dict(&dict).unwrap_err().to_string();

    let dict = Optimizer::new(vec![weight()], Adam::default()).unwrap().state_dict();
    assert_eq!(
        load(&mut adam, dict),
        "the state dict does not fit Adam: group 0 of the optimizer has 2 parameters, of the state dict 1"
    );

    let other = vec![("bias".to_owned(), weight()), ("slope".to_owned(), weight())];
    let dict = Optimizer::new(other, Adam::default()).unwrap().state_dict();
    assert_eq!(
        load(&mut adam, dict),
        "the state dict does not fit Adam: group 0: missing parameters [\"weight\"], unexpected parameters \
         [\"slope\"]"
    );

    let dict = Optimizer::new(model.parameters(), Sgd::default()).unwrap().state_dict();
    let message = load(&mut adam, dict);
    assert!(message.contains("group 0: unknown field `momentum`"), "{message}");

    let mut dict = adam.state_dict();
    dict.param_groups.clear();
    assert_eq!(
        load(&mut adam, dict),
        "the state dict does not fit Adam: the optimizer has 1 parameter groups, the state dict 0"
    );

    let larger = Linear::new(5, 3);
    let mut other = Optimizer::new(larger.named_parameters(), Adam::default()).unwrap();
    let _ = other.step_with(|| {
        let loss = larger.weight.square().sum(tch::Kind::Float);
        loss.backward();
        loss
    });
    let message = load(&mut adam, other.state_dict());
    assert_eq!(
        message,
        "the state dict does not fit Adam: parameter 0 of group 0: \"exp_avg\" has shape [3, 5], the parameter [3, 2]"
    );
}

#[test]
fn defaults_print_as_in_the_chapter() {
    let optimizer = Optimizer::new(vec![weight()], Adam::default()).unwrap();
    assert_eq!(
        optimizer.defaults().to_string(),
        "{'lr': 0.001, 'betas': (0.9, 0.999), 'eps': 1e-08, 'weight_decay': 0, 'amsgrad': False, \
         'maximize': False, 'decoupled_weight_decay': False}"
    );
}

#[test]
fn a_parameter_without_gradient_is_skipped() {
    let (first, second) = (weight(), weight());
    let parameters = vec![first.shallow_clone(), second.shallow_clone()];
    let mut optimizer = Optimizer::new(parameters, Sgd { weight_decay: 0.5, ..Sgd::default() }).unwrap();
    first.sum(tch::Kind::Float).backward();
    second.sum(tch::Kind::Float).backward();
    optimizer.step();
    let before = second.detach().copy();
    optimizer.zero_grad();
    assert!(!second.grad().defined());
    first.sum(tch::Kind::Float).backward();
    optimizer.step();
    assert_eq!(second.detach(), before);
}
