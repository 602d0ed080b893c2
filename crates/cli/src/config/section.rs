use selvedge_data::{CutMix, MixUp};
use selvedge_train::NanGuard;
use selvedge_train::clip::{ClipGradientNorm, ClipGradientValue};
use selvedge_train::trainer::EarlyStopping;
use serde::Serialize;
use serde_json::{Map, Value};

use super::logs::{Predictions, Statistics};
use crate::unit::{LossUnit, OptimizerUnit, SamplerUnit, ScheduleUnit};

/// What stands at a place of the configuration, which decides what may be written there.
pub(super) enum Section {
    /// Keys, each with a value of its own.
    Keys,
    /// The same where there may be nothing, with a sample that shows the keys.
    Optional { sample: Map<String, Value> },
    /// A unit by its name, with a sample of each kind.
    Unit { kind: &'static str, samples: Vec<Map<String, Value>> },
}

impl Section {
    /// The section at a path such as `data.transform`.
    pub(super) fn at(path: &str) -> Self {
        match path {
            "data.sampler" => Self::unit("sampler", SamplerUnit::samples()),
            "loss" => Self::unit("loss", LossUnit::samples()),
            "optimizer" => Self::unit("optimizer", OptimizerUnit::samples()),
            "schedule" => Self::unit("schedule", ScheduleUnit::samples()),
            "fit.clip_norm" => Self::optional(ClipGradientNorm::default()),
            "fit.clip_value" => Self::optional(ClipGradientValue::default()),
            "fit.nan_guard" => Self::optional(NanGuard::default()),
            "fit.early_stopping" => Self::optional(EarlyStopping::default()),
            "fit.mixing.mix_up" => Self::optional(MixUp::default()),
            "fit.mixing.cut_mix" => Self::optional(CutMix::default()),
            "logs.statistics" => Self::optional(Statistics::default()),
            "logs.predictions" => Self::optional(Predictions::default()),
            _ => Self::Keys,
        }
    }

    fn optional(sample: impl Serialize) -> Self {
        match serde_json::to_value(sample) {
            Ok(Value::Object(sample)) => Self::Optional { sample },
            _ => Self::Keys,
        }
    }

    fn unit(kind: &'static str, samples: Vec<impl Serialize>) -> Self {
        let samples = samples.iter().filter_map(|sample| match serde_json::to_value(sample) {
            Ok(Value::Object(sample)) => Some(sample),
            _ => None,
        });
        Self::Unit { kind, samples: samples.collect() }
    }
}
