use std::io::Cursor;
use std::path::PathBuf;

use anyhow::{Context, Result, bail};
use clap::{Args, ValueEnum};
use image::imageops::{FilterType, replace, resize};
use image::{GrayImage, ImageFormat, Luma};
use selvedge_console::{escaped_line, print_line};
use selvedge_data::{
    Apply, Compose, Dataset, Draws, Pixels, RandomSampler, Sampler, Split, ToTensor, Transform,
};
use tch::{Kind, Tensor};

use super::Place;
use crate::config::Data;
use crate::session;

/// How much larger than their pixels the images are drawn, and the pixels between them.
const SCALE: u32 = 2;
const GAP: u32 = 4;

/// A [`Split`], to choose.
#[derive(Debug, Clone, Copy, ValueEnum)]
enum Part {
    Train,
    Test,
}

/// Draw images of a dataset, augmented or as they are.
#[derive(Debug, Args)]
pub(crate) struct Arguments {
    #[command(flatten)]
    place: Place,
    /// Which part
    #[arg(long, value_enum, default_value = "train")]
    split: Part,
    /// Rows of the grid
    #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u16).range(1..=100))]
    rows: u16,
    /// Images in a row
    #[arg(long, default_value_t = 10, value_parser = clap::value_parser!(u16).range(1..=100))]
    columns: u16,
    /// Transforms as JSON, which are drawn anew for each image
    #[arg(long, value_name = "JSON", default_value = "[]")]
    augment: String,
    /// Decides which images, and what random transforms do
    #[arg(long, default_value_t = 0)]
    seed: u64,
    /// The picture
    #[arg(long, value_name = "FILE", default_value = "grid.png")]
    out: PathBuf,
}

/// Draws the images, and prints their classes as they stand.
pub(super) fn run(arguments: &Arguments) -> Result<()> {
    let data =
        Data { source: arguments.place.source, folder: arguments.place.data_dir.clone(), ..Data::default() };
    let split = match arguments.split {
        Part::Train => Split::Train,
        Part::Test => Split::Test,
    };
    let images = session::images(&data, split)?;
    let (rows, columns) = (usize::from(arguments.rows), usize::from(arguments.columns));
    let order = RandomSampler { len: images.len(), seed: arguments.seed };
    let indices: Vec<usize> = order.indices(0).into_iter().take(rows * columns).collect();
    let drawn = augmented(&images, &indices, &arguments.augment, arguments.seed)?;
    let png = grid(&drawn, columns as u32)?;
    selvedge_atomic::write_atomically(&arguments.out, &png)?;

    let names = data.source.class_names();
    for row in indices.chunks(columns) {
        let row: Result<Vec<_>, _> = row.iter().map(|index| images.label(*index)).collect();
        print_line(row?.iter().map(|label| names[*label as usize]).collect::<Vec<_>>().join(", "));
    }
    print_line(format_args!("the picture is {}", escaped_line(arguments.out.display())));
    Ok(())
}

/// The images of these numbers as floats from 0 to 1, after the transforms.
fn augmented(images: &dyn Dataset, indices: &[usize], augment: &str, seed: u64) -> Result<Tensor> {
    let transforms: Vec<Transform> = serde_json::from_str(augment)
        .with_context(|| format!("--augment has to be a list of transforms, found {augment}"))?;
    let mut bytes = Vec::new();
    for index in indices {
        let sample = images.sample(*index)?;
        let Pixels::Bytes(pixels) = &sample.pixels else { bail!("image {index} is not of bytes") };
        bytes.extend_from_slice(pixels);
    }
    let shape = images.sample(0)?.shape;
    let [channels, height, width] = [shape.channels, shape.height, shape.width].map(|side| side as i64);
    let bytes = Tensor::from_slice(&bytes).view([-1, channels, height, width]);
    // Some transforms, such as RandomErasing's noise, want floats, and the rest take them, too.
    let transform = Compose::new([vec![ToTensor.into()], transforms].concat());
    transform.validate()?;
    Ok(transform.apply_with(&bytes, &Draws::new(seed, 0, indices))?)
}

/// A PNG of the images, on white.
fn grid(images: &Tensor, columns: u32) -> Result<Vec<u8>> {
    let (count, height, width) =
        (images.size()[0] as u32, images.size()[2] as u32 * SCALE, images.size()[3] as u32 * SCALE);
    let bytes =
        (images.mean_dim(1, false, Kind::Float) * 255.0).round().clamp(0.0, 255.0).to_kind(Kind::Uint8);
    let bytes = Vec::<u8>::try_from(bytes.contiguous().view(-1))?;
    let rows = count.div_ceil(columns);
    let side = |count: u32, size: u32| count * (size + GAP) - GAP;
    let mut picture = GrayImage::from_pixel(side(columns, width), side(rows, height), Luma([255]));
    for (number, pixels) in (0..count).zip(bytes.chunks_exact(bytes.len() / count as usize)) {
        let image = GrayImage::from_raw(width / SCALE, height / SCALE, pixels.to_vec())
            .context("a transform changed the size of the images")?;
        let (row, column) = (number / columns, number % columns);
        let (left, top) = (i64::from(column * (width + GAP)), i64::from(row * (height + GAP)));
        replace(&mut picture, &resize(&image, width, height, FilterType::Nearest), left, top);
    }
    let mut png = Cursor::new(Vec::new());
    picture.write_to(&mut png, ImageFormat::Png)?;
    Ok(png.into_inner())
}
