//! Workers: the same batches for any number of them, troubles that reach the caller, threads that end.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use selvedge_data::{
    Compose, Dataset, Epoch, Error, ImageBytes, Loader, LoaderOptions, LoaderState, Normalize, RandomCrop,
    RandomErasing, RandomHorizontalFlip, Result, Sample, Shape, ToTensor,
};

/// Images of one pixel, the index, that come the later the smaller the index is in its ten. Sample 13 is an
/// error and sample 17 a panic.
struct Slow {
    len: usize,
    /// How many samples were had.
    had: Arc<AtomicUsize>,
}

impl Dataset for Slow {
    fn len(&self) -> usize {
        self.len
    }

    fn sample(&self, index: usize) -> Result<Sample<'_>> {
        self.had.fetch_add(1, Ordering::SeqCst);
        thread::sleep(Duration::from_micros(10 * (10 - index as u64 % 10)));
        match index {
            13 => Err(Error::other("no such picture")),
            17 => panic!("boom at {index}"),
            _ => Ok(Sample::new(Shape::new(1, 1, 1), vec![index as f32], index as i64)),
        }
    }
}

fn loader(len: usize, options: LoaderOptions) -> (Loader, Arc<AtomicUsize>) {
    let had = Arc::new(AtomicUsize::new(0));
    (Loader::new(Slow { len, had: had.clone() }, options).unwrap(), had)
}

fn options(num_workers: usize) -> LoaderOptions {
    LoaderOptions { batch_size: 3, shuffle: true, seed: 3, num_workers, ..LoaderOptions::default() }
}

/// Labels, or what is wrong. The values of the images have to be the labels.
fn contents(epoch: Epoch<'_>) -> Vec<std::result::Result<Vec<i64>, String>> {
    let content = |batch: Result<selvedge_data::Batch>| {
        let batch = batch.map_err(|error| error.to_string())?;
        assert_eq!(batch.images.view(-1).to_kind(tch::Kind::Int64), batch.labels);
        Ok(Vec::try_from(batch.labels).unwrap())
    };
    epoch.map(content).collect()
}

#[test]
fn batches_are_the_same_for_any_number_of_workers() {
    for len in [0, 1, 3, 100] {
        let alone = contents(loader(len, options(0)).0.epoch(4));
        for num_workers in [1, 2, 8] {
            assert_eq!(contents(loader(len, options(num_workers)).0.epoch(4)), alone);
        }
    }
}

#[test]
fn an_error_and_a_panic_name_the_sample_and_do_not_end_the_epoch() {
    for num_workers in [0, 2] {
        let in_order = LoaderOptions { shuffle: false, ..options(num_workers) };
        let found = contents(loader(30, in_order).0.epoch(0));
        assert_eq!(found.len(), 10);
        assert_eq!(found[3], Ok(vec![9, 10, 11]));
        assert_eq!(found[4], Err("sample 13: no such picture".to_owned()));
        assert_eq!(found[5], Err("sample 17: panicked: boom at 17".to_owned()));
        assert_eq!(found[6], Ok(vec![18, 19, 20]));
    }
}

#[test]
fn goes_on_where_it_was_stopped() {
    for num_workers in [0, 2] {
        let (first, _) = loader(50, options(num_workers));
        let mut epoch = first.epoch(9);
        let _taken = epoch.nth(4);
        let saved = serde_json::to_string(&epoch.state()).unwrap();
        assert_eq!(saved, r#"{"epoch":9,"batch":5}"#);
        let state: LoaderState = serde_json::from_str(&saved).unwrap();
        let (second, _) = loader(50, options(num_workers));
        assert_eq!(contents(second.resume(state).unwrap()), contents(epoch));
    }
}

/// What is drawn for an image does not depend on who draws it, nor on where the epoch began.
#[test]
fn augmented_batches_are_the_same_for_any_number_of_workers_and_after_a_stop() {
    let pixels = (0..50 * 64_usize).map(|number| (number * number % 251) as u8).collect();
    let dataset = Arc::new(ImageBytes::new(Shape::new(1, 8, 8), pixels, (0..50).collect(), vec![]).unwrap());
    let loader = |num_workers| {
        let transform = Compose::new([
            ToTensor.into(),
            Normalize::new(&[0.5], &[0.5]).into(),
            RandomCrop { padding: Some(2.into()), ..RandomCrop::new(8) }.into(),
            RandomHorizontalFlip::default().into(),
            RandomErasing::default().into(),
        ]);
        Loader::new(dataset.clone(), LoaderOptions { transform, ..options(num_workers) }).unwrap()
    };
    let images = |epoch: Epoch<'_>| epoch.map(|batch| batch.unwrap().images).collect::<Vec<_>>();
    let alone = images(loader(0).epoch(4));
    assert_ne!(alone[0], images(loader(0).epoch(5))[0]);
    for num_workers in [0, 1, 2, 8] {
        let loader = loader(num_workers);
        assert_eq!(images(loader.epoch(4)), alone, "{num_workers} workers");
        let rest = images(loader.resume(LoaderState { epoch: 4, batch: 7 }).unwrap());
        assert_eq!(rest, alone[7..], "{num_workers} workers, from the eighth batch");
    }
}

#[test]
fn refuses_the_state_of_another_loader() {
    let (small, _) = loader(6, options(0));
    assert_eq!(small.resume(LoaderState { epoch: 0, batch: 2 }).unwrap().count(), 0);
    let error = small.resume(LoaderState { epoch: 0, batch: 3 }).err().unwrap().to_string();
    assert_eq!(error, "batch: expected at most 2, the number of batches in an epoch, found 3");
}

#[test]
fn workers_are_not_further_ahead_than_they_may() {
    let options = LoaderOptions { batch_size: 2, prefetch_factor: 2, shuffle: false, ..options(2) };
    let (loader, had) = loader(3000, options);
    let mut epoch = loader.epoch(0);
    let _first = epoch.next();
    // The first sample, asked for its shape; the batch that was taken; four ahead.
    let most = 1 + 2 * (1 + 4);
    while had.load(Ordering::SeqCst) < most {
        thread::yield_now();
    }
    thread::sleep(Duration::from_millis(50));
    assert_eq!(had.load(Ordering::SeqCst), most);
}

#[test]
fn dropping_an_epoch_ends_its_threads() {
    let (loader, had) = loader(3000, options(4));
    let mut epoch = loader.epoch(0);
    let _first = epoch.next();
    drop(epoch);
    let then = had.load(Ordering::SeqCst);
    thread::sleep(Duration::from_millis(50));
    assert_eq!(had.load(Ordering::SeqCst), then);
}

#[test]
fn refuses_to_prefetch_nothing() {
    let dataset = Slow { len: 1, had: Arc::default() };
    let options = LoaderOptions { prefetch_factor: 0, ..LoaderOptions::default() };
    assert!(matches!(Loader::new(dataset, options), Err(Error::Option { option: "prefetch_factor", .. })));
}
