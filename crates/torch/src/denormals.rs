/// Sets whether denormal numbers count as zero, for the calling thread, libtorch's threads behind it, and every thread
/// that one of these starts afterwards. Returns whether the processor has the setting: those of x86-64 and Arm do.
/// PyTorch: `torch.set_flush_denormal`, which sets the calling thread alone.
///
/// Denormal numbers are those too close to zero for all their digits: below 1.2e-38 in f32, below 2.2e-308 in f64. Many
/// processors take a hundred times as long for an operation on one. A training meets them in an optimizer's averages:
/// the moments of a unit that stays inactive shrink by a factor at each step and stop there.
///
/// Set it before the first tensor. A thread that another one started before keeps its own setting.
///
/// ```
/// use selvedge_torch::{flush_denormals, flushes_denormals};
/// use tch::Tensor;
///
/// let tiny = || Tensor::from_slice(&[1e-39_f32]) * 0.5;
/// assert!(tiny().double_value(&[0]) > 0.0);
/// if flush_denormals(true) {
///     assert!(flushes_denormals());
///     assert_eq!(tiny().double_value(&[0]), 0.0);
/// }
/// flush_denormals(false);
/// assert!(tiny().double_value(&[0]) > 0.0);
/// ```
pub fn flush_denormals(flush: bool) -> bool {
    // SAFETY: the call has no arguments to outlive it, and each thread sets its own register.
    unsafe { selvedge_flush_denormals(flush) }
}

/// Whether denormal numbers count as zero in the calling thread.
#[must_use]
pub fn flushes_denormals() -> bool {
    // SAFETY: it reads a register of the calling thread.
    unsafe { selvedge_flushes_denormals() }
}

unsafe extern "C" {
    fn selvedge_flush_denormals(flush: bool) -> bool;
    fn selvedge_flushes_denormals() -> bool;
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;
    use std::sync::{Barrier, Mutex};
    use std::thread;

    use super::*;
    use crate::parallel::parallel_for;

    /// The setting of each thread of the pool, each of which waits for the others.
    fn settings(threads: usize) -> HashMap<thread::ThreadId, bool> {
        let (found, barrier) = (Mutex::new(HashMap::new()), Barrier::new(threads));
        parallel_for(threads, 1, &|_| {
            barrier.wait();
            found.lock().unwrap().insert(thread::current().id(), flushes_denormals());
        })
        .unwrap();
        found.into_inner().unwrap()
    }

    #[test]
    fn every_thread_that_computes_has_the_setting() {
        for threads in [1, 2, 4] {
            tch::set_num_threads(threads);
            let threads = threads as usize;
            // The pool is there before the setting.
            assert_eq!(settings(threads).len(), threads);
            for flush in [true, false, true] {
                assert!(flush_denormals(flush));
                let found = settings(threads);
                assert_eq!(found.len(), threads);
                assert!(found.into_values().all(|found| found == flush));
                assert_eq!(thread::spawn(flushes_denormals).join().unwrap(), flush);
            }
            // Threads that the pool gets later.
            tch::set_num_threads(6);
            assert!(settings(6).into_values().all(|found| found));
            assert!(flush_denormals(false));
        }
    }
}
