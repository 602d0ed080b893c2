//! How a training may end that did not fail.

use std::process::ExitCode;

use clap::Args;
use selvedge_console::report_line;
use selvedge_report::Epoch;
use selvedge_train::TrainError;
use selvedge_train::trainer::Position;

/// The exit status of a training whose loss is not finite.
pub(crate) const NOT_FINITE: u8 = 3;

/// What a training is to make of its last loss.
#[derive(Debug, Clone, Copy, Default, Args)]
pub(crate) struct Ending {
    /// Exit with status 3 when the training ends with a loss that is NaN or infinite; fit.nan_guard ends it at the first
    #[arg(long)]
    fail_on_nan: bool,
}

impl Ending {
    /// Warns of a last loss that is not finite, and returns the exit status of the training.
    pub(crate) fn judge(self, last: Option<&Epoch>, position: &Position) -> ExitCode {
        let measured = last.map(|row| (row.train_loss, row.measured.loss()));
        let lost = match measured {
            // The updates after the last whole epoch.
            _ if !position.running_loss.is_finite() => {
                format!("the training loss is {} at step {}", position.running_loss, position.step)
            }
            Some((loss, _)) if !loss.is_finite() => format!("the training loss of the last epoch is {loss}"),
            Some((_, loss)) if !loss.is_finite() => {
                format!("the loss on the images that are held out is {loss}")
            }
            _ => return ExitCode::SUCCESS,
        };
        report_line(format_args!(
            "warning: {lost}, so the model is of no use: a lower learning rate or fit.clip_norm may help, and \
             `--set fit.nan_guard.every=1` ends a training at the first such step and says where it comes from"
        ));
        if self.fail_on_nan { ExitCode::from(NOT_FINITE) } else { ExitCode::SUCCESS }
    }
}

/// Whether a training was ended by `fit.nan_guard`, or by a norm of the gradients that is not finite.
pub(crate) fn is_not_finite(error: &anyhow::Error) -> bool {
    let error = error.downcast_ref::<TrainError>();
    matches!(error, Some(TrainError::NonFiniteLoss { .. } | TrainError::NonFiniteNorm { .. }))
}
