use std::iter::FusedIterator;
use std::sync::Arc;

use super::workers::{Plan, Workers};
use crate::{Batch, Loader, LoaderState, Result};

/// The batches of one pass over the samples.
///
/// An error of one batch does not end the pass: the next call gives the next batch. Dropped before its end, it
/// ends the threads of its workers first.
pub struct Epoch<'a> {
    loader: &'a Loader,
    plan: Arc<Plan>,
    next: usize,
    /// Made with the first batch, so that an epoch that is only looked at costs no threads.
    workers: Option<Workers>,
}

impl<'a> Epoch<'a> {
    pub(super) fn new(loader: &'a Loader, epoch: u64, order: Vec<usize>) -> Self {
        let plan = Plan {
            collate: loader.collate.clone(),
            epoch,
            batch_size: loader.batches.batch_size,
            count: loader.batches.count(order.len()),
            order,
        };
        Self { loader, plan: Arc::new(plan), next: 0, workers: None }
    }

    /// Where the pass is, for [`Loader::resume`].
    #[must_use]
    pub fn state(&self) -> LoaderState {
        LoaderState { epoch: self.plan.epoch, batch: self.next }
    }

    pub(super) fn skip_to(&mut self, batch: usize) {
        self.next = batch;
    }
}

impl Iterator for Epoch<'_> {
    type Item = Result<Batch>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.next == self.plan.count {
            return None;
        }
        let batch = if self.loader.num_workers == 0 {
            self.plan.batch(self.next)
        } else {
            let (plan, first) = (&self.plan, self.next);
            let workers = self.workers.get_or_insert_with(|| {
                Workers::start(plan, first, self.loader.num_workers, self.loader.prefetch_factor)
            });
            workers.take(self.next)
        };
        self.next += 1;
        Some(batch)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        let left = self.plan.count - self.next;
        (left, Some(left))
    }
}

impl ExactSizeIterator for Epoch<'_> {}

impl FusedIterator for Epoch<'_> {}
