//! What every command that computes needs first: the device, the threads, the data.

use std::collections::BTreeMap;

use anyhow::{Context, Result};
use selvedge_data::{
    Compose, Dataset, Error, ImageBytes, Loader, LoaderOptions, Split, Subset, stratified_split,
};
use selvedge_report::HeldOut;
use selvedge_torch::DeviceChoice;
use selvedge_train::trainer::{self, FitOptions, Training};
use serde_json::json;
use tch::Device;

use crate::config::{Config, Data, Invalid};
use crate::output::Output;
use crate::progress::Downloads;
use crate::unit::Learnt;

/// Classes of each dataset.
pub(crate) const CLASSES: i64 = 10;

/// Resolves the device, and sets how libtorch computes, its threads and its seed.
pub(crate) fn prepare(config: &Config) -> Result<Device> {
    config.backend.apply()?;
    if let Some(threads) = config.threads {
        tch::set_num_threads(i32::try_from(threads).context("too many threads")?);
    }
    let device = config.device.parse::<DeviceChoice>()?.resolve()?;
    tch::manual_seed(config.seed.into());
    Ok(device)
}

/// Sets the fastest number of threads for a network, says what each took, and returns it; nothing where there is no
/// choice.
pub(crate) fn choose_threads(
    training: &Training<'_>,
    options: &FitOptions,
    output: Output,
) -> Result<Option<usize>> {
    let Some(times) = trainer::choose_threads(training, options)? else { return Ok(None) };
    let threads = usize::try_from(times.fastest())?;
    let milliseconds: BTreeMap<_, _> =
        times.times.iter().map(|(threads, time)| (threads.to_string(), time.as_secs_f64() * 1e3)).collect();
    output.say(
        format_args!("the fastest number of threads is {threads}: forward and backward take {times}"),
        || json!({ "threads": threads, "milliseconds": milliseconds }),
    );
    Ok(Some(threads))
}

/// Reads a split. Where it is nowhere yet, it is fetched into the cache; a folder of the user's is read as it is.
pub(crate) fn images(data: &Data, split: Split) -> Result<ImageBytes> {
    match data.source.load(split, data.folder.as_deref()) {
        // Whether all is there and right is what loading has found out: to ask before would read it twice.
        Err(Error::NotFound { .. }) if data.folder.is_none() => {
            data.source.fetch(None, &Downloads::new())?;
            Ok(data.source.load(split, None)?)
        }
        loaded => Ok(loaded?),
    }
}

/// The images that a run learns from, and those that it is measured with after each epoch.
pub(crate) struct Splits {
    pub(crate) train: Loader,
    pub(crate) held_out: Loader,
    /// Which images these are.
    pub(crate) measured: HeldOut,
}

impl Splits {
    /// The training set, in the order of the sampler, and the test set, or what is held back of the training set.
    pub(crate) fn load(config: &Config, device: Device) -> Result<Self> {
        let images = images(&config.data, Split::Train)?;
        match config.data.limit.filter(|limit| *limit < images.len()) {
            None => Self::of(config, images, device),
            Some(limit) => Self::of(config, Subset::new(images, (0..limit).collect())?, device),
        }
    }

    fn of(config: &Config, images: impl Dataset + 'static, device: Device) -> Result<Self> {
        if config.data.validation == 0.0 {
            let numbers: Vec<usize> = (0..images.len()).collect();
            let train = train_loader(config, images, &numbers, numbers.len(), device)?;
            return Ok(Self { train, held_out: test_loader(config, device)?, measured: HeldOut::Test });
        }
        let (of, share) = (images.len(), config.data.validation);
        let mut parts = stratified_split(images, &[1.0 - share, share], config.seed.into())?.into_iter();
        let (Some(train), Some(held_out)) = (parts.next(), parts.next()) else {
            unreachable!("a split of two shares has two parts")
        };
        let numbers = train.indices().to_vec();
        Ok(Self {
            train: train_loader(config, train, &numbers, of, device)?,
            held_out: measuring_loader(config, held_out, device)?,
            measured: HeldOut::Validation,
        })
    }
}

/// The images to learn from, whose numbers among the images `of` the training set are given.
fn train_loader(
    config: &Config,
    images: impl Dataset + 'static,
    numbers: &[usize],
    of: usize,
    device: Device,
) -> Result<Loader> {
    let (data, seed) = (&config.data, config.seed.into());
    let sampler =
        data.sampler.build(&Learnt { images: &images, numbers, of }, seed).map_err(Invalid::from)?;
    let steps = [&data.augment, &data.transform].into_iter().flat_map(|chain| &chain.transforms);
    let options = LoaderOptions {
        batch_size: data.batch_size,
        seed,
        drop_last: data.drop_last,
        transform: Compose::new(steps.cloned().collect::<Vec<_>>()),
        num_workers: data.num_workers,
        prefetch_factor: data.prefetch_factor,
        device,
        pin_memory: data.pin_memory,
        resident: data.resident,
        ..LoaderOptions::default()
    };
    Ok(Loader::with_sampler(images, sampler, options)?)
}

/// The test set, in order.
pub(crate) fn test_loader(config: &Config, device: Device) -> Result<Loader> {
    measuring_loader(config, images(&config.data, Split::Test)?, device)
}

/// Images in order, in batches as large as pays.
fn measuring_loader(config: &Config, images: impl Dataset + 'static, device: Device) -> Result<Loader> {
    let transform = config.data.transform.clone();
    let batch_size = config.data.measuring_batch_size;
    let options = LoaderOptions { batch_size, transform, device, ..LoaderOptions::default() };
    Ok(Loader::new(images, options)?)
}

/// The device as `--device` takes it.
pub(crate) fn device_name(device: Device) -> String {
    match device {
        Device::Cuda(number) => format!("cuda:{number}"),
        Device::Cpu => "cpu".to_owned(),
        Device::Mps => "mps".to_owned(),
        Device::Vulkan => "vulkan".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use selvedge_torch::{
        Algorithms, Determinism, MatmulPrecision, Precision, flush_denormals, flushes_denormals,
    };

    use super::*;
    use crate::config::Backend;

    fn now() -> Backend {
        Backend {
            determinism: Determinism::current().unwrap(),
            precision: Precision::current().unwrap(),
            flush_denormal: flushes_denormals(),
        }
    }

    /// One test, since the settings are those of the process.
    #[test]
    fn the_settings_of_a_run_are_those_of_the_process() {
        let pytorchs = Backend { flush_denormal: false, ..Backend::default() };
        assert_eq!(now(), pytorchs);
        let has_setting = flush_denormals(true);
        let asked = Backend {
            determinism: Determinism { algorithms: Algorithms::WarnOnly, cudnn: true, cudnn_benchmark: true },
            precision: Precision { float32_matmul: MatmulPrecision::High, cudnn_tf32: false },
            flush_denormal: has_setting,
        };
        for backend in [asked, pytorchs, Backend { flush_denormal: has_setting, ..Backend::default() }] {
            prepare(&Config { device: "cpu".to_owned(), backend, ..Config::default() }).unwrap();
            assert_eq!(now(), backend);
        }
    }
}
