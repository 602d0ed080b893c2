use std::ops::ControlFlow;

use selvedge_nn::{BatchNorm1d, Dropout, Flatten, Forward, Linear, ModuleExt, Sequential};
use selvedge_train::trainer::{Event, Every, FitOptions, Training, fit};
use selvedge_train::{Adam, AveragedModel, Averaging, CrossEntropyLoss, Optimizer, TrainError};
use tch::Tensor;

use super::{loader, network, plain, seeded, weights};

#[test]
fn averages_follow_the_parameters_and_are_what_is_evaluated() {
    let _guard = seeded();
    let (train, validation) = (loader(40, 8), loader(20, 20));
    let (model, loss) = (network(), CrossEntropyLoss::default());
    let copy: Box<dyn Forward> = Box::new(network());
    copy.load_state_dict(&model.state_dict()).unwrap();
    let mut optimizer = Optimizer::new(model.parameters(), Adam { lr: 0.1, ..Adam::default() }).unwrap();
    let mut training = Training::new(&model, &loss, &mut optimizer, &train);
    training.validation = Some(&validation);
    training.averaged = Some(AveragedModel::new(copy, &model, Averaging::Ema { decay: 0.5 }).unwrap());
    let mut expected: Vec<f32> = Vec::new();
    let mut observer = |event: &Event<'_>, training: &Training<'_>| {
        if let Event::Stepped { .. } = event {
            let now = weights(training.model);
            match expected.is_empty() {
                true => expected = now,
                false => expected.iter_mut().zip(now).for_each(|(mean, now)| *mean = 0.5 * *mean + 0.5 * now),
            }
        }
        Ok::<_, TrainError>(ControlFlow::Continue(()))
    };
    fit(&mut training, &plain(), &mut observer).unwrap();
    let found = weights(training.evaluated());
    assert!(found.iter().zip(&expected).all(|(found, expected)| (found - expected).abs() < 1e-6));
    assert_ne!(found, weights(&model));
}

fn normalised() -> Sequential {
    let hidden = Sequential::new().then(Flatten::default()).then(Linear::new(4, 8));
    hidden.then(BatchNorm1d::new(8)).then(Dropout::new(0.2)).then(Linear::new(8, 2))
}

/// Trains averages beside a network, and gives both with the evaluations.
fn averaged(options: &FitOptions) -> (Vec<f32>, Vec<(String, Tensor)>, Vec<f64>) {
    tch::manual_seed(3);
    let (train, validation) = (loader(40, 8), loader(20, 20));
    let (model, loss) = (normalised(), CrossEntropyLoss::default());
    let copy: Box<dyn Forward> = Box::new(normalised());
    let mut optimizer = Optimizer::new(model.parameters(), Adam { lr: 0.1, ..Adam::default() }).unwrap();
    let mut training = Training::new(&model, &loss, &mut optimizer, &train);
    training.validation = Some(&validation);
    training.averaged = Some(AveragedModel::new(copy, &model, Averaging::Swa).unwrap());
    let mut losses = Vec::new();
    let mut observer = |event: &Event<'_>, _: &Training<'_>| {
        if let Event::Evaluated { evaluation, .. } = event {
            losses.push(evaluation.loss);
        }
        Ok::<_, TrainError>(ControlFlow::Continue(()))
    };
    fit(&mut training, options, &mut observer).unwrap();
    let buffers = training.evaluated().named_buffers();
    (weights(&model), buffers.into_iter().map(|(name, buffer)| (name, buffer.copy())).collect(), losses)
}

/// The statistics are those of the averages, at an epoch's end and where a limit ends the training within one, and the
/// training itself does not notice.
#[test]
fn batch_normalisations_of_averages_have_statistics_of_their_own() {
    let _guard = seeded();
    let options = |average_update_bn, max_steps| FitOptions { average_update_bn, max_steps, ..plain() };
    for (max_steps, epoch) in [(None, 1), (Some(7), 1)] {
        let (trained, found, losses) = averaged(&options(true, max_steps));
        let (untouched, other, other_losses) = averaged(&options(false, max_steps));
        assert_eq!(trained, untouched, "the passes have drawn from the generator");
        assert_ne!(found, other);
        assert_ne!(losses, other_losses);
        let (mean, batches) = (&found[0], &found[2]);
        assert_eq!((mean.0.as_str(), batches.0.as_str()), ("2.running_mean", "2.num_batches_tracked"));
        assert_eq!(batches.1.int64_value(&[]), 5, "one pass over the training images, of epoch {epoch}");
    }
}

/// Before something goes into them, the averages are no model to look at.
#[test]
fn averages_are_evaluated_once_there_are_some() {
    let _guard = seeded();
    let (train, validation) = (loader(40, 8), loader(20, 20));
    let (model, loss) = (network(), CrossEntropyLoss::default());
    let mut optimizer = Optimizer::new(model.parameters(), Adam { lr: 0.1, ..Adam::default() }).unwrap();
    let mut training = Training::new(&model, &loss, &mut optimizer, &train);
    training.validation = Some(&validation);
    training.averaged =
        Some(AveragedModel::new(Box::new(network()) as Box<dyn Forward>, &model, Averaging::Swa).unwrap());
    let mut same = Vec::new();
    let mut observer = |event: &Event<'_>, training: &Training<'_>| {
        if let Event::EpochEnded { .. } = event {
            same.push(weights(training.evaluated()) == weights(training.model));
        }
        Ok::<_, TrainError>(ControlFlow::Continue(()))
    };
    let options = FitOptions { epochs: 3, average_from: 1, average_every: Every::Epoch, ..plain() };
    fit(&mut training, &options, &mut observer).unwrap();
    // The first model that goes in is copied.
    assert_eq!(same, [true, true, false]);
}
