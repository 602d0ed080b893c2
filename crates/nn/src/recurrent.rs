//! The recurrent layers: each a kernel of libtorch over one [`Stack`](stack::Stack) of weights.

mod gru;
mod lstm;
mod options;
mod rnn;
mod stack;

pub use gru::Gru;
pub use lstm::{Lstm, LstmState};
pub use options::{GruOptions, LstmOptions, RnnNonlinearity, RnnOptions};
pub use rnn::Rnn;
