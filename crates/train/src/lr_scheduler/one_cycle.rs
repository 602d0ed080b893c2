use std::f64::consts::PI;

use selvedge_torch::Value as Python;
use serde::{Deserialize, Serialize};

use super::momentum::begin_cycle;
use super::pytorch::int;
use super::{At, Groups, PerGroup, Progress, Rate};
use crate::TrainError;
use crate::domain::Domain;

/// One way up to `max_lr` and a long way down, over a whole training: `torch.optim.lr_scheduler.OneCycleLR`.
///
/// It begins at `max_lr / div_factor` and ends at `max_lr / div_factor / final_div_factor`; the momentum goes the
/// other way. A step is a batch rather than an epoch.
///
/// Smith and Topin, "Super-Convergence: Very Fast Training of Neural Networks Using Large Learning Rates".
///
/// Differs from PyTorch: `total_steps` stands for `epochs` times `steps_per_epoch`, too. A step after the last
/// panics.
///
/// ```
/// use selvedge_train::lr_scheduler::{OneCycleLr, Scheduler};
/// use selvedge_train::optim::{Adam, Optimizer};
///
/// let weight = tch::Tensor::from(1.0f32).set_requires_grad(true);
/// let mut optimizer = Optimizer::new(vec![weight], Adam::default())?;
/// let mut scheduler = Scheduler::new(&mut optimizer, OneCycleLr::new(0.5, 20))?;
/// assert!((optimizer.lr() - 0.02).abs() < 1e-12);
/// for _ in 0..5 {
///     scheduler.step(&mut optimizer);
/// }
/// assert!((optimizer.lr() - 0.5).abs() < 1e-12);
/// # Ok::<(), selvedge_train::TrainError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OneCycleLr {
    /// The highest learning rate.
    pub max_lr: PerGroup,
    /// The number of steps, from 1 on.
    pub total_steps: u64,
    /// The part of the steps that goes up, in [0, 1]. Default: 0.3.
    #[serde(default = "three_tenths")]
    pub pct_start: f64,
    /// The form of the ways. Default: [`AnnealStrategy::Cos`].
    #[serde(default)]
    pub anneal_strategy: AnnealStrategy,
    /// Whether the momentum, or the first beta, goes the other way. Default: `true`.
    #[serde(default = "yes")]
    pub cycle_momentum: bool,
    /// The lowest momentum. Default: 0.85.
    #[serde(default = "base_momentum")]
    pub base_momentum: PerGroup,
    /// The highest momentum. Default: 0.95.
    #[serde(default = "max_momentum")]
    pub max_momentum: PerGroup,
    /// How many times smaller the first learning rate is. Default: 25.
    #[serde(default = "twenty_five")]
    pub div_factor: f64,
    /// How many times smaller than the first the last one is. Default: 1e4.
    #[serde(default = "ten_thousand")]
    pub final_div_factor: f64,
    /// Whether the way down goes to the first learning rate as fast as up, and then on. Default: `false`.
    #[serde(default)]
    pub three_phase: bool,
}

/// The form of the way from one learning rate to another.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AnnealStrategy {
    /// Half a cosine.
    #[default]
    Cos,
    /// A line.
    Linear,
}

impl AnnealStrategy {
    /// PyTorch's name.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Cos => "cos",
            Self::Linear => "linear",
        }
    }
}

fn three_tenths() -> f64 {
    0.3
}

fn yes() -> bool {
    true
}

fn base_momentum() -> PerGroup {
    PerGroup::All(0.85)
}

fn max_momentum() -> PerGroup {
    PerGroup::All(0.95)
}

fn twenty_five() -> f64 {
    25.0
}

fn ten_thousand() -> f64 {
    1e4
}

/// The ends of a phase.
#[derive(Clone, Copy)]
enum End {
    Initial,
    Max,
    Min,
}

impl OneCycleLr {
    /// PyTorch's defaults for the rest.
    pub fn new(max_lr: impl Into<PerGroup>, total_steps: u64) -> Self {
        Self {
            max_lr: max_lr.into(),
            total_steps,
            pct_start: three_tenths(),
            anneal_strategy: AnnealStrategy::default(),
            cycle_momentum: yes(),
            base_momentum: base_momentum(),
            max_momentum: max_momentum(),
            div_factor: twenty_five(),
            final_div_factor: ten_thousand(),
            three_phase: false,
        }
    }

    /// The phases: the step that each ends at, and the learning rates that it goes from and to.
    fn phases(&self) -> Vec<(f64, End, End)> {
        let total = self.total_steps as f64;
        let up = (self.pct_start * total - 1.0, End::Initial, End::Max);
        if self.three_phase {
            let down = (2.0 * self.pct_start * total - 2.0, End::Max, End::Initial);
            vec![up, down, (total - 1.0, End::Initial, End::Min)]
        } else {
            vec![up, (total - 1.0, End::Max, End::Min)]
        }
    }

