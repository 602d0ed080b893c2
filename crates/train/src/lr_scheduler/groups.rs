use crate::TrainError;
use crate::optim::{LbfgsOptimizer, Optimizer, Optimizers, ScheduleValues, UpdateRule};

/// The groups of an optimizer, as a schedule sees them.
pub trait Groups {
    /// How many there are.
    fn group_count(&self) -> usize;

    /// The learning rate of a group.
    fn group_lr(&self, group: usize) -> f64;

    /// Sets it.
    fn set_group_lr(&mut self, group: usize, lr: f64);

    /// The momentum of a group, or the first of its betas.
    fn group_momentum(&self, group: usize) -> Option<f64>;

    /// Sets it.
    fn set_group_momentum(&mut self, group: usize, momentum: f64);

    /// Refuses options of a group that are out of their domain, as a schedule may have set them.
    ///
    /// # Errors
    ///
    /// With the option, what it can be and what it is.
    fn check_group(&self, group: usize) -> Result<(), TrainError>;

    /// What PyTorch's schedules write into a group beside its options, such as `initial_lr`.
    fn schedule_values(&mut self, group: usize) -> &mut ScheduleValues;
}

impl<R: UpdateRule> Groups for Optimizer<R> {
    fn group_count(&self) -> usize {
        self.groups.len()
    }

    fn group_lr(&self, group: usize) -> f64 {
        self.groups[group].rule.lr()
    }

    fn set_group_lr(&mut self, group: usize, lr: f64) {
        self.groups[group].rule.set_lr(lr);
    }

    fn group_momentum(&self, group: usize) -> Option<f64> {
        self.groups[group].rule.momentum()
    }

    fn set_group_momentum(&mut self, group: usize, momentum: f64) {
        self.groups[group].rule.set_momentum(momentum);
    }

    fn check_group(&self, group: usize) -> Result<(), TrainError> {
        self.groups[group].rule.validate()
    }

    fn schedule_values(&mut self, group: usize) -> &mut ScheduleValues {
        &mut self.groups[group].schedule
    }
}

impl Groups for LbfgsOptimizer {
    fn group_count(&self) -> usize {
        1
    }

    fn group_lr(&self, _: usize) -> f64 {
        self.rule.lr
    }

    fn set_group_lr(&mut self, _: usize, lr: f64) {
        self.rule.lr = lr;
    }

    fn group_momentum(&self, _: usize) -> Option<f64> {
        None
    }

    fn set_group_momentum(&mut self, _: usize, _: f64) {}

    fn check_group(&self, _: usize) -> Result<(), TrainError> {
        self.rule.validate()
    }

    fn schedule_values(&mut self, _: usize) -> &mut ScheduleValues {
        &mut self.schedule
    }
}

/// The groups of the first optimizer, then those of the second, and so on.
impl Groups for Optimizers {
    fn group_count(&self) -> usize {
        self.optimizers().iter().map(|optimizer| optimizer.group_count()).sum()
    }

    fn group_lr(&self, group: usize) -> f64 {
        let (optimizer, group) = self.at(group);
        optimizer.group_lr(group)
    }

    fn set_group_lr(&mut self, group: usize, lr: f64) {
        let (optimizer, group) = self.at_mut(group);
        optimizer.set_group_lr(group, lr);
    }

    fn group_momentum(&self, group: usize) -> Option<f64> {
        let (optimizer, group) = self.at(group);
        optimizer.group_momentum(group)
    }

    fn set_group_momentum(&mut self, group: usize, momentum: f64) {
        let (optimizer, group) = self.at_mut(group);
        optimizer.set_group_momentum(group, momentum);
    }

    fn check_group(&self, group: usize) -> Result<(), TrainError> {
        let (optimizer, group) = self.at(group);
        optimizer.check_group(group)
    }

    fn schedule_values(&mut self, group: usize) -> &mut ScheduleValues {
        let (optimizer, group) = self.at_mut(group);
        optimizer.schedule_values(group)
    }
}
