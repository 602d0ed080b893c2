//! A run of a target: seeded, for a time.

use std::env;
use std::time::{Duration, Instant};

use proptest::strategy::Strategy;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};

/// How long each target runs, and what it draws from. Default: 1 s, 0.
const SECONDS: &str = "SELVEDGE_FUZZ_SECONDS";
const SEED: &str = "SELVEDGE_FUZZ_SEED";

/// Gives the target one input after the other until the time is over.
#[track_caller]
pub(crate) fn fuzz<S: Strategy>(inputs: S, target: impl Fn(S::Value)) {
    let end = Instant::now() + Duration::from_secs(number(SECONDS).unwrap_or(1));
    let mut seed = number(SEED).unwrap_or(0);
    loop {
        let mut bytes = [0; 32];
        bytes[..8].copy_from_slice(&seed.to_le_bytes());
        let random = TestRng::from_seed(RngAlgorithm::ChaCha, &bytes);
        let config = Config { failure_persistence: None, ..Config::with_cases(256) };
        let outcome = TestRunner::new_with_rng(config, random).run(&inputs, |input| {
            target(input);
            Ok(())
        });
        if let Err(error) = outcome {
            panic!("with {SEED}={seed}: {error}");
        }
        if Instant::now() >= end {
            return;
        }
        seed = seed.wrapping_add(1);
    }
}

fn number(variable: &str) -> Option<u64> {
    let text = env::var(variable).ok()?;
    Some(text.parse().unwrap_or_else(|_| panic!("{variable}: expected a whole number, found {text}")))
}
