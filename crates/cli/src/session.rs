//! What every command that computes needs first: the device, the threads, the data.

use anyhow::{Context, Result};
use selvedge_data::{
    Compose, Error, FashionMnist, ImageBytes, Loader, LoaderOptions, Normalize, Split, ToTensor,
};
use selvedge_torch::DeviceChoice;
use tch::Device;

use crate::config::Config;
use crate::progress::Downloads;

/// Kinds of garment.
pub(crate) const CLASSES: i64 = 10;

/// Resolves the device, and sets the threads and the seed of libtorch.
pub(crate) fn prepare(config: &Config) -> Result<Device> {
    if let Some(threads) = config.threads {
        tch::set_num_threads(i32::try_from(threads).context("too many threads")?);
    }
    let device = config.device.parse::<DeviceChoice>()?.resolve()?;
    tch::manual_seed(config.seed.into());
    Ok(device)
}

/// The images as the networks take them: [0, 255] to [-1, 1].
pub(crate) fn transform() -> Compose {
    Compose::new([ToTensor.into(), Normalize::new(&[0.5], &[0.5]).into()])
}

/// Reads a split. Where it is nowhere yet, it is fetched into the cache; a folder of the user's is read as it is.
pub(crate) fn images(config: &Config, split: Split) -> Result<ImageBytes> {
    let images = FashionMnist { split, folder: config.data_dir.clone() };
    match images.load() {
        // Whether all is there and right is what loading has found out: to ask before would read it twice.
        Err(Error::NotFound { .. }) if config.data_dir.is_none() => {
            images.fetch(&Downloads::new())?;
            Ok(images.load()?)
        }
        loaded => Ok(loaded?),
    }
}

/// The training set, shuffled.
pub(crate) fn train_loader(config: &Config, device: Device) -> Result<Loader> {
    let options = LoaderOptions {
        batch_size: config.batch_size,
        shuffle: true,
        seed: config.seed.into(),
        transform: transform(),
        device,
        ..LoaderOptions::default()
    };
    Ok(Loader::new(images(config, Split::Train)?, options)?)
}

/// The test set, in order.
pub(crate) fn test_loader(config: &Config, device: Device) -> Result<Loader> {
    let options =
        LoaderOptions { batch_size: 1000, transform: transform(), device, ..LoaderOptions::default() };
    Ok(Loader::new(images(config, Split::Test)?, options)?)
}
