use selvedge_torch::Value as Python;
use serde::{Deserialize, Serialize};

use super::momentum::begin_cycle;
use super::{At, Groups, PerGroup, Progress, Rate};
use crate::TrainError;
use crate::domain::Domain;

/// Goes up and down between two learning rates: `torch.optim.lr_scheduler.CyclicLR`.
///
/// ```text
/// lr = base_lr + (max_lr − base_lr) · height · scale
/// momentum = max_momentum − (max_momentum − base_momentum) · height · scale
/// ```
///
/// `height` rises from 0 to 1 in `step_size_up` steps and falls in `step_size_down`. A step is a batch rather than
/// an epoch.
///
/// Smith, "Cyclical Learning Rates for Training Neural Networks".
///
/// ```
/// use selvedge_train::lr_scheduler::{CyclicLr, Scheduler};
/// use selvedge_train::optim::{Optimizer, Sgd};
///
/// let weight = tch::Tensor::from(1.0f32).set_requires_grad(true);
/// let mut optimizer = Optimizer::new(vec![weight], Sgd { momentum: 0.9, ..Sgd::default() })?;
/// let schedule = CyclicLr { step_size_up: 2, ..CyclicLr::new(0.5, 1.0) };
/// let mut scheduler = Scheduler::new(&mut optimizer, schedule)?;
/// let mut rates = vec![optimizer.lr()];
/// for _ in 0..4 {
///     scheduler.step(&mut optimizer);
///     rates.push(optimizer.lr());
/// }
/// assert_eq!(rates, [0.5, 0.75, 1.0, 0.75, 0.5]);
/// # Ok::<(), selvedge_train::TrainError>(())
/// ```
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CyclicLr {
    /// The lowest learning rate.
    pub base_lr: PerGroup,
    /// The highest learning rate.
    pub max_lr: PerGroup,
    /// The steps of the way up. Default: 2000.
    #[serde(default = "two_thousand")]
    pub step_size_up: u64,
    /// The steps of the way down. Default: `None`, as many as up.
    #[serde(default)]
    pub step_size_down: Option<u64>,
    /// How the cycles change. Default: [`CyclicMode::Triangular`].
    #[serde(default)]
    pub mode: CyclicMode,
    /// The factor of each step in [`CyclicMode::ExpRange`]. Default: 1.
    #[serde(default = "one")]
    pub gamma: f64,
    /// A scale in place of the mode's. Default: `None`.
    #[serde(skip)]
    pub scale_fn: Option<fn(f64) -> f64>,
    /// Whether `scale_fn` is given the number of the cycle, from 1 on, or of the step. Default:
    /// [`ScaleMode::Cycle`].
    #[serde(default)]
    pub scale_mode: ScaleMode,
    /// Whether the momentum, or the first beta, goes the other way. Default: `true`.
    #[serde(default = "yes")]
    pub cycle_momentum: bool,
    /// The lowest momentum. Default: 0.8.
    #[serde(default = "base_momentum")]
    pub base_momentum: PerGroup,
    /// The highest momentum. Default: 0.9.
    #[serde(default = "max_momentum")]
    pub max_momentum: PerGroup,
}

/// How the cycles of [`CyclicLr`] change.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CyclicMode {
    /// Not at all.
    #[default]
    Triangular,
    /// Each is half as high.
    Triangular2,
    /// Each step is lower by the factor `gamma`.
    ExpRange,
}

/// What the scale of [`CyclicLr`] is a function of.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ScaleMode {
    /// The cycle, from 1 on.
    #[default]
    Cycle,
    /// The step, from 0 on.
    Iterations,
}

fn two_thousand() -> u64 {
    2000
}

fn one() -> f64 {
    1.0
}

fn yes() -> bool {
    true
}

fn base_momentum() -> PerGroup {
    PerGroup::All(0.8)
}

fn max_momentum() -> PerGroup {
    PerGroup::All(0.9)
}

impl CyclicLr {
    /// PyTorch's defaults for the rest.
    pub fn new(base_lr: impl Into<PerGroup>, max_lr: impl Into<PerGroup>) -> Self {
        Self {
            base_lr: base_lr.into(),
            max_lr: max_lr.into(),
            step_size_up: two_thousand(),
            step_size_down: None,
            mode: CyclicMode::default(),
            gamma: one(),
            scale_fn: None,
            scale_mode: ScaleMode::default(),
            cycle_momentum: yes(),
            base_momentum: base_momentum(),
            max_momentum: max_momentum(),
        }
    }

