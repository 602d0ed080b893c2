use super::Transform;
use crate::{Error, Normalize, Result};

/// Refuses a step that takes floats from 0 to 1 behind one that makes others of them.
pub(super) fn check(steps: &[Transform]) -> Result<()> {
    follow_all(steps, Values::Unit).map(drop)
}

/// The values of the images within a chain, as far as they are known.
#[derive(Debug, Clone, PartialEq)]
enum Values {
    /// Bytes, or floats from 0 to 1.
    Unit,
    /// Floats whose range, that of each channel, a step moved.
    Moved {
        by: &'static str,
        channels: Vec<[f64; 2]>,
    },
    Unknown,
}

fn follow_all(steps: &[Transform], values: Values) -> Result<Values> {
    steps.iter().try_fold(values, |values, step| follow(step, values))
}

/// The values behind a step.
fn follow(step: &Transform, values: Values) -> Result<Values> {
    if let (true, Values::Moved { by, channels }) = (takes_unit(step), &values) {
        let least = channels.iter().map(|[least, _]| *least).fold(f64::INFINITY, f64::min);
        let most = channels.iter().map(|[_, most]| *most).fold(f64::NEG_INFINITY, f64::max);
        let name = step.name();
        return Err(Error::option(
            "Compose.transforms",
            format!("{name} before {by}, since it takes floats from 0 to 1"),
            format!("{by} before it, which makes them {least:.2} to {most:.2}; move {by} behind {name}"),
        ));
    }
    // Behind a step that may or may not have changed them they are unknown.
    let perhaps = |after: Values, values: Values| if after == values { values } else { Values::Unknown };
    Ok(match step {
        Transform::Compose(chain) => follow_all(&chain.transforms, values)?,
        Transform::Normalize(step) => normalized(step, values),
        Transform::LinearTransformation(_) | Transform::Lambda(_) => Values::Unknown,
        Transform::RandomApply(step) => perhaps(follow_all(&step.transforms, values.clone())?, values),
        Transform::RandomChoice(step) => {
            let mut after = values.clone();
            for step in &step.transforms {
                after = perhaps(follow(step, values.clone())?, after);
            }
            after
        }
        Transform::RandomOrder(step) => {
            let mut after = values.clone();
            for (place, first) in step.transforms.iter().enumerate() {
                let behind = follow(first, values.clone())?;
                let others = step.transforms.iter().enumerate().filter(|(other, _)| *other != place);
                for (_, second) in others {
                    follow(second, behind.clone())?;
                }
                after = perhaps(behind, after);
            }
            after
        }
        _ => values,
    })
}

/// Whether the step cuts floats off at 0 and 1, or takes white for 1.
fn takes_unit(step: &Transform) -> bool {
    match step {
        Transform::AugMix(_)
        | Transform::AutoAugment(_)
        | Transform::ColorJitter(_)
        | Transform::ConvertImageDtype(crate::ConvertImageDtype { dtype: crate::Dtype::Uint8 })
        | Transform::RandAugment(_)
        | Transform::RandomAdjustSharpness(_)
        | Transform::RandomAutocontrast(_)
        | Transform::RandomEqualize(_)
        | Transform::RandomInvert(_)
        | Transform::RandomPosterize(_)
        | Transform::RandomSolarize(_)
        | Transform::TrivialAugmentWide(_) => true,
        Transform::GaussianNoise(step) => step.clip,
        Transform::ToDtype(step) => step.scale && step.dtype == crate::Dtype::Uint8,
        _ => false,
    }
}

fn normalized(step: &Normalize, values: Values) -> Values {
    let before = match values {
        Values::Unit => vec![[0.0, 1.0]],
        Values::Moved { channels, .. } => channels,
        Values::Unknown => return Values::Unknown,
    };
    // Each list has one value for each channel, or one for all.
    let count = before.len().max(step.mean.len()).max(step.std.len());
    let of = |values: &[f64], channel: usize| values.get(channel).or(values.first()).copied().unwrap_or(0.0);
    let channels: Vec<[f64; 2]> = (0..count)
        .map(|channel| {
            let range = before.get(channel).unwrap_or(&before[0]);
            let [one, other] = range.map(|value| (value - of(&step.mean, channel)) / of(&step.std, channel));
            [one.min(other), one.max(other)]
        })
        .collect();
    // One may undo another, but for what rounding leaves.
    let inside = |value: &f64| (-1e-3..=1.0 + 1e-3).contains(value);
    if channels.as_flattened().iter().all(inside) {
        Values::Unit
    } else {
        Values::Moved { by: "Normalize", channels }
    }
}
