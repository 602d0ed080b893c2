use std::fmt;

use selvedge_torch::Value as Python;

use super::{At, Groups, Progress, Rate};
use crate::TrainError;

/// A factor of the learning rate for an epoch.
type Factor = Box<dyn Fn(u64) -> f64 + Send>;

/// The factors of the groups: one function for all, or one for each.
struct Factors(Vec<Factor>);

impl Factors {
    fn check(&self, unit: &'static str, groups: &dyn Groups) -> Result<(), TrainError> {
        let (found, expected) = (self.0.len(), groups.group_count());
        if found == 1 || found == expected {
            return Ok(());
        }
        Err(TrainError::OutOfDomain {
            unit,
            option: "lr_lambda",
            expected: "one function, or one for each group of the optimizer",
            found: format!("{found} functions for {expected} groups"),
        })
    }

    fn of(&self, at: &At) -> f64 {
        let function = if self.0.len() == 1 { &self.0[0] } else { &self.0[at.group] };
        function(at.epoch)
    }
}

/// The two schedules that a function makes differ in what the factor is of.
macro_rules! lambda {
    ($(#[$doc:meta])* $schedule:ident, $name:literal, |$factor:ident, $at:ident| $lr:expr) => {
        $(#[$doc])*
        pub struct $schedule(Factors);

        impl $schedule {
            /// One function of the epoch for all groups.
            pub fn new(factor: impl Fn(u64) -> f64 + Send + 'static) -> Self {
                Self(Factors(vec![Box::new(factor)]))
            }

            /// A function for each group.
            #[must_use]
            pub fn each(factors: Vec<Box<dyn Fn(u64) -> f64 + Send>>) -> Self {
                Self(Factors(factors))
            }
        }

        impl fmt::Debug for $schedule {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}({} functions)", stringify!($schedule), self.0.0.len())
            }
        }

        impl Rate for $schedule {
            const NAME: &'static str = $name;

            fn prepare(&self, groups: &mut dyn Groups) -> Result<(), TrainError> {
                self.0.check(Self::NAME, groups)
            }

            /// Functions, of which PyTorch writes none.
            fn python_options(&self, progress: &Progress) -> Vec<(&'static str, Python)> {
                let none = progress.base_lrs.iter().map(|_| Python::None);
                vec![("lr_lambdas", Python::List(none.collect()))]
            }

            fn lr(&self, $at: &At) -> f64 {
                let $factor = |at: &At| self.0.of(at);
                $lr
            }
        }
    };
}

lambda! {
    /// The initial learning rate times a function of the epoch: `torch.optim.lr_scheduler.LambdaLR`.
    ///
    /// The functions are not part of the saved state.
    ///
    /// ```
    /// use selvedge_train::lr_scheduler::{LambdaLr, Scheduler};
    /// use selvedge_train::optim::{Optimizer, Sgd};
    ///
    /// let weight = tch::Tensor::from(1.0f32).set_requires_grad(true);
    /// let mut optimizer = Optimizer::new(vec![weight], Sgd { lr: 0.5, ..Sgd::default() })?;
    /// let mut scheduler = Scheduler::new(&mut optimizer, LambdaLr::new(|epoch| 1.0 / (1 + epoch) as f64))?;
    /// scheduler.step(&mut optimizer);
    /// assert_eq!(optimizer.lr(), 0.25);
    /// # Ok::<(), selvedge_train::TrainError>(())
    /// ```
    LambdaLr, "LambdaLR", |factor, at| at.base_lr * factor(at)
}

lambda! {
    /// The learning rate before times a function of the epoch: `torch.optim.lr_scheduler.MultiplicativeLR`.
    ///
    /// The functions are not part of the saved state.
    ///
    /// ```
    /// use selvedge_train::lr_scheduler::{MultiplicativeLr, Scheduler};
    /// use selvedge_train::optim::{Optimizer, Sgd};
    ///
    /// let weight = tch::Tensor::from(1.0f32).set_requires_grad(true);
    /// let mut optimizer = Optimizer::new(vec![weight], Sgd { lr: 1.0, ..Sgd::default() })?;
    /// let mut scheduler = Scheduler::new(&mut optimizer, MultiplicativeLr::new(|_| 0.5))?;
    /// scheduler.step(&mut optimizer);
    /// scheduler.step(&mut optimizer);
    /// assert_eq!(optimizer.lr(), 0.25);
    /// # Ok::<(), selvedge_train::TrainError>(())
    /// ```
    MultiplicativeLr, "MultiplicativeLR", |factor, at| if at.initial { at.lr } else { at.lr * factor(at) }
}
