//! The encoder of a transformer.

mod encoder;
mod encoder_layer;

pub use encoder::TransformerEncoder;
pub use encoder_layer::{TransformerActivation, TransformerEncoderLayer, TransformerEncoderLayerOptions};
