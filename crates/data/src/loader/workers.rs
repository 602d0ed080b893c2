use std::collections::BTreeMap;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};

use super::collate::Collate;
use crate::{Batch, Result};

/// What the batches of an epoch are.
pub(super) struct Plan {
    pub(super) collate: Arc<Collate>,
    pub(super) epoch: u64,
    pub(super) order: Vec<usize>,
    pub(super) batch_size: usize,
    /// The number of batches.
    pub(super) count: usize,
}

impl Plan {
    pub(super) fn batch(&self, number: usize) -> Result<Batch> {
        let start = number * self.batch_size;
        let end = (start + self.batch_size).min(self.order.len());
        self.collate.batch(self.epoch, &self.order[start..end])
    }
}

/// Threads that make batches ahead of the one that takes them.
pub(super) struct Workers {
    plan: Arc<Plan>,
    desk: Arc<Desk>,
    threads: Vec<JoinHandle<()>>,
}

/// What the threads share.
struct Desk {
    state: Mutex<State>,
    /// There is room for another batch, or the work is over.
    room: Condvar,
    /// Another batch is ready.
    ready: Condvar,
}

struct State {
    /// The next batch that nobody has begun.
    next: usize,
    /// No batch from this one on is begun before others are taken.
    end: usize,
    ready: BTreeMap<usize, Result<Batch>>,
    stopped: bool,
}

impl Desk {
    fn state(&self) -> MutexGuard<'_, State> {
        // Nothing panics while it holds the lock, and the state would be whole if it did.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Workers {
    /// Starts the workers at batch `first`. They hold `prefetch` batches each at most, ready or under way.
    pub(super) fn start(plan: &Arc<Plan>, first: usize, workers: usize, prefetch: usize) -> Self {
        let ahead = workers.saturating_mul(prefetch);
        let state =
            State { next: first, end: first.saturating_add(ahead), ready: BTreeMap::new(), stopped: false };
        let desk = Arc::new(Desk { state: Mutex::new(state), room: Condvar::new(), ready: Condvar::new() });
        let threads = (0..workers.min(plan.count - first))
            .map_while(|number| {
                let (plan, desk) = (plan.clone(), desk.clone());
                let name = format!("loader worker {number}");
                // Where the system has no more threads, those that there are do the work.
                thread::Builder::new().name(name).spawn(move || work(&plan, &desk)).ok()
            })
            .collect();
        Self { plan: plan.clone(), desk, threads }
    }

    /// Waits for a batch. They have to be taken in order, from the first.
    pub(super) fn take(&self, number: usize) -> Result<Batch> {
        if self.threads.is_empty() {
            return self.plan.batch(number);
        }
        let mut state = self.desk.state();
        loop {
            if let Some(batch) = state.ready.remove(&number) {
                state.end += 1;
                self.desk.room.notify_one();
                return batch;
            }
            state = self.desk.ready.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
    }
}

impl Drop for Workers {
    fn drop(&mut self) {
        self.desk.state().stopped = true;
        self.desk.room.notify_all();
        for thread in self.threads.drain(..) {
            // It has nothing to say: a panic of a dataset became the error of a batch.
            let _ = thread.join();
        }
    }
}

fn work(plan: &Plan, desk: &Desk) {
    let mut state = desk.state();
    while !state.stopped && state.next < plan.count {
        if state.next >= state.end {
            state = desk.room.wait(state).unwrap_or_else(PoisonError::into_inner);
            continue;
        }
        let number = state.next;
        state.next += 1;
        drop(state);
        let batch = plan.batch(number);
        state = desk.state();
        state.ready.insert(number, batch);
        desk.ready.notify_one();
    }
}
