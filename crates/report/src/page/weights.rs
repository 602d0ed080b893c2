use crate::{FirstLayer, figures};

/// The picture of the first layer.
pub(super) struct Weights {
    pub(super) name: String,
    pub(super) what: String,
    pub(super) image: String,
    pub(super) width: usize,
    pub(super) height: usize,
    pub(super) strongest: String,
}

impl Weights {
    pub(super) fn of(layer: &FirstLayer) -> Self {
        let (height, width) = layer.tile;
        // Small kernels are enlarged by whole pixels, wide ones as far as the page goes.
        Self {
            name: layer.name.clone(),
            what: format!("{} tiles of {height} × {width} weights", layer.tiles),
            image: layer.picture.data_uri(),
            width: layer.picture.width,
            height: layer.picture.height,
            strongest: figures::significant(layer.strongest),
        }
    }
}
