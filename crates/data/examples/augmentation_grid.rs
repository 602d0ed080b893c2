//! Draws what each transform makes of ten images of Fashion-MNIST, for docs/augmentation.md, and writes the rows of
//! its table there. `cargo xtask pictures` runs it; the argument is the folder of the pages.

// An example speaks to whoever runs it.
#![allow(clippy::print_stdout)]

use std::error::Error;
use std::fs;
use std::path::PathBuf;

use image::GrayImage;
use image::imageops::{FilterType, resize};
use selvedge_data::{Apply, Batch, CutMix, Draws, FashionMnist, Mix, MixUp, Pixels, Transform};
use selvedge_data::{Dataset, Silent};
use tch::{Kind, Tensor};

/// The images that are drawn: one of each class.
const INDICES: [usize; 10] = [1, 16, 5, 3, 19, 8, 18, 6, 23, 0];
/// How much larger than their 28 pixels the images are drawn, and the pixels between them.
const SCALE: u32 = 3;
const GAP: u32 = 4;

/// Around the table in the page.
const BEGIN: &str = "<!-- pictures -->\n";
const END: &str = "<!-- /pictures -->";

const TRANSFORMS: [&str; 27] = [
    r#"{"type": "Compose"}"#,
    r#"{"type": "RandomHorizontalFlip"}"#,
    r#"{"type": "RandomVerticalFlip"}"#,
    r#"{"type": "RandomCrop", "size": 28, "padding": 4}"#,
    r#"{"type": "RandomResizedCrop", "size": 28, "scale": [0.3, 1.0]}"#,
    r#"{"type": "RandomRotation", "degrees": 25, "interpolation": "bilinear"}"#,
    r#"{"type": "RandomAffine", "degrees": 10, "translate": [0.15, 0.15], "scale": [0.6, 1.1], "shear": 15}"#,
    r#"{"type": "RandomPerspective"}"#,
    r#"{"type": "ElasticTransform", "alpha": 40, "sigma": 3}"#,
    r#"{"type": "Compose", "transforms": [{"type": "RandomZoomOut"}, {"type": "Resize", "size": 28}]}"#,
    r#"{"type": "RandomErasing"}"#,
    r#"{"type": "RandomErasing", "value": "random"}"#,
    r#"{"type": "ColorJitter", "brightness": 0.6, "contrast": 0.6}"#,
    r#"{"type": "RandomInvert"}"#,
    r#"{"type": "RandomPosterize", "bits": 2}"#,
    r#"{"type": "RandomSolarize", "threshold": 0.5}"#,
    r#"{"type": "RandomAutocontrast"}"#,
    r#"{"type": "RandomEqualize"}"#,
    r#"{"type": "RandomAdjustSharpness", "sharpness_factor": 4}"#,
    r#"{"type": "GaussianBlur", "kernel_size": 5}"#,
    r#"{"type": "GaussianNoise"}"#,
    r#"{"type": "AutoAugment", "policy": "imagenet"}"#,
    r#"{"type": "AutoAugment", "policy": "cifar10"}"#,
    r#"{"type": "AutoAugment", "policy": "svhn"}"#,
    r#"{"type": "RandAugment"}"#,
    r#"{"type": "TrivialAugmentWide"}"#,
    r#"{"type": "AugMix"}"#,
];

fn main() -> Result<(), Box<dyn Error>> {
    let docs = PathBuf::from(std::env::args().nth(1).unwrap_or_else(|| "docs".to_owned()));
    let folder = docs.join("pictures/augmentation");
    fs::create_dir_all(&folder)?;
    FashionMnist::default().fetch(&Silent)?;
    let batch = images(&FashionMnist::train().load()?)?;
    let mut table = "| transform | ten images |\n| --- | --- |\n".to_owned();
    for (number, json) in TRANSFORMS.into_iter().enumerate() {
        let transform: Transform = serde_json::from_str(json)?;
        // With one seed for all, the same images would be passed over in each row.
        let draws = Draws::new(number as u64, 0, &INDICES);
        let output = transform.apply_with(&batch.images, &draws)?;
        let name = format!("{number:02}.png");
        draw(&output)?.save(folder.join(&name))?;
        table += &format!("| `{json}` | ![](pictures/augmentation/{name}) |\n");
    }
    let mixes: [(&str, &dyn Mix); 2] = [
        ("MixUp", &MixUp { num_classes: Some(10), ..MixUp::default() }),
        ("CutMix", &CutMix { num_classes: Some(10), ..CutMix::default() }),
    ];
    let draws = Draws::new(1, 0, &INDICES);
    for (name, mix) in mixes {
        let file = format!("{}.png", name.to_lowercase());
        draw(&mix.mix(&batch, &draws)?.images)?.save(folder.join(&file))?;
        table += &format!("| `{name}` | ![](pictures/augmentation/{file}) |\n");
    }
    let page = docs.join("augmentation.md");
    let text = fs::read_to_string(&page)?;
    let (before, rest) = text.split_once(BEGIN).ok_or("no mark before the table")?;
    let (_, after) = rest.split_once(END).ok_or("no mark after the table")?;
    fs::write(&page, format!("{before}{BEGIN}\n{table}\n{END}{after}"))?;
    println!("{} pictures in {}, their table in {}", TRANSFORMS.len() + 2, folder.display(), page.display());
    Ok(())
}

/// The images as floats, with their labels.
fn images(dataset: &dyn Dataset) -> Result<Batch, Box<dyn Error>> {
    let mut bytes = Vec::new();
    let mut labels = Vec::new();
    for index in INDICES {
        let sample = dataset.sample(index)?;
        if let Pixels::Bytes(pixels) = &sample.pixels {
            bytes.extend_from_slice(pixels);
        }
        labels.push(sample.label);
    }
    let images = Tensor::from_slice(&bytes).view([10, 1, 28, 28]).to_kind(Kind::Float) / 255.0;
    Ok(Batch { images, labels: Tensor::from_slice(&labels) })
}

/// The images in a row, on white.
fn draw(images: &Tensor) -> Result<GrayImage, Box<dyn Error>> {
    let (height, width) = (images.size()[2] as u32, images.size()[3] as u32);
    let bytes: Tensor = (images * 255.0).clamp(0.0, 255.0).to_kind(Kind::Uint8);
    let bytes = Vec::<u8>::try_from(bytes.contiguous().view(-1))?;
    let count = images.size()[0] as u32;
    let mut row =
        GrayImage::from_pixel(count * (width * SCALE + GAP) - GAP, height * SCALE, image::Luma([255]));
    for (number, pixels) in bytes.chunks_exact((height * width) as usize).enumerate() {
        let image = GrayImage::from_raw(width, height, pixels.to_vec()).ok_or("too few pixels")?;
        let image = resize(&image, width * SCALE, height * SCALE, FilterType::Nearest);
        let left = number as u32 * (width * SCALE + GAP);
        image::imageops::replace(&mut row, &image, i64::from(left), 0);
    }
    Ok(row)
}
