//! Samplers: each takes what it says, and nothing but the seed and the epoch matters.

use std::collections::BTreeMap;

use proptest::prelude::*;
use selvedge_data::{
    BatchSampler, DistributedSampler, RandomSampler, Sampler, SequentialSampler, StratifiedSampler,
    SubsetRandomSampler, WeightedRandomSampler,
};

fn sorted(mut indices: Vec<usize>) -> Vec<usize> {
    indices.sort_unstable();
    indices
}

/// The length is right, and the order is that of the seed and the epoch.
fn check(make: impl Fn(u64) -> Box<dyn Sampler>, seed: u64, epoch: u64) -> Vec<usize> {
    let sampler = make(seed);
    sampler.check().unwrap();
    let order = sampler.indices(epoch);
    assert_eq!(order.len(), sampler.len());
    assert_eq!(order, make(seed).indices(epoch));
    if sampler.len() > 20 {
        assert_ne!(order, sampler.indices(epoch + 1), "epochs differ");
        assert_ne!(order, make(seed.wrapping_add(1)).indices(epoch), "seeds differ");
    }
    order
}

proptest! {
    #[test]
    fn random_takes_each_once(len in 0_usize..200, seed: u64, epoch in 0_u64..1 << 60) {
        let order = check(|seed| Box::new(RandomSampler { len, seed }), seed, epoch);
        prop_assert_eq!(sorted(order), (0..len).collect::<Vec<_>>());
    }

    #[test]
    fn a_subset_takes_its_own_once(
        indices in prop::collection::btree_set(0_usize..1000, 0..100), seed: u64, epoch in 0_u64..1 << 60,
    ) {
        let indices: Vec<usize> = indices.into_iter().collect();
        let make = |seed| Box::new(SubsetRandomSampler { indices: indices.clone(), seed }) as Box<dyn Sampler>;
        prop_assert_eq!(sorted(check(make, seed, epoch)), indices);
    }

    #[test]
    fn weighted_without_replacement_takes_none_twice_and_none_of_weight_0(
        weights in prop::collection::vec(prop_oneof![Just(0.0), 0.1_f64..9.0], 1..60), seed: u64,
    ) {
        let num_samples = weights.iter().filter(|&&weight| weight > 0.0).count();
        let sampler =
            WeightedRandomSampler { weights: weights.clone(), num_samples, replacement: false, seed };
        sampler.check().unwrap();
        let expected: Vec<usize> = (0..weights.len()).filter(|&index| weights[index] > 0.0).collect();
        prop_assert_eq!(sorted(sampler.indices(0)), expected);
    }

    #[test]
    fn weighted_with_replacement_takes_none_of_weight_0(
        weights in prop::collection::vec(prop_oneof![Just(0.0), 0.1_f64..9.0], 1..60), seed: u64,
    ) {
        prop_assume!(weights.iter().any(|&weight| weight > 0.0));
        let sampler =
            WeightedRandomSampler { weights: weights.clone(), num_samples: 200, replacement: true, seed };
        sampler.check().unwrap();
        prop_assert!(sampler.indices(0).into_iter().all(|index| weights[index] > 0.0));
    }

    #[test]
    fn stratified_takes_each_once_and_spreads_the_classes(
        counts in prop::collection::vec(1_usize..30, 1..6), seed: u64, epoch in 0_u64..1 << 60,
    ) {
        let labels: Vec<i64> =
            counts.iter().enumerate().flat_map(|(class, &count)| vec![class as i64; count]).collect();
        let order = check(
            |seed| Box::new(StratifiedSampler { labels: labels.clone(), seed }), seed, epoch,
        );
        prop_assert_eq!(sorted(order.clone()), (0..labels.len()).collect::<Vec<_>>());
        // At any point, each class has had its share, give or take one for itself and one for each class.
        let classes = counts.len() as f64;
        for taken in 0..=order.len() {
            for (class, &count) in counts.iter().enumerate() {
                let had = order[..taken].iter().filter(|&&index| labels[index] == class as i64).count() as f64;
                let share = count as f64 * taken as f64 / labels.len() as f64;
                prop_assert!((had - share).abs() <= 1.0 + classes, "class {} had {} of {}", class, had, share);
            }
        }
    }

    #[test]
    fn ranks_share_the_samples(
        len in 0_usize..200, num_replicas in 1_usize..9, shuffle: bool, drop_last: bool, seed: u64,
    ) {
        let of = |rank| {
            let sampler = DistributedSampler { len, num_replicas, rank, shuffle, seed, drop_last };
            sampler.check().unwrap();
            assert_eq!(sampler.indices(3).len(), sampler.len());
            sampler.indices(3)
        };
        let mut times = BTreeMap::new();
        let ranks: Vec<_> = (0..num_replicas).map(of).collect();
        prop_assert!(ranks.iter().all(|indices| indices.len() == ranks[0].len()));
        for index in ranks.into_iter().flatten() {
            *times.entry(index).or_insert(0) += 1;
        }
        let each = len / num_replicas * num_replicas;
        if drop_last {
            prop_assert!(times.values().all(|&times| times == 1));
            prop_assert_eq!(times.len(), each);
        } else {
            prop_assert_eq!(times.len(), len);
            let again: usize = times.values().map(|times| times - 1).sum();
            prop_assert_eq!(again, len.next_multiple_of(num_replicas) - len);
        }
    }

    #[test]
    fn batches_cut_the_order(len in 0_usize..100, batch_size in 1_usize..20, drop_last: bool, seed: u64) {
        let sampler = RandomSampler { len, seed };
        let batches = BatchSampler { sampler, batch_size, drop_last };
        let cut = batches.batches(2);
        prop_assert_eq!(cut.len(), batches.len());
        let (whole, partial): (Vec<_>, Vec<_>) = cut.iter().partition(|batch| batch.len() == batch_size);
        prop_assert_eq!(whole.len(), len / batch_size);
        prop_assert_eq!(partial.len(), usize::from(!drop_last && len % batch_size > 0));
        let taken = cut.concat();
        prop_assert_eq!(&taken[..], &sampler.indices(2)[..taken.len()]);
    }
}

