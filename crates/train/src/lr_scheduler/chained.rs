use selvedge_torch::Value as Python;

use super::pytorch::{read_parts, write_parts};
use super::sequential::parts;
use super::{Groups, Progress, Schedule};
use crate::TrainError;
use crate::domain::Domain;

/// Schedules that all act at every step, in order: `torch.optim.lr_scheduler.ChainedScheduler`.
///
/// ```
/// use selvedge_train::lr_scheduler::{ChainedScheduler, ConstantLr, ExponentialLr, Scheduler};
/// use selvedge_train::optim::{Optimizer, Sgd};
///
/// let weight = tch::Tensor::from(1.0f32).set_requires_grad(true);
/// let mut optimizer = Optimizer::new(vec![weight], Sgd { lr: 1.0, ..Sgd::default() })?;
/// let low = ConstantLr { factor: 0.5, total_iters: 2 };
/// let schedule =
///     ChainedScheduler { schedules: vec![Box::new(low), Box::new(ExponentialLr::new(0.5))] };
/// let mut scheduler = Scheduler::new(&mut optimizer, schedule)?;
/// let mut rates = vec![optimizer.lr()];
/// for _ in 0..2 {
///     scheduler.step(&mut optimizer);
///     rates.push(optimizer.lr());
/// }
/// assert_eq!(rates, [0.5, 0.25, 0.25]);
/// # Ok::<(), selvedge_train::TrainError>(())
/// ```
#[derive(Debug)]
pub struct ChainedScheduler {
    /// The schedules, in order.
    pub schedules: Vec<Box<dyn Schedule>>,
}

impl Schedule for ChainedScheduler {
    fn name(&self) -> &'static str {
        "ChainedScheduler"
    }

    fn start(&self, groups: &mut dyn Groups) -> Result<Progress, TrainError> {
        Domain(self.name()).require(!self.schedules.is_empty(), "schedules", "at least one", 0)?;
        parts(&self.schedules, groups)
    }

    fn begin(&self, progress: &mut Progress, groups: &mut dyn Groups) {
        progress.last_epoch = 0;
        progress.step_count = 1;
        for (schedule, part) in self.schedules.iter().zip(&mut progress.parts) {
            schedule.begin(part, groups);
        }
    }

    fn advance(&self, progress: &mut Progress, groups: &mut dyn Groups) {
        progress.last_epoch += 1;
        progress.step_count += 1;
        for (schedule, part) in self.schedules.iter().zip(&mut progress.parts) {
            schedule.advance(part, groups);
        }
    }

    /// That of the part that ends first.
    fn end(&self) -> Option<u64> {
        self.schedules.iter().filter_map(Schedule::end).min()
    }

    fn restart(&self, progress: &mut Progress, groups: &mut dyn Groups) {
        progress.last_epoch = 0;
        for (schedule, part) in self.schedules.iter().zip(&mut progress.parts) {
            schedule.restart(part, groups);
        }
    }

    fn to_python(&self, progress: &Progress, last_lr: &[f64]) -> Python {
        write_parts(&self.schedules, progress, last_lr, Vec::new())
    }

    fn read_python(&self, dict: &Python, like: &Progress) -> Result<Progress, String> {
        let parts = read_parts(&self.schedules, dict, like)?;
        // Each part is stepped with the others.
        let Some(&Progress { last_epoch, .. }) = parts.first() else { return Ok(like.clone()) };
        Ok(Progress { last_epoch, step_count: last_epoch + 1, base_lrs: like.base_lrs.clone(), parts })
    }
}
