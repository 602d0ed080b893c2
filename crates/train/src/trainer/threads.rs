use std::fmt;
use std::time::{Duration, Instant};

use selvedge_data::Batch;
use selvedge_nn::plan::{Chain, Refusal};
use selvedge_nn::{Forward, Mode, ModuleExt};
use selvedge_torch::clear_gradient;
use tch::{Device, Tensor};

use super::{Compile, FitOptions, Training, steps};
use crate::compiled_step::Pass;
use crate::{Loss, TrainError, generators};

/// The largest number of threads that a checkpoint or a configuration may name. More end the process where the system gives
/// it no more, in libtorch's pool, which cannot return an error.
pub const MAX_THREADS: usize = 1024;

/// After this no further round of measurements begins.
const PATIENCE: Duration = Duration::from_millis(80);

/// Steps that are timed together, after one that wakes the threads up.
const STEPS: u32 = 3;

const MOST_ROUNDS: usize = 7;

/// What a step takes with each number of threads that was tried, which [`choose_threads`] measured.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ThreadTimes {
    /// The numbers of threads, ascending, each with the time of a forward and a backward.
    pub times: Vec<(i32, Duration)>,
}

impl ThreadTimes {
    /// The number of threads with the shortest time.
    #[must_use]
    pub fn fastest(&self) -> i32 {
        self.times.iter().min_by_key(|(_, time)| *time).map_or(1, |(threads, _)| *threads)
    }
}

impl fmt::Display for ThreadTimes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, (threads, time)) in self.times.iter().enumerate() {
            let separator = if index == 0 { "" } else { ", " };
            write!(f, "{separator}{:.2} ms with {threads}", time.as_secs_f64() * 1e3)?;
        }
        Ok(())
    }
}

/// Sets libtorch's number of threads to the one that is fastest for this network and its batches: of 1, 2, 4 and so on up to
/// the present number. Small networks are slower on many cores than on few, because the threads wait for each other at
/// every operation.
///
/// It takes a few forwards and backwards, compiled where [`fit`](super::fit) would compile them, for about a tenth of a
/// second, and leaves the network, its buffers and libtorch's generator as they were. On a GPU, and where there is one
/// thread or no image, it does nothing: `None`.
///
/// A sum may be rounded differently with another number of threads. To repeat a training, repeat its threads.
///
/// # Errors
///
/// When the first batch can not be loaded, or libtorch does not give the state of its generator.
///
/// # Panics
///
/// When the network does not take the images, or the loss the labels.
///
/// ```
/// use selvedge_data::{ImageBytes, Loader, LoaderOptions, Shape};
/// use selvedge_nn::{Flatten, Linear, ModuleExt, Sequential};
/// use selvedge_train::trainer::{FitOptions, Training, choose_threads};
/// use selvedge_train::{Adam, CrossEntropyLoss, Optimizer};
///
/// let images = ImageBytes::new(Shape::new(1, 1, 2), vec![0, 255, 255, 0], vec![0, 1], vec![])?;
/// let loader = Loader::new(images, LoaderOptions { batch_size: 2, ..LoaderOptions::default() })?;
/// let model = Sequential::new().then(Flatten::default()).then(Linear::new(2, 2));
/// let mut optimizer = Optimizer::new(model.parameters(), Adam::default())?;
/// let loss = CrossEntropyLoss::default();
/// let training = Training::new(&model, &loss, &mut optimizer, &loader);
/// if let Some(times) = choose_threads(&training, &FitOptions::default())? {
///     assert_eq!(tch::get_num_threads(), times.fastest());
///     println!("{times}");
/// }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[track_caller]
pub fn choose_threads(
    training: &Training<'_>,
    options: &FitOptions,
) -> Result<Option<ThreadTimes>, TrainError> {
    let &Training { model, loss, train, .. } = training;
    let candidates = candidates(tch::get_num_threads());
    if train.device() != Device::Cpu || candidates.len() < 2 {
        return Ok(None);
    }
    let Some(batch) = train.epoch(0).next().transpose()? else { return Ok(None) };
    let ordinary =
        options.compile == Compile::Off || steps::refusal(options).is_some() || training.optimizer.repeats();
    let generators = generators::states(Device::Cpu)?;
    let buffers: Vec<(Tensor, Tensor)> = model
        .named_buffers()
        .into_iter()
        .map(|(_, buffer)| (buffer.shallow_clone(), buffer.copy()))
        .collect();
    let Batch { images, labels } = &batch;
    let steps = candidates.iter().map(|&threads| -> Box<dyn FnMut()> {
        tch::set_num_threads(threads);
        let pass = if ordinary { None } else { planned(model, loss, &batch).ok() };
        match pass {
            Some(mut pass) => Box::new(move || pass.run(images, labels)),
            None => Box::new(|| loss.forward(&model.forward(images, Mode::Train), labels).backward()),
        }
    });
    let times = measure(&candidates, steps.collect());
    for parameter in model.parameters() {
        clear_gradient(&parameter);
    }
    let _no_grad = tch::no_grad_guard();
    for (mut buffer, before) in buffers {
        buffer.copy_(&before);
    }
    generators::restore(&generators, Device::Cpu)?;
    tch::set_num_threads(times.fastest());
    Ok(Some(times))
}

