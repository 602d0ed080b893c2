//! What an optimizer refuses, and what it says.

// Clippy allows it in the functions that bear `#[test]` only.
#![allow(clippy::unwrap_used)]

use selvedge_nn::{Linear, ModuleExt};
use selvedge_train::optim::{
    Adadelta, Adafactor, Adam, AdamW, Lbfgs, LbfgsOptimizer, Muon, NAdam, Optimizer, RmsProp, Rprop, Sgd,
    SparseAdam, UpdateRule,
};
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
    refused(
        AdamW { eps: -1e-8, ..AdamW::default() },
        "AdamW: eps is -1e-8, expected a finite number above 0 as an f32, without which a gradient of 0 gives NaN",
    );
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
fn options_out_of_their_domain_of_the_others() {
    refused(
        Adadelta { rho: 1.1, ..Adadelta::default() },
        "Adadelta: rho is 1.1, expected a number in [0, 1]",
    );
    refused(Adafactor { d: 0.5, ..Adafactor::default() }, "Adafactor: d is 0.5, expected a number from 1 on");
    refused(
        Adafactor { eps: (Some(-1e-30), 1e-3), ..Adafactor::default() },
        "Adafactor: eps is (Some(-1e-30), 0.001), expected None or a number from 0 on, and a number from 0 on",
    );
    refused(
        Adafactor { beta2_decay: 0.8, ..Adafactor::default() },
        "Adafactor: beta2_decay is 0.8, expected a number up to 0",
    );
    refused(
        NAdam { momentum_decay: -0.2, ..NAdam::default() },
        "NAdam: momentum_decay is -0.2, expected a number from 0 on",
    );
    refused(
        RmsProp { momentum: -1.0, ..RmsProp::default() },
        "RMSprop: momentum is -1.0, expected a number from 0 on",
    );
    refused(
        Rprop { etas: (1.0, 0.5), ..Rprop::default() },
        "Rprop: etas is (1.0, 0.5), expected a number in (0, 1) and one above 1",
    );
    refused(
        SparseAdam { lr: 0.0, ..SparseAdam::default() },
        "SparseAdam: lr is 0.0, expected a number above 0",
    );
    refused(
        Muon::default(),
        "Muon: parameter 0 has shape [2], expected a matrix; Optimizers has a rule for it beside this one",
    );
    refused(Muon { ns_steps: 100, ..Muon::default() }, "Muon: ns_steps is 100, expected fewer than 100");
    let error = LbfgsOptimizer::new(vec![weight()], Lbfgs { lr: -1.0, ..Lbfgs::default() }).unwrap_err();
    assert_eq!(error.to_string(), "LBFGS: lr is -1.0, expected a number from 0 on");
}

#[test]
#[should_panic(expected = "SparseAdam: a gradient is dense; Adam takes those")]
fn a_dense_gradient_for_a_sparse_rule() {
    let weight = weight();
    let mut optimizer = Optimizer::new(vec![weight.shallow_clone()], SparseAdam::default()).unwrap();
    weight.sum(tch::Kind::Float).backward();
    optimizer.step();
}

#[test]
#[should_panic(expected = "Adam: a gradient is sparse; SparseAdam takes those")]
fn a_sparse_gradient_for_a_dense_rule() {
    let weight = Tensor::ones([3, 2], (tch::Kind::Float, tch::Device::Cpu)).set_requires_grad(true);
    let mut optimizer = Optimizer::new(vec![weight.shallow_clone()], Adam::default()).unwrap();
    let rows = Tensor::from_slice(&[1i64]);
    Tensor::embedding(&weight, &rows, -1, false, true).sum(tch::Kind::Float).backward();
    optimizer.step();
}

#[test]
fn a_state_dict_without_what_the_rule_needs() {
    let weight = Tensor::ones([3, 2], (tch::Kind::Float, tch::Device::Cpu)).set_requires_grad(true);
    let mut optimizer = Optimizer::new(vec![weight.shallow_clone()], Adafactor::default()).unwrap();
    weight.sum(tch::Kind::Float).backward();
    optimizer.step();
    let mut dict = optimizer.state_dict();
    dict.state.get_mut(&0).unwrap().retain(|(name, _)| name != "col_var");
    assert_eq!(
        optimizer.load_state_dict(&dict).unwrap_err().to_string(),
        "the state dict does not fit Adafactor: parameter 0 of group 0: of 2 dimensions needs row_var and col_var \
         and nothing else"
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
