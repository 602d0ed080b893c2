use std::iter::FusedIterator;

use crate::{Batch, Loader, Result};

/// The batches of one pass over the samples.
pub struct Epoch<'a> {
    loader: &'a Loader,
    order: Vec<usize>,
    next: usize,
    count: usize,
}

impl<'a> Epoch<'a> {
    pub(super) fn new(loader: &'a Loader, order: Vec<usize>) -> Self {
        let count = loader.batches(order.len());
        Self { loader, order, next: 0, count }
    }
}

impl Iterator for Epoch<'_> {
    type Item = Result<Batch>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.next == self.count {
            return None;
        }
        let batch = self.order.chunks(self.loader.batch_size).nth(self.next)?;
        self.next += 1;
        Some(self.loader.collate.batch(batch))
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        let left = self.count - self.next;
        (left, Some(left))
    }
}

impl ExactSizeIterator for Epoch<'_> {}

impl FusedIterator for Epoch<'_> {}