    fn size_down(&self) -> u64 {
        self.step_size_down.unwrap_or(self.step_size_up)
    }

    /// The height between the ends, scaled.
    fn height(&self, step: u64) -> f64 {
        let (step, up) = (step as f64, self.step_size_up as f64);
        let total = up + self.size_down() as f64;
        let ratio = up / total;
        let cycle = (1.0 + step / total).floor();
        let along = 1.0 + step / total - cycle;
        let height = if along <= ratio { along / ratio } else { (along - 1.0) / (ratio - 1.0) };
        let scale = match (self.scale_fn, self.mode) {
            (Some(scale), _) if self.scale_mode == ScaleMode::Cycle => scale(cycle),
            (Some(scale), _) => scale(step),
            (None, CyclicMode::Triangular) => 1.0,
            (None, CyclicMode::Triangular2) => 1.0 / 2.0_f64.powf(cycle - 1.0),
            (None, CyclicMode::ExpRange) => self.gamma.powf(step),
        };
        height * scale
    }
}

impl Rate for CyclicLr {
    const NAME: &'static str = "CyclicLR";

    fn prepare(&self, groups: &mut dyn Groups) -> Result<(), TrainError> {
        let domain = Domain(Self::NAME);
        domain.require(self.step_size_up > 0, "step_size_up", "a number from 1 on", self.step_size_up)?;
        let down = self.size_down();
        domain.require(down > 0, "step_size_down", "a number from 1 on", down)?;
        domain.finite("gamma", self.gamma)?;
        self.base_lr.check(Self::NAME, "base_lr", groups)?;
        self.max_lr.check(Self::NAME, "max_lr", groups)?;
        if self.cycle_momentum {
            begin_cycle(Self::NAME, &self.base_momentum, &self.max_momentum, groups)?;
        }
        for group in 0..groups.group_count() {
            groups.set_group_lr(group, self.base_lr.of(group));
        }
        Ok(())
    }

    fn python_options(&self, progress: &Progress) -> Vec<(&'static str, Python)> {
        let groups = progress.base_lrs.len();
        let (up, down) = (self.step_size_up as f64, self.size_down() as f64);
        let (mode, scale) = match (self.scale_fn, self.mode, self.scale_mode) {
            (None, CyclicMode::ExpRange, _) => ("exp_range", "iterations"),
            (None, CyclicMode::Triangular, _) => ("triangular", "cycle"),
            (None, CyclicMode::Triangular2, _) => ("triangular2", "cycle"),
            (Some(_), mode, scale) => (
                match mode {
                    CyclicMode::Triangular => "triangular",
                    CyclicMode::Triangular2 => "triangular2",
                    CyclicMode::ExpRange => "exp_range",
                },
                if scale == ScaleMode::Cycle { "cycle" } else { "iterations" },
            ),
        };
        let mut options = vec![
            ("max_lrs", self.max_lr.to_python(groups)),
            ("total_size", Python::Float(up + down)),
            ("step_ratio", Python::Float(up / (up + down))),
            ("mode", Python::Text(mode.to_owned())),
            ("gamma", Python::Float(self.gamma)),
            ("scale_mode", Python::Text(scale.to_owned())),
            ("cycle_momentum", Python::Bool(self.cycle_momentum)),
            // PyTorch's load_state_dict takes it out. It is None for functions, which no file holds.
            ("_scale_fn_custom", Python::None),
        ];
        if self.cycle_momentum {
            options.push(("base_momentums", self.base_momentum.to_python(groups)));
            options.push(("max_momentums", self.max_momentum.to_python(groups)));
        }
        options
    }

    fn lr(&self, at: &At) -> f64 {
        at.base_lr + (self.max_lr.of(at.group) - at.base_lr) * self.height(at.epoch)
    }

    fn base_lr(&self, group: usize) -> Option<f64> {
        Some(self.base_lr.of(group))
    }

    fn momentum(&self, at: &At) -> Option<f64> {
        let (base, max) = (self.base_momentum.of(at.group), self.max_momentum.of(at.group));
        self.cycle_momentum.then(|| max - (max - base) * self.height(at.epoch))
    }
}
