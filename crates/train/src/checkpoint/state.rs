use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::GradScaler;
use crate::trainer::{MAX_THREADS, Position};

/// Changes with every change of what is in a checkpoint.
pub(super) const FORMAT: u64 = 3;

/// What a checkpoint holds beside tensors, its `state.json`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct State {
    /// The version of Selvedge that wrote it.
    pub selvedge: String,
    /// The version of libtorch.
    pub libtorch: String,
    /// The threads of libtorch: sums of other numbers of threads are rounded in another order.
    pub threads: i32,
    /// The device, such as `Cpu` or `Cuda(0)`.
    pub device: String,
    /// How far the training has come.
    pub position: Position,
    /// PyTorch's name of the optimizer, or those of several.
    pub optimizer_name: String,
    /// The numbers and options of the optimizer.
    pub optimizer: Value,
    /// PyTorch's name of the schedule, where there is one.
    pub schedule_name: Option<String>,
    /// The state of the schedule.
    pub schedule: Option<Value>,
    /// The scaler of the gradients, where there is one.
    pub scaler: Option<GradScaler>,
    /// What the caller gave, most often its configuration.
    pub config: Value,
}

impl State {
    /// Refuses numbers that no training has, with the key, what was expected and found.
    pub(super) fn check(&self) -> Result<(), String> {
        if !usize::try_from(self.threads).is_ok_and(|threads| (1..=MAX_THREADS).contains(&threads)) {
            return Err(format!("threads is {}, expected a number from 1 to {MAX_THREADS}", self.threads));
        }
        self.position.check()?;
        self.scaler.as_ref().map_or(Ok(()), |scaler| scaler.validate().map_err(|error| error.to_string()))
    }
}
