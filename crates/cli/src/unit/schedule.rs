use selvedge_train::TrainError;
use selvedge_train::lr_scheduler::{
    AnyScheduler, ChainedScheduler, ConstantLr, CosineAnnealingLr, CosineAnnealingWarmRestarts, CyclicLr,
    ExponentialLr, Groups, LambdaLr, LinearLr, MultiStepLr, MultiplicativeLr, OneCycleLr, PolynomialLr,
    ReduceLrOnPlateau, Schedule, SequentialLr, StepLr, SwaLr,
};
use serde::{Deserialize, Serialize};

use super::factors::Factors;
use super::units;

units! {
    /// How the learning rate changes. The functions of `LambdaLR` and `MultiplicativeLR` are tables here.
    ScheduleUnit {
        "StepLR" => Step(StepLr) = StepLr::new(1),
        "MultiStepLR" => MultiStep(MultiStepLr) = MultiStepLr::new(vec![1]),
        "ConstantLR" => Constant(ConstantLr) = ConstantLr::default(),
        "LinearLR" => Linear(LinearLr) = LinearLr::default(),
        "ExponentialLR" => Exponential(ExponentialLr) = ExponentialLr::new(0.9),
        "PolynomialLR" => Polynomial(PolynomialLr) = PolynomialLr::default(),
        "CosineAnnealingLR" => CosineAnnealing(CosineAnnealingLr) = CosineAnnealingLr::new(10),
        "CosineAnnealingWarmRestarts" => WarmRestarts(CosineAnnealingWarmRestarts) =
            CosineAnnealingWarmRestarts::new(10),
        "CyclicLR" => Cyclic(CyclicLr) = CyclicLr::new(1e-4, 1e-2),
        "OneCycleLR" => OneCycle(OneCycleLr) = OneCycleLr::new(1e-2, 100),
        "SWALR" => Swa(SwaLr) = SwaLr::new(1e-3),
        "ReduceLROnPlateau" => Plateau(ReduceLrOnPlateau) = ReduceLrOnPlateau::default(),
        "SequentialLR" => Sequential(Parts) = Parts { schedules: part(), milestones: Vec::new() },
        "ChainedScheduler" => Chained(Chain) = Chain { schedules: part() },
        "LambdaLR" => Lambda(Factors) = Factors::default(),
        "MultiplicativeLR" => Multiplicative(Factors) = Factors::default(),
    }
}

impl ScheduleUnit {
    /// Gives the optimizer the rates of epoch 0.
    ///
    /// # Errors
    ///
    /// When an option is out of its domain or does not fit the groups of the optimizer.
    pub(crate) fn build(&self, optimizer: &mut dyn Groups) -> Result<AnyScheduler, TrainError> {
        match self {
            Self::Plateau(rule) => AnyScheduler::plateau(optimizer, rule.clone()),
            schedule => AnyScheduler::new(optimizer, schedule.schedule()?),
        }
    }

    fn schedule(&self) -> Result<Box<dyn Schedule>, TrainError> {
        let all = |units: &[Self]| units.iter().map(Self::schedule).collect::<Result<Vec<_>, _>>();
        Ok(match self.clone() {
            Self::Lambda(table) => Box::new(LambdaLr::each(table.functions("LambdaLR")?)),
            Self::Multiplicative(table) => {
                Box::new(MultiplicativeLr::each(table.functions("MultiplicativeLR")?))
            }
            Self::Step(schedule) => Box::new(schedule),
            Self::MultiStep(schedule) => Box::new(schedule),
            Self::Constant(schedule) => Box::new(schedule),
            Self::Linear(schedule) => Box::new(schedule),
            Self::Exponential(schedule) => Box::new(schedule),
            Self::Polynomial(schedule) => Box::new(schedule),
            Self::CosineAnnealing(schedule) => Box::new(schedule),
            Self::WarmRestarts(schedule) => Box::new(schedule),
            Self::Cyclic(schedule) => Box::new(schedule),
            Self::OneCycle(schedule) => Box::new(schedule),
            Self::Swa(schedule) => Box::new(schedule),
            Self::Sequential(Parts { schedules, milestones }) => {
                Box::new(SequentialLr { schedules: all(&schedules)?, milestones })
            }
            Self::Chained(Chain { schedules }) => Box::new(ChainedScheduler { schedules: all(&schedules)? }),
            // A plateau asks for a metric, which a part of another schedule is not given.
            Self::Plateau(_) => {
                return Err(TrainError::OutOfDomain {
                    unit: "SequentialLR or ChainedScheduler",
                    option: "schedules",
                    expected: "schedules that need no metric",
                    found: "ReduceLROnPlateau".to_owned(),
                });
            }
        })
    }
}

/// The parts of a `SequentialLR`.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Parts {
    schedules: Vec<ScheduleUnit>,
    milestones: Vec<u64>,
}

/// The parts of a `ChainedScheduler`.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Chain {
    schedules: Vec<ScheduleUnit>,
}

/// A schedule of schedules needs one.
fn part() -> Vec<ScheduleUnit> {
    vec![ScheduleUnit::Constant(ConstantLr::default())]
}
