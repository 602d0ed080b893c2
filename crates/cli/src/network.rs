use clap::ValueEnum;
use selvedge_nn::Forward;
use selvedge_recipes::{convolutional, dropout, functional, log_softmax, sequential};
use serde::{Deserialize, Serialize};

/// The networks that can be trained by name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Network {
    /// The chapter's network: 784, 256, 128, 10, ReLU, log softmax
    Mlp,
    /// The same with a quarter of the hidden units dropped in training
    Dropout,
    /// The same written with functions in place of modules
    Functional,
    /// The same as a list of layers
    Sequential,
    /// A small convolutional network
    Cnn,
}

impl Network {
    /// What it is, in a line.
    pub(crate) fn about(self) -> String {
        let value = self.to_possible_value();
        value.and_then(|value| value.get_help().map(ToString::to_string)).unwrap_or_default()
    }

    /// A new network, its weights drawn from libtorch's generator.
    pub(crate) fn build(self) -> Box<dyn Forward> {
        match self {
            Self::Mlp => Box::new(log_softmax::FashionNetwork::new()),
            Self::Dropout => Box::new(dropout::FashionNetwork::new()),
            Self::Functional => Box::new(functional::FashionNetwork::new()),
            Self::Sequential => Box::new(sequential::fashion_network()),
            Self::Cnn => Box::new(convolutional::FashionNetwork::new()),
        }
    }
}
