//! CIFAR in its binary form: records of one or two labels and 3 · 32 · 32 bytes.

mod cifar10;
mod cifar100;
mod records;

pub use cifar10::Cifar10;
pub use cifar100::Cifar100;
