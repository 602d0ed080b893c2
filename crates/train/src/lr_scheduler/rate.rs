use std::fmt::Debug;

use selvedge_torch::Value as Python;

use super::{Groups, Progress, Schedule, pytorch};
use crate::TrainError;
use crate::optim::ScheduleValues;

/// A schedule that gives the learning rate of each group from where it stands.
pub trait Rate: Debug + Send {
    /// PyTorch's name of the schedule.
    const NAME: &'static str;

    /// Refuses options out of their domain and writes into the groups what PyTorch's constructor does.
    ///
    /// # Errors
    ///
    /// With the option, what it can be and what it is.
    fn prepare(&self, groups: &mut dyn Groups) -> Result<(), TrainError>;

    /// The learning rate at a place, most often from the one before, so that other schedules can change it as well.
    ///
    /// # Panics
    ///
    /// When the schedule is over, where it ends.
    fn lr(&self, at: &At) -> f64;

    /// The learning rate at epoch 0 whatever it was before: the closed form, where there is one.
    fn restarted_lr(&self, at: &At) -> f64 {
        self.lr(at)
    }

    /// The base learning rate of a group from the second step on, where it is the schedule's own and not the initial
    /// one.
    fn base_lr(&self, group: usize) -> Option<f64> {
        let _ = group;
        None
    }

    /// The last epoch, or batch, that it has a rate for, where it ends.
    fn end(&self) -> Option<u64> {
        None
    }

    /// The options by the names that PyTorch's scheduler has in its state dict, which are written into one and have to be
    /// those of one that is loaded. None by default.
    fn python_options(&self, progress: &Progress) -> Vec<(&'static str, Python)> {
        let _ = progress;
        Vec::new()
    }

    /// The momentum at a place, where the schedule cycles it.
    fn momentum(&self, at: &At) -> Option<f64> {
        let _ = at;
        None
    }
}

/// Where a schedule stands with a group.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct At<'a> {
    /// The epoch, or batch, that is asked for, from 0 on.
    pub epoch: u64,
    /// Whether this is the first step, which finds the initial learning rate in the group.
    pub initial: bool,
    /// How many steps were taken, this one included.
    pub step_count: u64,
    /// The index of the group.
    pub group: usize,
    /// Its learning rate now.
    pub lr: f64,
    /// Its initial learning rate, or the schedule's own [`base_lr`](Rate::base_lr) after the first step.
    pub base_lr: f64,
    /// What schedules keep in the group. The one that was made last has written its own over those of the others, and
    /// as in PyTorch its values hold for all.
    pub values: &'a ScheduleValues,
}

impl At<'_> {
    /// A value that a schedule keeps in the group, or its own for a group that was added later.
    pub(super) fn value(&self, name: &str, own: f64) -> f64 {
        self.values.get(name).copied().unwrap_or(own)
    }
}

impl<R: Rate> Schedule for R {
    fn name(&self) -> &'static str {
        R::NAME
    }

    fn start(&self, groups: &mut dyn Groups) -> Result<Progress, TrainError> {
        self.prepare(groups)?;
        let mut progress = Progress::default();
        self.begin(&mut progress, groups);
        for (group, base_lr) in progress.base_lrs.iter_mut().enumerate() {
            *base_lr = self.base_lr(group).unwrap_or(*base_lr);
        }
        Ok(progress)
    }

    fn begin(&self, progress: &mut Progress, groups: &mut dyn Groups) {
        progress.last_epoch = 0;
        progress.step_count = 1;
        apply(self, progress, groups, Step::First);
    }

    fn advance(&self, progress: &mut Progress, groups: &mut dyn Groups) {
        progress.last_epoch += 1;
        progress.step_count += 1;
        apply(self, progress, groups, Step::Next);
    }

    fn restart(&self, progress: &mut Progress, groups: &mut dyn Groups) {
        progress.last_epoch = 0;
        apply(self, progress, groups, Step::Restart);
    }

    fn end(&self) -> Option<u64> {
        Rate::end(self)
    }

    fn to_python(&self, progress: &Progress, last_lr: &[f64]) -> Python {
        pytorch::write(progress, last_lr, self.python_options(progress))
    }

    fn read_python(&self, dict: &Python, like: &Progress) -> Result<Progress, String> {
        pytorch::read(dict, like, |progress| self.python_options(progress))
    }
}

#[derive(Clone, Copy, PartialEq)]
enum Step {
    First,
    Next,
    Restart,
}

fn apply<R: Rate>(rate: &R, progress: &mut Progress, groups: &mut dyn Groups, step: Step) {
    for group in 0..groups.group_count() {
        let lr = groups.group_lr(group);
        let values = groups.schedule_values(group);
        // Also for a group that was added after the start.
        if progress.base_lrs.len() == group {
            let initial = *values.entry("initial_lr".to_owned()).or_insert(lr);
            let own = rate.base_lr(group).filter(|_| step != Step::First);
            progress.base_lrs.push(own.unwrap_or(initial));
        }
        let at = At {
            epoch: progress.last_epoch,
            initial: step == Step::First,
            step_count: progress.step_count,
            group,
            lr,
            base_lr: progress.base_lrs[group],
            values,
        };
        let lr = if step == Step::Restart { rate.restarted_lr(&at) } else { rate.lr(&at) };
        let momentum = rate.momentum(&at);
        groups.set_group_lr(group, lr);
        if let Some(momentum) = momentum {
            groups.set_group_momentum(group, momentum);
        }
    }
}
