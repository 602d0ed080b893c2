mod apply;
mod compose;
mod normalize;
mod table;
mod to_tensor;

pub use apply::{Apply, Transform};
pub use compose::Compose;
pub use normalize::Normalize;
pub(crate) use table::Table;
pub use to_tensor::ToTensor;