    /// Refuses a phase that begins where it ends: the part of the way would be 0 / 0.
    fn check_phases(&self) -> Result<(), TrainError> {
        let mut start = 0.0;
        for (end, ..) in self.phases() {
            if end == start {
                let Self { pct_start, total_steps, three_phase, .. } = self;
                let phases = if *three_phase { ", three_phase" } else { "" };
                return Err(TrainError::OutOfDomain {
                    unit: Self::NAME,
                    option: "pct_start",
                    expected: "a part of total_steps that leaves each phase at least a step of its own",
                    found: format!(
                        "{pct_start} of {total_steps} steps{phases}, with a phase from step {start} to step {end}"
                    ),
                });
            }
            start = end;
        }
        Ok(())
    }

    /// The ends of the phase that a step is in, and the part of the way between them.
    #[track_caller]
    fn phase(&self, step: u64) -> (End, End, f64) {
        let total = self.total_steps;
        assert!(step <= total, "OneCycleLR: step {step} of {total} steps; raise total_steps");
        let (step, phases) = (step as f64, self.phases());
        let index = phases.iter().position(|&(end, ..)| step <= end).unwrap_or(phases.len() - 1);
        let start = if index == 0 { 0.0 } else { phases[index - 1].0 };
        let (end, from, to) = phases[index];
        (from, to, (step - start) / (end - start))
    }

    fn anneal(&self, from: f64, to: f64, part: f64) -> f64 {
        match self.anneal_strategy {
            AnnealStrategy::Cos => to + (from - to) / 2.0 * ((PI * part).cos() + 1.0),
            AnnealStrategy::Linear => (to - from) * part + from,
        }
    }
}

impl Rate for OneCycleLr {
    const NAME: &'static str = "OneCycleLR";

    fn prepare(&self, groups: &mut dyn Groups) -> Result<(), TrainError> {
        let domain = Domain(Self::NAME);
        domain.require(self.total_steps > 0, "total_steps", "a number from 1 on", self.total_steps)?;
        let part = (0.0..=1.0).contains(&self.pct_start);
        domain.require(part, "pct_start", "a number in [0, 1]", self.pct_start)?;
        self.check_phases()?;
        self.max_lr.check(Self::NAME, "max_lr", groups)?;
        for (option, factor) in [("div_factor", self.div_factor), ("final_div_factor", self.final_div_factor)]
        {
            domain.require(factor != 0.0 && factor.is_finite(), option, "a finite number but 0", factor)?;
        }
        for group in 0..groups.group_count() {
            let initial = self.max_lr.of(group) / self.div_factor;
            domain.finite("max_lr / div_factor", initial)?;
            let min = initial / self.final_div_factor;
            domain.finite("max_lr / div_factor / final_div_factor", min)?;
            // The last step lies behind the end of its phase.
            let (.., part) = self.phase(self.total_steps);
            for from in [initial, self.max_lr.of(group)] {
                domain.finite("the last learning rate", self.anneal(from, min, part))?;
            }
        }
        if self.cycle_momentum {
            begin_cycle(Self::NAME, &self.base_momentum, &self.max_momentum, groups)?;
        }
        for group in 0..groups.group_count() {
            let max = self.max_lr.of(group);
            let initial = max / self.div_factor;
            let values = groups.schedule_values(group);
            values.insert("initial_lr".to_owned(), initial);
            values.insert("max_lr".to_owned(), max);
            values.insert("min_lr".to_owned(), initial / self.final_div_factor);
        }
        Ok(())
    }

    fn python_options(&self, _: &Progress) -> Vec<(&'static str, Python)> {
        let phase = |(end, from, to): (f64, End, End)| {
            let lr = |end| match end {
                End::Initial => "initial_lr",
                End::Max => "max_lr",
                End::Min => "min_lr",
            };
            let momentum = |end| if matches!(end, End::Max) { "base_momentum" } else { "max_momentum" };
            let text = |text: &str| Python::Text(text.to_owned());
            Python::dict([
                ("end_step", Python::Float(end)),
                ("start_lr", text(lr(from))),
                ("end_lr", text(lr(to))),
                ("start_momentum", text(momentum(from))),
                ("end_momentum", text(momentum(to))),
            ])
        };
        let strategy = self.anneal_strategy.name();
        vec![
            ("total_steps", int(self.total_steps)),
            ("_schedule_phases", Python::List(self.phases().into_iter().map(phase).collect())),
            ("_anneal_func_type", Python::Text(strategy.to_owned())),
            ("cycle_momentum", Python::Bool(self.cycle_momentum)),
        ]
    }

    fn lr(&self, at: &At) -> f64 {
        let (from, to, part) = self.phase(at.epoch);
        let max = self.max_lr.of(at.group);
        let initial = max / self.div_factor;
        let lr = |end| match end {
            End::Initial => at.value("initial_lr", initial),
            End::Max => at.value("max_lr", max),
            End::Min => at.value("min_lr", initial / self.final_div_factor),
        };
        self.anneal(lr(from), lr(to), part)
    }

    fn end(&self) -> Option<u64> {
        Some(self.total_steps)
    }

    fn momentum(&self, at: &At) -> Option<f64> {
        let (from, to, part) = self.phase(at.epoch);
        let momentum = |end| match end {
            End::Max => at.value("base_momentum", self.base_momentum.of(at.group)),
            End::Initial | End::Min => at.value("max_momentum", self.max_momentum.of(at.group)),
        };
        self.cycle_momentum.then(|| self.anneal(momentum(from), momentum(to), part))
    }
}
