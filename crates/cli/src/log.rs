//! What is written down and printed of each epoch.

use anyhow::Result;
use selvedge_report::{Epoch, HeldOut, Measured};
use selvedge_train::trainer::{Best, Evaluation, JsonLines, Training};
use serde_json::json;

use crate::config::Config;
use crate::output::Output;
use crate::run::Run;

/// Writes down and prints what an epoch gave.
pub(crate) struct Log<'a> {
    pub(crate) run: &'a Run,
    pub(crate) config: &'a Config,
    pub(crate) output: Output,
    /// What the epochs are measured with.
    pub(crate) measured: HeldOut,
    pub(crate) rows: Vec<Epoch>,
    /// `metrics.jsonl`.
    pub(crate) metrics: JsonLines,
    /// The evaluation of the last row, where this process made it.
    pub(crate) last: Option<Evaluation>,
}

impl Log<'_> {
    pub(crate) fn epoch_ended(
        &mut self,
        training: &Training<'_>,
        epoch: usize,
        train_loss: f64,
        evaluation: &Evaluation,
        seconds: f64,
    ) -> Result<()> {
        let row = Epoch {
            epoch: epoch + 1,
            step: training.step(),
            train_loss,
            measured: Measured::on(self.measured, evaluation.loss, evaluation.accuracy),
            seconds,
        };
        // The model first: a row in the log says that its model is there.
        self.run.save(training.evaluated())?;
        self.metrics.append(&row)?;
        // The checkpoint after it has seen it.
        self.metrics.sync()?;
        let (word, accuracy) = (self.measured.word(), 100.0 * evaluation.accuracy);
        let text = format!(
            "Training loss: {train_loss:.4}   {word} accuracy: {accuracy:.2} %   (epoch {}/{}, {seconds:.1} s)",
            row.epoch, self.config.fit.epochs
        );
        self.output.say(text, || json!(row));
        self.rows.push(row);
        self.last = Some(evaluation.clone());
        Ok(())
    }

    /// Where the models are, and what to look at.
    pub(crate) fn kept(&self, best: Option<Best>) -> String {
        let directory = self.run.directory().display();
        let Some(row) = self.rows.last() else {
            return format!("no epoch was finished; {directory} holds no model yet");
        };
        let last = format!("the model of epoch {} is {directory}/model.safetensors", row.epoch);
        let best = best.map_or_else(String::new, |best| {
            let (epoch, monitor) = (best.epoch + 1, json!(self.config.fit.monitor));
            let monitor = monitor.as_str().unwrap_or_default().replace('_', " ");
            format!(
                ", the best, by its {} {monitor} in epoch {epoch}, best.safetensors beside it",
                self.measured.word()
            )
        });
        format!("{last}{best}; look at {directory}/report.html")
    }
}
