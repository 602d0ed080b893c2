use std::collections::BTreeMap;
use std::sync::Arc;

use crate::{Dataset, Error, Random, Result, Subset};

/// How large the parts of a split are: as numbers of samples, `[50_000, 10_000]`, or as fractions of all,
/// `[0.8, 0.2]`.
#[derive(Debug, Clone, PartialEq)]
pub enum Parts {
    /// Numbers of samples, which sum to all.
    Lengths(Vec<usize>),
    /// Fractions, which sum to 1.
    Fractions(Vec<f64>),
}

impl<const N: usize> From<[usize; N]> for Parts {
    fn from(lengths: [usize; N]) -> Self {
        Self::Lengths(lengths.to_vec())
    }
}

impl<const N: usize> From<[f64; N]> for Parts {
    fn from(fractions: [f64; N]) -> Self {
        Self::Fractions(fractions.to_vec())
    }
}

impl Parts {
    fn lengths(self, len: usize) -> Result<Vec<usize>> {
        match self {
            Self::Lengths(lengths) => {
                let sum = lengths.iter().try_fold(0_usize, |sum, &length| sum.checked_add(length));
                match sum {
                    Some(sum) if sum == len => Ok(lengths),
                    _ => Err(Error::option(
                        "parts",
                        format!("lengths that sum to {len}"),
                        format!("{lengths:?}"),
                    )),
                }
            }
            Self::Fractions(fractions) => {
                check(&fractions)?;
                let mut lengths: Vec<usize> =
                    fractions.iter().map(|fraction| (len as f64 * fraction) as usize).collect();
                let left = len.saturating_sub(lengths.iter().sum());
                let parts = lengths.len();
                (0..left).for_each(|number| lengths[number % parts] += 1);
                Ok(lengths)
            }
        }
    }
}

fn check(fractions: &[f64]) -> Result<()> {
    let sum: f64 = fractions.iter().sum();
    if fractions.iter().all(|fraction| (0.0..=1.0).contains(fraction)) && (sum - 1.0).abs() < 1e-9 {
        return Ok(());
    }
    Err(Error::option("parts", "fractions from 0 to 1 that sum to 1", format!("{fractions:?}")))
}

/// Deals the samples of a dataset into parts at random; PyTorch's `random_split`.
///
/// Each sample is in one part. As in PyTorch, samples that fractions leave over go to the parts in turn.
///
/// ```
/// use selvedge_data::{Dataset, ImageBytes, Shape, random_split};
///
/// let dataset = ImageBytes::new(Shape::new(1, 1, 1), vec![0; 10], vec![0; 10], vec![])?;
/// let parts = random_split(dataset, [0.8, 0.2], 7)?;
/// assert_eq!((parts[0].len(), parts[1].len()), (8, 2));
/// # Ok::<(), selvedge_data::Error>(())
/// ```
///
/// # Errors
///
/// When the parts do not sum to the whole.
pub fn random_split<D: Dataset>(
    dataset: D,
    parts: impl Into<Parts>,
    seed: u64,
) -> Result<Vec<Subset<Arc<D>>>> {
    let lengths = parts.into().lengths(dataset.len())?;
    let mut order: Vec<usize> = (0..dataset.len()).collect();
    Random::order(seed, 0).shuffle(&mut order);
    let mut left = &order[..];
    let parts = lengths.into_iter().map(|length| {
        let (part, rest) = left.split_at(length);
        left = rest;
        part.to_vec()
    });
    subsets(dataset, parts.collect())
}

/// Deals the samples of a dataset into parts at random, so that each part has the classes in the proportions of
/// the whole, give or take one sample for each class.
///
/// PyTorch has none like it; it is scikit-learn's `train_test_split` with `stratify`.
///
/// # Errors
///
/// When the fractions do not sum to 1, or a label can not be had.
pub fn stratified_split<D: Dataset>(dataset: D, fractions: &[f64], seed: u64) -> Result<Vec<Subset<Arc<D>>>> {
    check(fractions)?;
    let mut classes: BTreeMap<i64, Vec<usize>> = BTreeMap::new();
    for (index, label) in dataset.labels()?.into_iter().enumerate() {
        classes.entry(label).or_default().push(index);
    }
    let mut random = Random::order(seed, 0);
    let mut parts = vec![Vec::new(); fractions.len()];
    for members in classes.values_mut() {
        random.shuffle(members);
        let (mut start, mut share) = (0, 0.0);
        for (number, (part, fraction)) in parts.iter_mut().zip(fractions).enumerate() {
            share += fraction;
            let end = match number + 1 == fractions.len() {
                true => members.len(),
                false => ((members.len() as f64 * share).round() as usize).clamp(start, members.len()),
            };
            part.extend_from_slice(&members[start..end]);
            start = end;
        }
    }
    for part in &mut parts {
        random.shuffle(part);
    }
    subsets(dataset, parts)
}

fn subsets<D: Dataset>(dataset: D, parts: Vec<Vec<usize>>) -> Result<Vec<Subset<Arc<D>>>> {
    let dataset = Arc::new(dataset);
    parts.into_iter().map(|indices| Subset::new(dataset.clone(), indices)).collect()
}
