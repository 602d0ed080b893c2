//! Fills tensors with initial values, in place and unseen by autograd; PyTorch's `torch.nn.init`.
//!
//! With the same state of the generator on the CPU, the values are PyTorch's to the bit, on a processor with AVX2; those of
//! [`orthogonal_`] are to rounding, since LAPACK's sums depend on the processor.
//!
//! ```
//! use selvedge_nn::init::{self, FanMode, Nonlinearity};
//! use selvedge_nn::Linear;
//!
//! let layer = Linear::new(784, 256);
//! init::kaiming_normal_(&layer.weight, FanMode::FanIn, Nonlinearity::Relu)?;
//! # Ok::<(), init::InitError>(())
//! ```

mod constant;
mod error;
mod fan;
mod gain;
mod kaiming;
mod orthogonal;
mod random;
mod sparse;
mod trunc_normal;
mod xavier;

pub use constant::{constant_, dirac_, eye_, ones_, zeros_};
pub use error::InitError;
pub use fan::{FanMode, fan_in_and_fan_out};
pub use gain::{Nonlinearity, calculate_gain};
pub use kaiming::{kaiming_normal_, kaiming_uniform_};
pub use orthogonal::orthogonal_;
pub(crate) use random::draw_normal;
pub use random::{normal_, uniform_};
pub use sparse::sparse_;
pub use trunc_normal::trunc_normal_;
pub use xavier::{xavier_normal_, xavier_uniform_};