/// PyTorch's `DistributedSampler(range(10), num_replicas=4, rank=r, shuffle=False)`.
#[test]
fn ranks_take_what_pytorch_s_take() {
    let of = |rank, drop_last| {
        DistributedSampler { len: 10, num_replicas: 4, rank, shuffle: false, drop_last, seed: 0 }.indices(0)
    };
    assert_eq!([0, 1, 2, 3].map(|rank| of(rank, false)), [[0, 4, 8], [1, 5, 9], [2, 6, 0], [3, 7, 1]]);
    assert_eq!([0, 1, 2, 3].map(|rank| of(rank, true)), [[0, 4], [1, 5], [2, 6], [3, 7]]);
}

#[test]
fn weights_decide_how_often() {
    let weights = vec![1.0, 0.0, 3.0, 6.0];
    let share = |replacement, num_samples, epochs: u64| -> Vec<f64> {
        let sampler = WeightedRandomSampler { weights: weights.clone(), num_samples, replacement, seed: 1 };
        let mut times = [0.0; 4];
        (0..epochs).flat_map(|epoch| sampler.indices(epoch)).for_each(|index| times[index] += 1.0);
        times.iter().map(|times| times / (epochs as f64 * num_samples as f64)).collect()
    };
    // Three standard deviations of the rarest of 20,000 draws are 0.0064.
    for found in [share(true, 20_000, 1), share(false, 1, 20_000)] {
        for (found, expected) in found.iter().zip([0.1, 0.0, 0.3, 0.6]) {
            assert!((found - expected).abs() < 0.01, "{found} for {expected}");
        }
    }
}

#[test]
fn orders_have_no_favourite_place() {
    let mut times = [[0; 5]; 5];
    for epoch in 0..10_000 {
        for (place, index) in (RandomSampler { len: 5, seed: 0 }).indices(epoch).into_iter().enumerate() {
            times[place][index] += 1;
        }
    }
    // Four standard deviations around 2,000.
    assert!(times.iter().flatten().all(|times| (1840..2160).contains(times)), "{times:?}");
}

#[test]
fn fields_that_do_not_go_together_are_named() {
    let weighted = |weights: &[f64], num_samples, replacement| {
        WeightedRandomSampler { weights: weights.to_vec(), num_samples, replacement, seed: 0 }
            .check()
            .unwrap_err()
            .to_string()
    };
    assert!(weighted(&[1.0, -1.0], 1, true).starts_with("weights: expected finite"));
    assert!(weighted(&[f64::NAN], 1, true).starts_with("weights"));
    assert!(weighted(&[f64::MAX, f64::MAX], 1, true).starts_with("weights: expected numbers whose sum"));
    assert!(weighted(&[0.0, 0.0], 1, true).ends_with("found none"));
    assert!(weighted(&[1.0, 0.0], 2, false).starts_with("num_samples: expected at most 1"));
    let distributed = |num_replicas, rank| {
        DistributedSampler { len: 4, num_replicas, rank, ..DistributedSampler::default() }
            .check()
            .unwrap_err()
            .to_string()
    };
    assert_eq!(distributed(0, 0), "num_replicas: expected at least 1, found 0");
    assert_eq!(distributed(2, 2), "rank: expected below 2, the number of replicas, found 2");
    assert!(SequentialSampler { len: 0 }.is_empty());
}

#[test]
fn the_smallest_and_the_largest_weights_are_drawn_in_their_shares() {
    let smallest = f64::from_bits(1);
    for unit in [smallest, 1e-310, 1e-308, 1e-300, 1.0, 1e300] {
        for replacement in [false, true] {
            let weights = vec![0.0, unit, 0.0, 3.0 * unit, 0.0];
            let sampler = WeightedRandomSampler { weights, num_samples: 1, replacement, seed: 3 };
            sampler.check().unwrap();
            let mut times = [0; 5];
            (0..4000).flat_map(|epoch| sampler.indices(epoch)).for_each(|index| times[index] += 1);
            assert_eq!([times[0], times[2], times[4]], [0; 3], "{unit:e}: weight 0 is never drawn");
            // Four standard deviations of 4000 draws are 110.
            assert!((890..1110).contains(&times[1]), "{unit:e}, replacement {replacement}: {times:?}");
            let all = WeightedRandomSampler { num_samples: 2, ..sampler };
            let drawn = (0..50).flat_map(|epoch| all.indices(epoch));
            assert!(drawn.into_iter().all(|index| index == 1 || index == 3), "{unit:e}");
        }
    }
}

#[test]
fn weights_that_are_no_shares_are_refused() {
    for (weights, expected) in [
        (vec![1.0, f64::NAN], "finite numbers that are not negative, found NaN"),
        (vec![f64::INFINITY], "finite numbers that are not negative, found inf"),
        (vec![1.0, -1e-320], "finite numbers that are not negative, found -1e-320"),
        (vec![f64::MAX, f64::MAX], "numbers whose sum is finite"),
        (vec![0.0, -0.0], "at least one above 0"),
    ] {
        for replacement in [false, true] {
            let weights = weights.clone();
            let sampler = WeightedRandomSampler { weights, num_samples: 1, replacement, seed: 0 };
            let error = sampler.check().unwrap_err().to_string();
            assert!(error.contains(expected), "{error}");
        }
    }
}
