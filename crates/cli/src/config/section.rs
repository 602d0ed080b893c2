use serde_json::{Map, Value};

use crate::unit::{LossUnit, OptimizerUnit, ScheduleUnit};

/// What stands at a place of the configuration, which decides what may be written there.
pub(super) enum Section {
    /// Keys, each with a value of its own.
    Keys,
    /// A unit by its name, with a sample of each kind.
    Unit { kind: &'static str, samples: Vec<Map<String, Value>> },
}

impl Section {
    /// The section at a path such as `data.transform`.
    pub(super) fn at(path: &str) -> Self {
        match path {
            "loss" => Self::unit("loss", LossUnit::samples()),
            "optimizer" => Self::unit("optimizer", OptimizerUnit::samples()),
            "schedule" => Self::unit("schedule", ScheduleUnit::samples()),
            _ => Self::Keys,
        }
    }

    fn unit(kind: &'static str, samples: Vec<impl serde::Serialize>) -> Self {
        let samples = samples.iter().filter_map(|sample| match serde_json::to_value(sample) {
            Ok(Value::Object(sample)) => Some(sample),
            _ => None,
        });
        Self::Unit { kind, samples: samples.collect() }
    }
}
