use std::collections::BTreeMap;

use crate::{Random, Sampler};

/// Each sample once, in a random order in which every stretch, such as a batch, has each class about as often
/// as the whole has it.
///
/// PyTorch has none like it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StratifiedSampler {
    /// The class of each sample.
    pub labels: Vec<i64>,
    /// Another seed, other orders.
    pub seed: u64,
}

impl Sampler for StratifiedSampler {
    fn indices(&self, epoch: u64) -> Vec<usize> {
        let mut random = Random::order(self.seed, epoch);
        let mut classes: BTreeMap<i64, Vec<usize>> = BTreeMap::new();
        for (index, &label) in self.labels.iter().enumerate() {
            classes.entry(label).or_default().push(index);
        }
        let mut places = Vec::with_capacity(self.labels.len());
        for members in classes.values_mut() {
            random.shuffle(members);
            // The members of a class lie one step apart in the epoch, each somewhere in its step.
            let step = 1.0 / members.len() as f64;
            for (number, &member) in members.iter().enumerate() {
                places.push(((number as f64 + random.uniform()) * step, member));
            }
        }
        places.sort_by(|one, other| one.0.total_cmp(&other.0).then(one.1.cmp(&other.1)));
        places.into_iter().map(|(_, member)| member).collect()
    }

    fn len(&self) -> usize {
        self.labels.len()
    }
}