/// The powers of two below the present number, and that number.
fn candidates(present: i32) -> Vec<i32> {
    let powers = std::iter::successors(Some(1), |threads: &i32| threads.checked_mul(2));
    powers.take_while(|&threads| threads < present).chain([present]).collect()
}

/// A forward and a backward, planned for the present number of threads.
fn planned(model: &dyn Forward, loss: &dyn Loss, batch: &Batch) -> Result<Pass, Refusal> {
    let parameters = model.parameters().into_iter().filter(Tensor::requires_grad);
    let gradients: Vec<_> =
        parameters.map(|parameter| (parameter.shallow_clone(), parameter.detach().zeros_like())).collect();
    Pass::new(&Chain::of(model)?, &*loss.plan()?, &gradients, &batch.images, &batch.labels)
}

/// The median of each candidate's times, measured in turns, so that what slows the machine down for a while slows all
/// of them.
fn measure(candidates: &[i32], mut steps: Vec<Box<dyn FnMut() + '_>>) -> ThreadTimes {
    let began = Instant::now();
    let mut rounds: Vec<Vec<Duration>> = vec![Vec::new(); candidates.len()];
    while rounds[0].is_empty() || (rounds[0].len() < MOST_ROUNDS && began.elapsed() < PATIENCE) {
        for ((&threads, step), times) in candidates.iter().zip(&mut steps).zip(&mut rounds) {
            tch::set_num_threads(threads);
            step();
            let start = Instant::now();
            for _ in 0..STEPS {
                step();
            }
            times.push(start.elapsed() / STEPS);
        }
    }
    let median = |mut times: Vec<Duration>| {
        times.sort_unstable();
        times[times.len() / 2]
    };
    ThreadTimes { times: candidates.iter().copied().zip(rounds.into_iter().map(median)).collect() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_numbers_that_are_tried_end_with_the_present_one() {
        assert_eq!(candidates(1), [1]);
        assert_eq!(candidates(2), [1, 2]);
        assert_eq!(candidates(6), [1, 2, 4, 6]);
        assert_eq!(candidates(8), [1, 2, 4, 8]);
    }

    #[test]
    fn the_fastest_is_the_one_with_the_shortest_time() {
        let time = Duration::from_micros;
        let times = ThreadTimes { times: vec![(1, time(900)), (2, time(700)), (4, time(1200))] };
        assert_eq!(times.fastest(), 2);
        assert_eq!(times.to_string(), "0.90 ms with 1, 0.70 ms with 2, 1.20 ms with 4");
    }
}
