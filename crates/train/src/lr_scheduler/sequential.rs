use selvedge_torch::Value as Python;

use super::pytorch::{check_options, count, int, read_parts, write_parts};
use super::{Groups, Progress, Schedule};
use crate::TrainError;
use crate::domain::Domain;

/// Schedules one after another: `torch.optim.lr_scheduler.SequentialLR`.
///
/// The first runs until the first milestone, at which the second begins at its epoch 0, and so on.
///
/// ```
/// use selvedge_train::lr_scheduler::{ExponentialLr, LinearLr, Scheduler, SequentialLr};
/// use selvedge_train::optim::{Optimizer, Sgd};
///
/// let weight = tch::Tensor::from(1.0f32).set_requires_grad(true);
/// let mut optimizer = Optimizer::new(vec![weight], Sgd { lr: 1.0, ..Sgd::default() })?;
/// let warmup = LinearLr { start_factor: 0.5, total_iters: 2, ..LinearLr::default() };
/// let schedule = SequentialLr {
///     schedules: vec![Box::new(warmup), Box::new(ExponentialLr::new(0.5))],
///     milestones: vec![2],
/// };
/// let mut scheduler = Scheduler::new(&mut optimizer, schedule)?;
/// let mut rates = vec![optimizer.lr()];
/// for _ in 0..3 {
///     scheduler.step(&mut optimizer);
///     rates.push(optimizer.lr());
/// }
/// assert_eq!(rates, [0.5, 0.75, 1.0, 0.5]);
/// # Ok::<(), selvedge_train::TrainError>(())
/// ```
#[derive(Debug)]
pub struct SequentialLr {
    /// The schedules, in order.
    pub schedules: Vec<Box<dyn Schedule>>,
    /// The epochs at which the second and the later ones begin, one fewer than schedules.
    pub milestones: Vec<u64>,
}

impl SequentialLr {
    /// The schedule of an epoch.
    fn at(&self, epoch: u64) -> usize {
        self.milestones.partition_point(|&milestone| milestone <= epoch)
    }
}

impl Schedule for SequentialLr {
    fn name(&self) -> &'static str {
        "SequentialLR"
    }

    fn start(&self, groups: &mut dyn Groups) -> Result<Progress, TrainError> {
        let domain = Domain(self.name());
        domain.require(!self.schedules.is_empty(), "schedules", "at least one", 0)?;
        let expected = "one fewer than schedules, in order";
        let fits = self.milestones.len() + 1 == self.schedules.len() && self.milestones.is_sorted();
        domain.require(fits, "milestones", expected, &self.milestones)?;
        let mut progress = parts(&self.schedules, groups)?;
        for group in 0..groups.group_count() {
            let initial = groups.schedule_values(group).get("initial_lr").copied();
            if let Some(lr) = initial {
                groups.set_group_lr(group, lr);
            }
        }
        self.begin(&mut progress, groups);
        Ok(progress)
    }

    fn begin(&self, progress: &mut Progress, groups: &mut dyn Groups) {
        progress.last_epoch = 0;
        progress.step_count = 1;
        let first = self.at(0);
        self.schedules[first].begin(&mut progress.parts[first], groups);
    }

    fn advance(&self, progress: &mut Progress, groups: &mut dyn Groups) {
        progress.last_epoch += 1;
        progress.step_count += 1;
        let index = self.at(progress.last_epoch);
        let (schedule, part) = (&self.schedules[index], &mut progress.parts[index]);
        if index > 0 && self.milestones[index - 1] == progress.last_epoch {
            schedule.restart(part, groups);
        } else {
            schedule.advance(part, groups);
        }
    }

    /// That of the first part which ends before the next begins, or of the last.
    fn end(&self) -> Option<u64> {
        let begins = std::iter::once(0).chain(self.milestones.iter().copied());
        let is_over = |(index, end): (usize, u64)| {
            self.milestones.get(index).is_none_or(|next| end + 1 < *next).then_some(end)
        };
        let ends =
            begins.zip(&self.schedules).map(|(begin, schedule)| Some(begin.saturating_add(schedule.end()?)));
        ends.enumerate().filter_map(|(index, end)| is_over((index, end?))).min()
    }

    fn restart(&self, progress: &mut Progress, groups: &mut dyn Groups) {
        progress.last_epoch = 0;
        let first = self.at(0);
        self.schedules[first].restart(&mut progress.parts[first], groups);
    }

    fn to_python(&self, progress: &Progress, last_lr: &[f64]) -> Python {
        let milestones = Python::List(self.milestones.iter().copied().map(int).collect());
        let own = vec![("_milestones", milestones), ("last_epoch", int(progress.last_epoch))];
        write_parts(&self.schedules, progress, last_lr, own)
    }

    fn read_python(&self, dict: &Python, like: &Progress) -> Result<Progress, String> {
        let milestones = Python::List(self.milestones.iter().copied().map(int).collect());
        check_options(dict, &[("_milestones", milestones)])?;
        let last_epoch = count(dict, "last_epoch")?;
        let parts = read_parts(&self.schedules, dict, like)?;
        Ok(Progress { last_epoch, step_count: last_epoch + 1, base_lrs: like.base_lrs.clone(), parts })
    }
}

/// The progress of a schedule of schedules, all of which have started, in order.
pub(super) fn parts(
    schedules: &[Box<dyn Schedule>],
    groups: &mut dyn Groups,
) -> Result<Progress, TrainError> {
    let parts: Result<Vec<_>, _> = schedules.iter().map(|schedule| schedule.start(groups)).collect();
    let parts = parts?;
    let base_lrs = parts.first().map(|part| part.base_lrs.clone()).unwrap_or_default();
    Ok(Progress { last_epoch: 0, step_count: 1, base_lrs, parts })
}
