use serde::{Deserialize, Serialize};

/// Where in its epochs a [`Loader`](crate::Loader) is: with the loader's options, all that is needed to get the
/// batches that would have come.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LoaderState {
    /// The number of the epoch.
    pub epoch: u64,
    /// The number of the next batch.
    pub batch: usize,
}
