use anyhow::{Result, bail};
use selvedge_train::optim::{
    Adadelta, Adafactor, Adagrad, Adam, AdamW, Adamax, Asgd, Lbfgs, LbfgsOptimizer, Muon, NAdam, Optimize,
    Optimizer, RAdam, RmsProp, Rprop, Sgd, UpdateRule,
};

use serde::{Deserialize, Serialize};
use tch::Tensor;

use super::group::{self, Group};
use super::units;

units! {
    /// The rule that changes the weights, with its options.
    RuleUnit {
        "Adam" => Adam(Adam) = Adam::default(),
        "AdamW" => AdamW(AdamW) = AdamW::default(),
        "SGD" => Sgd(Sgd) = Sgd::default(),
        "Adadelta" => Adadelta(Adadelta) = Adadelta::default(),
        "Adafactor" => Adafactor(Adafactor) = Adafactor::default(),
        "Adagrad" => Adagrad(Adagrad) = Adagrad::default(),
        "Adamax" => Adamax(Adamax) = Adamax::default(),
        "ASGD" => Asgd(Asgd) = Asgd::default(),
        "LBFGS" => Lbfgs(Lbfgs) = Lbfgs::default(),
        "Muon" => Muon(Muon) = Muon::default(),
        "NAdam" => NAdam(NAdam) = NAdam::default(),
        "RAdam" => RAdam(RAdam) = RAdam::default(),
        "RMSprop" => RmsProp(RmsProp) = RmsProp::default(),
        "Rprop" => Rprop(Rprop) = Rprop::default(),
    }
}

/// How the weights are changed.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct OptimizerUnit {
    /// What the parameters are changed by that are in none of the groups.
    #[serde(flatten)]
    pub(crate) rule: RuleUnit,
    /// Parameters with options of their own.
    #[serde(default)]
    pub(crate) groups: Vec<Group>,
}

impl From<RuleUnit> for OptimizerUnit {
    fn from(rule: RuleUnit) -> Self {
        Self { rule, groups: Vec::new() }
    }
}

impl OptimizerUnit {
    /// One of each kind, which shows its keys.
    pub(crate) fn samples() -> Vec<Self> {
        RuleUnit::samples().into_iter().map(Self::from).collect()
    }

    /// The optimizer of these parameters.
    ///
    /// # Errors
    ///
    /// When an option is out of its domain, a parameter is not such as the rule takes, or a group has none.
    pub(crate) fn build(&self, parameters: Vec<(String, Tensor)>) -> Result<Box<dyn Optimize>> {
        match self.rule.clone() {
            RuleUnit::Adam(rule) => self.driven(parameters, rule),
            RuleUnit::AdamW(rule) => self.driven(parameters, rule),
            RuleUnit::Sgd(rule) => self.driven(parameters, rule),
            RuleUnit::Adadelta(rule) => self.driven(parameters, rule),
            RuleUnit::Adafactor(rule) => self.driven(parameters, rule),
            RuleUnit::Adagrad(rule) => self.driven(parameters, rule),
            RuleUnit::Adamax(rule) => self.driven(parameters, rule),
            RuleUnit::Asgd(rule) => self.driven(parameters, rule),
            RuleUnit::Muon(rule) => self.driven(parameters, rule),
            RuleUnit::NAdam(rule) => self.driven(parameters, rule),
            RuleUnit::RAdam(rule) => self.driven(parameters, rule),
            RuleUnit::RmsProp(rule) => self.driven(parameters, rule),
            RuleUnit::Rprop(rule) => self.driven(parameters, rule),
            RuleUnit::Lbfgs(_) if !self.groups.is_empty() => {
                bail!(
                    "LBFGS has no groups, it looks at all parameters together: take \"optimizer.groups\" away"
                )
            }
            RuleUnit::Lbfgs(rule) => Ok(Box::new(LbfgsOptimizer::new(parameters, rule)?)),
        }
    }

    /// The parameters without a group come first, where there are some.
    fn driven<R: UpdateRule + 'static>(
        &self,
        parameters: Vec<(String, Tensor)>,
        rule: R,
    ) -> Result<Box<dyn Optimize>> {
        rule.validate()?;
        let divided = group::divide(parameters, &self.groups)?;
        let mut groups = Vec::with_capacity(1 + divided.groups.len());
        if !divided.rest.is_empty() || self.groups.is_empty() {
            groups.push((divided.rest, rule.clone()));
        }
        for (index, (group, parameters)) in self.groups.iter().zip(divided.groups).enumerate() {
            groups.push((parameters, group.rule(&rule, index)?));
        }
        let mut groups = groups.into_iter();
        let Some((parameters, first)) = groups.next() else { unreachable!("there is a group or a rest") };
        let mut optimizer = Optimizer::new(parameters, first)?;
        for (parameters, rule) in groups {
            optimizer.add_group(parameters, rule)?;
        }
        Ok(Box::new(optimizer))
    }
}
