use serde::{Deserialize, Serialize};

use super::scheduler::lrs;
use super::{Groups, PerGroup};
use crate::TrainError;
use crate::domain::Domain;

/// Lowers the learning rate when a metric stops getting better: the options of
/// `torch.optim.lr_scheduler.ReduceLROnPlateau`, which a [`PlateauScheduler`] drives.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ReduceLrOnPlateau {
    /// Whether less is better, or more. Default: [`PlateauMode::Min`].
    pub mode: PlateauMode,
    /// The factor of the learning rate, below 1. Default: 0.1.
    pub factor: f64,
    /// How many epochs without getting better are allowed. Default: 10.
    pub patience: u64,
    /// How much better counts. Default: 1e-4.
    pub threshold: f64,
    /// Whether the threshold is a share of the best value, or a difference. Default: [`ThresholdMode::Rel`].
    pub threshold_mode: ThresholdMode,
    /// How many epochs after a reduction do not count. Default: 0.
    pub cooldown: u64,
    /// The lowest learning rate. Default: 0.
    pub min_lr: PerGroup,
    /// A smaller change is not made. Default: 1e-8.
    pub eps: f64,
}

/// What [`ReduceLrOnPlateau`] takes for better.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PlateauMode {
    /// Less, as of a loss.
    Min,
    /// More, as of an accuracy.
    Max,
}

/// What the threshold of [`ReduceLrOnPlateau`] is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ThresholdMode {
    /// A share of the best value.
    Rel,
    /// A difference from the best value.
    Abs,
}

impl Default for ReduceLrOnPlateau {
    fn default() -> Self {
        Self {
            mode: PlateauMode::Min,
            factor: 0.1,
            patience: 10,
            threshold: 1e-4,
            threshold_mode: ThresholdMode::Rel,
            cooldown: 0,
            min_lr: PerGroup::All(0.0),
            eps: 1e-8,
        }
    }
}

impl ReduceLrOnPlateau {
    pub(super) const NAME: &'static str = "ReduceLROnPlateau";

    /// The best value before the first: the worst there is.
    pub(super) fn worst(&self) -> f64 {
        if self.mode == PlateauMode::Min { f64::INFINITY } else { f64::NEG_INFINITY }
    }

    fn is_better(&self, value: f64, best: Option<f64>) -> bool {
        let best = best.unwrap_or(self.worst());
        match (self.mode, self.threshold_mode) {
            (PlateauMode::Min, ThresholdMode::Rel) => value < best * (1.0 - self.threshold),
            (PlateauMode::Min, ThresholdMode::Abs) => value < best - self.threshold,
            (PlateauMode::Max, ThresholdMode::Rel) => value > best * (self.threshold + 1.0),
            (PlateauMode::Max, ThresholdMode::Abs) => value > best + self.threshold,
        }
    }
}

/// Drives a [`ReduceLrOnPlateau`] by a metric.
///
/// ```
/// use selvedge_train::lr_scheduler::{PlateauScheduler, ReduceLrOnPlateau};
/// use selvedge_train::optim::{Optimizer, Sgd};
///
/// let weight = tch::Tensor::from(1.0f32).set_requires_grad(true);
/// let mut optimizer = Optimizer::new(vec![weight], Sgd { lr: 1.0, ..Sgd::default() })?;
/// let rule = ReduceLrOnPlateau { patience: 1, factor: 0.5, ..ReduceLrOnPlateau::default() };
/// let mut scheduler = PlateauScheduler::new(&mut optimizer, rule)?;
/// for loss in [3.0, 2.0, 2.0, 2.0] {
///     scheduler.step(loss, &mut optimizer);
/// }
/// assert_eq!(optimizer.lr(), 0.5);
/// # Ok::<(), selvedge_train::TrainError>(())
/// ```
#[derive(Debug)]
pub struct PlateauScheduler {
    rule: ReduceLrOnPlateau,
    state: PlateauState,
}

/// What a [`PlateauScheduler`] saves and restores.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PlateauState {
    /// How many steps were taken.
    pub last_epoch: u64,
    /// The best value so far.
    pub best: Option<f64>,
    /// How many epochs of the cooldown are left.
    pub cooldown_counter: u64,
    /// How many epochs did not get better.
    pub num_bad_epochs: u64,
    /// The learning rates after the last step.
    pub last_lr: Vec<f64>,
}

impl PlateauScheduler {
    /// A scheduler that has seen no value.
    ///
    /// # Errors
    ///
    /// When the factor is not below 1, or there is not one lowest rate for each group.
    pub fn new(optimizer: &mut dyn Groups, rule: ReduceLrOnPlateau) -> Result<Self, TrainError> {
        let name = ReduceLrOnPlateau::NAME;
        Domain(name).require(rule.factor < 1.0, "factor", "a number below 1", rule.factor)?;
        let domain = Domain(name);
        domain.finite("factor", rule.factor)?;
        domain.finite("threshold", rule.threshold)?;
        domain.finite("eps", rule.eps)?;
        rule.min_lr.check(name, "min_lr", optimizer)?;
        let state = PlateauState { last_lr: lrs(optimizer), ..PlateauState::default() };
        Ok(Self { rule, state })
    }

    /// Takes in the metric of an epoch and lowers the learning rates if it is time.
    pub fn step(&mut self, metric: f64, optimizer: &mut dyn Groups) {
        let state = &mut self.state;
        state.last_epoch += 1;
        if self.rule.is_better(metric, state.best) {
            state.best = Some(metric);
            state.num_bad_epochs = 0;
        } else {
            state.num_bad_epochs += 1;
        }
        if state.cooldown_counter > 0 {
            state.cooldown_counter -= 1;
            state.num_bad_epochs = 0;
        }
        if state.num_bad_epochs > self.rule.patience {
            for group in 0..optimizer.group_count() {
                let lr = optimizer.group_lr(group);
                let lower = (lr * self.rule.factor).max(self.rule.min_lr.of(group));
                if lr - lower > self.rule.eps {
                    optimizer.set_group_lr(group, lower);
                }
            }
            state.cooldown_counter = self.rule.cooldown;
            state.num_bad_epochs = 0;
        }
        state.last_lr = lrs(optimizer);
    }

    /// The options.
    #[must_use]
    pub fn rule(&self) -> &ReduceLrOnPlateau {
        &self.rule
    }

    /// The learning rates of the groups after the last step.
    #[must_use]
    pub fn last_lr(&self) -> &[f64] {
        &self.state.last_lr
    }

    /// What to save beside the optimizer's state dict.
    #[must_use]
    pub fn state_dict(&self) -> &PlateauState {
        &self.state
    }

    /// Goes on from where another run was.
    ///
    /// # Errors
    ///
    /// When the state is of other groups.
    pub fn load_state_dict(&mut self, state: &PlateauState) -> Result<(), TrainError> {
        let (found, expected) = (state.last_lr.len(), self.state.last_lr.len());
        if found != expected {
            let difference = format!("it is of {found} groups, expected {expected}");
            return Err(TrainError::StateDict { unit: ReduceLrOnPlateau::NAME, difference });
        }
        self.state = state.clone();
        Ok(())
    }
}
