use crate::optim::{LbfgsOptimizer, Optimizer, ScheduleValues, UpdateRule};

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

    fn schedule_values(&mut self, _: usize) -> &mut ScheduleValues {
        &mut self.schedule
    }
}
