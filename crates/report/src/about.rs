use selvedge_data::Shape;
use serde::{Deserialize, Serialize};

use crate::Environment;

/// What a run trained, on what and where: `about.json`, written when the training starts.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct About {
    /// The name of the network, such as `mlp`.
    pub network: String,
    /// The name of the data, such as `Fashion-MNIST`.
    pub dataset: String,
    /// The numbers that are trained.
    pub parameters: usize,
    /// The size of an image.
    pub image: Shape,
    /// Images in the training set.
    pub training_images: usize,
    /// Images that are held back of the training set, to measure each epoch with.
    pub validation_images: usize,
    /// Images in the test set.
    pub test_images: usize,
    /// The machine and the versions.
    pub environment: Environment,
}

impl Default for About {
    fn default() -> Self {
        Self {
            network: String::new(),
            dataset: String::new(),
            parameters: 0,
            image: Shape::new(1, 28, 28),
            training_images: 0,
            validation_images: 0,
            test_images: 0,
            environment: Environment::default(),
        }
    }
}
