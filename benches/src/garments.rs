use selvedge_data::{
    Batch, Compose, ImageBytes, Loader, LoaderOptions, Normalize, RandomCrop, RandomErasing,
    RandomHorizontalFlip, Shape, ToTensor,
};

/// Images in Fashion-MNIST's training set.
const IMAGES: usize = 60_000;

/// The images as the networks take them, from −1 to 1.
#[must_use]
pub fn transform() -> Compose {
    Compose::new([ToTensor.into(), Normalize::new(&[0.5], &[0.5]).into()])
}

/// And the usual steps against learning the images by heart.
#[must_use]
pub fn augmented() -> Compose {
    let Compose { mut transforms } = transform();
    transforms.push(RandomCrop { padding: Some(4.into()), ..RandomCrop::new(28) }.into());
    transforms.push(RandomHorizontalFlip::default().into());
    transforms.push(RandomErasing::default().into());
    Compose::new(transforms)
}

/// As many images as Fashion-MNIST has, of the same size; their pixels are made up.
#[must_use]
pub fn made_up() -> ImageBytes {
    let pixels = (0..IMAGES * 784).map(|index| (index * 31 % 251) as u8).collect();
    let labels = (0..IMAGES as i64).map(|index| index % 10).collect();
    ImageBytes::new(Shape::new(1, 28, 28), pixels, labels, vec![]).expect("the pixels are as many as asked")
}

/// A batch of made up images.
#[must_use]
pub fn batch(size: usize) -> Batch {
    let options = LoaderOptions { batch_size: size, transform: transform(), ..LoaderOptions::default() };
    let loader = Loader::new(made_up(), options).expect("the options are good");
    let first = loader.epoch(0).next().expect("there are images");
    first.expect("bytes in memory are always there")
}
