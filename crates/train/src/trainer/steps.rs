use selvedge_data::Batch;
use selvedge_nn::plan::Refusal;
use selvedge_torch::TorchError;
use serde::{Deserialize, Serialize};
use tch::Tensor;

use super::eager::Eager;
use super::{FitOptions, MixedPrecision, Mixing, Training};
use crate::{Accumulation, CompiledStep, TrainError};

/// Whether [`fit`](super::fit) compiles its steps.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Compile {
    /// Where it can, which [`Event::StepsChosen`](super::Event::StepsChosen) tells. The results are the same but for rounding.
    #[default]
    Auto,
    /// Not.
    Off,
}

/// Makes the steps of a training: [compiled](CompiledStep), or one operation of libtorch after the other.
#[derive(Debug)]
pub(super) struct Steps<'a> {
    options: &'a FitOptions,
    eager: Eager<'a>,
    compiled: Option<CompiledStep>,
    chosen: bool,
    /// Whether it was told what came of recording them.
    told: bool,
}

impl<'a> Steps<'a> {
    pub(super) fn new(training: &Training<'_>, options: &'a FitOptions) -> Self {
        let chosen = options.compile == Compile::Off;
        Self { options, eager: Eager::new(training, options), compiled: None, chosen, told: false }
    }

    /// Compiles the steps for batches like this first one, where that is wanted and possible. What came of it, once.
    pub(super) fn choose(
        &mut self,
        training: &mut Training<'_>,
        group: &[(Batch, f64)],
    ) -> Option<Result<(), Refusal>> {
        if std::mem::replace(&mut self.chosen, true) {
            return None;
        }
        Some(self.compile(training, group).map(|compiled| self.compiled = Some(compiled)))
    }

    /// What came of [recording](CompiledStep::recorded) the compiled steps, once.
    pub(super) fn recorded(&mut self) -> Option<Result<(), &TorchError>> {
        let outcome = self.compiled.as_ref()?.recorded()?;
        (!std::mem::replace(&mut self.told, true)).then_some(outcome)
    }

    fn compile(&self, training: &mut Training<'_>, group: &[(Batch, f64)]) -> Result<CompiledStep, Refusal> {
        if let Some(refusal) = refusal(self.options) {
            return Err(refusal);
        }
        let Some((batch, _)) = group.first() else { unreachable!("a group has a batch") };
        let Training { model, loss, optimizer, .. } = training;
        CompiledStep::new(*model, *loss, *optimizer, &batch.images, &batch.labels)
    }

    /// Updates the parameters by the batches of a group, and gives their mean loss.
    #[track_caller]
    pub(super) fn step(
        &mut self,
        training: &mut Training<'_>,
        group: &[(Batch, f64)],
    ) -> Result<Tensor, TrainError> {
        let Some(compiled) = &mut self.compiled else { return self.eager.step(training, group) };
        let [(batch, _)] = group else { unreachable!("accumulation is refused") };
        let loss = compiled.step(training.optimizer, &batch.images, &batch.labels);
        // Handles of what every step writes into, so they are taken once.
        if training.gradients.is_empty() {
            let handles = |(parameter, gradient): &(Tensor, Tensor)| {
                (parameter.shallow_clone(), gradient.shallow_clone())
            };
            training.gradients = compiled.gradients().iter().map(handles).collect();
        }
        Ok(loss)
    }
}

/// Why steps with these options are not compiled, whatever they train.
pub(super) fn refusal(options: &FitOptions) -> Option<Refusal> {
    // What changes the gradients, or looks at the values within the network.
    let ordinary = [
        ("accumulation", options.accumulation != Accumulation::default()),
        ("clip_norm", options.clip_norm.is_some()),
        ("clip_value", options.clip_value.is_some()),
        ("precision", options.precision != MixedPrecision::default()),
        ("nan_guard", options.nan_guard.is_some()),
        ("mixing", options.mixing != Mixing::default()),
    ];
    let option = ordinary.iter().find(|(_, set)| *set);
    option.map(|(option, _)| Refusal::new(*option, "it needs the ordinary step"))
}
