use std::mem;

use anyhow::{Error, Result, bail};
use selvedge_train::optim::{
    Adadelta, Adafactor, Adagrad, Adam, AdamW, Adamax, Asgd, Lbfgs, LbfgsOptimizer, Muon, NAdam, Optimize,
    Optimizer, Optimizers, RAdam, RmsProp, Rprop, Sgd, Step, UpdateRule,
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

    /// The optimizer of these parameters. The parameters without a group come first, where there are some; groups with
    /// a rule of another kind have optimizers of their own, stepped as one.
    ///
    /// # Errors
    ///
    /// When an option is out of its domain, a parameter is not such as the rule takes, or a group has none.
    pub(crate) fn build(&self, parameters: Vec<(String, Tensor)>) -> Result<Box<dyn Optimize>> {
        if let RuleUnit::Lbfgs(rule) = &self.rule {
            if !self.groups.is_empty() {
                bail!(
                    "LBFGS has no groups, it looks at all parameters together: take \"optimizer.groups\" away"
                );
            }
            return Ok(Box::new(LbfgsOptimizer::new(parameters, rule.clone())?));
        }
        let divided = group::divide(parameters, &self.groups)?;
        let mut parts = Vec::new();
        if !divided.rest.is_empty() || self.groups.is_empty() {
            parts.push(Part { unit: self, rule: self.rule.clone(), members: vec![(divided.rest, None)] });
        }
        for (index, (group, parameters)) in self.groups.iter().zip(divided.groups).enumerate() {
            let rule = group.base(&self.rule, index)?;
            let member = (parameters, Some((index, group)));
            let same = |last: &&mut Part<'_>| mem::discriminant(&last.rule) == mem::discriminant(&rule);
            match parts.last_mut().filter(same) {
                Some(last) => last.members.push(member),
                None => parts.push(Part { unit: self, rule, members: vec![member] }),
            }
        }
        let mut optimizers = parts.into_iter().map(Part::build).collect::<Result<Vec<_>>>()?;
        Ok(match optimizers.pop() {
            Some(only) if optimizers.is_empty() => only,
            last => Box::new(Optimizers::new(optimizers.into_iter().chain(last).collect())?),
        })
    }

    /// Refuses parameters of no group that the rule has no meaning for, and says how to train them.
    fn takes_all<R: UpdateRule>(&self, rule: &R, parameters: &[(String, Tensor)]) -> Result<()> {
        let refusal =
            |(name, tensor): &(String, Tensor)| Some((name.clone(), rule.check_parameter(tensor).err()?));
        let refused: Vec<(String, String)> = parameters.iter().filter_map(refusal).collect();
        let Some((name, reason)) = refused.first() else { return Ok(()) };
        let first = format!("{} can not train {name:?}, which {reason}", R::NAME);
        let group = Group::of(refused.into_iter().map(|(name, _)| name).collect(), "AdamW");
        let groups: Vec<&Group> = self.groups.iter().chain([&group]).collect();
        let groups = serde_json::to_string(&groups)?;
        bail!("{first}: give what it does not take a rule of its own, as --set 'optimizer.groups={groups}'")
    }
}

type Named = Vec<(String, Tensor)>;

/// Parameters that one rule is the base of.
struct Part<'a> {
    unit: &'a OptimizerUnit,
    rule: RuleUnit,
    /// Those of no group, or of a group, which has its index.
    members: Vec<(Named, Option<(usize, &'a Group)>)>,
}

impl Part<'_> {
    fn build(self) -> Result<Box<dyn Step>> {
        match self.rule.clone() {
            RuleUnit::Adam(rule) => self.driven(&rule),
            RuleUnit::AdamW(rule) => self.driven(&rule),
            RuleUnit::Sgd(rule) => self.driven(&rule),
            RuleUnit::Adadelta(rule) => self.driven(&rule),
            RuleUnit::Adafactor(rule) => self.driven(&rule),
            RuleUnit::Adagrad(rule) => self.driven(&rule),
            RuleUnit::Adamax(rule) => self.driven(&rule),
            RuleUnit::Asgd(rule) => self.driven(&rule),
            RuleUnit::Muon(rule) => self.driven(&rule),
            RuleUnit::NAdam(rule) => self.driven(&rule),
            RuleUnit::RAdam(rule) => self.driven(&rule),
            RuleUnit::RmsProp(rule) => self.driven(&rule),
            RuleUnit::Rprop(rule) => self.driven(&rule),
            RuleUnit::Lbfgs(_) => unreachable!("it has no groups, and is built apart"),
        }
    }

    fn driven<R: UpdateRule + 'static>(self, rule: &R) -> Result<Box<dyn Step>> {
        rule.validate()?;
        let mut optimizer: Option<Optimizer<R>> = None;
        for (parameters, group) in self.members {
            let rule = match group {
                Some((index, group)) => group.rule(rule, index)?,
                None => {
                    self.unit.takes_all(rule, &parameters)?;
                    rule.clone()
                }
            };
            let added = match &mut optimizer {
                Some(optimizer) => optimizer.add_group(parameters, rule),
                None => Optimizer::new(parameters, rule).map(|first| optimizer = Some(first)),
            };
            added.map_err(|error| match group {
                Some((index, _)) => Error::from(error).context(format!("{:?}", group::place(index))),
                None => error.into(),
            })?;
        }
        let Some(optimizer) = optimizer else { unreachable!("a part has a member") };
        Ok(Box::new(optimizer))
    }
}
