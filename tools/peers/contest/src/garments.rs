use std::path::Path;
use std::{env, fs, io};

use crate::SIZES;

/// The training set of Fashion-MNIST as floats in memory.
pub struct Garments {
    /// From −1 to 1, image after image.
    pub images: Vec<f32>,
    /// The class of each image.
    pub labels: Vec<u8>,
}

impl Garments {
    /// From the folder of the unpacked files, the program's only argument.
    pub fn read() -> io::Result<Self> {
        let folder =
            env::args_os().nth(1).ok_or_else(|| io::Error::other("give the folder of the images"))?;
        let file = |name: &str, header: usize| {
            let path = Path::new(&folder).join(name);
            let bytes = fs::read(&path)
                .map_err(|error| io::Error::other(format!("cannot read {}: {error}", path.display())))?;
            bytes
                .get(header..)
                .map(<[u8]>::to_vec)
                .ok_or_else(|| io::Error::other(format!("{name} is cut off")))
        };
        let pixels = file("train-images-idx3-ubyte", 16)?;
        let labels = file("train-labels-idx1-ubyte", 8)?;
        if pixels.len() != labels.len() * SIZES[0] {
            return Err(io::Error::other(format!("{} labels for {} pixels", labels.len(), pixels.len())));
        }
        let images = pixels.iter().map(|&pixel| (f32::from(pixel) / 255.0 - 0.5) / 0.5).collect();
        Ok(Self { images, labels })
    }
}
