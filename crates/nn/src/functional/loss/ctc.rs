use tch::{Device, Kind, Tensor};

use super::{Reduction, check};

/// Negative log-likelihood of label sequences of unknown alignment: `-ln Σ p(path)`, over all paths that
/// collapse to the labels. PyTorch's `ctc_loss`.
///
/// From "Connectionist Temporal Classification", Graves et al. 2006. The mean divides each sequence's loss by
/// its target length first. A sequence that is too short for its target has an infinite loss, or 0 and no
/// gradient with `zero_infinity`.
///
/// # Shapes
///
/// `log_probs` `[T, C]` or `[T, N, C]`, log-probabilities as `log_softmax` gives them; `targets` `[N, S]` with
/// padding, or all of them after one another in one dimension, of an integer kind; `input_lengths` and
/// `target_lengths` one for each sequence.
///
/// # Panics
///
/// When a size, length or kind is another, when `blank` is not a class, or on the CPU when a target is not a
/// class. Differs from PyTorch, which reads past the end of `log_probs` then.
///
/// ```
/// use selvedge_nn::functional::{Reduction, ctc_loss};
/// use tch::{Kind, Tensor};
///
/// // Two steps, and the labels 0 for blank, 1, 2: "1" is spelled by 11, 01 and 10.
/// let log_probs = Tensor::from_slice(&[1.0 / 3.0; 6]).log().reshape([2, 1, 3]);
/// let targets = Tensor::from_slice(&[1_i64]);
/// let loss = ctc_loss(&log_probs, &targets, &[2], &[1], 0, false, Reduction::Mean);
/// assert!((loss.double_value(&[]) - 3_f64.ln()).abs() < 1e-12);
/// ```
#[track_caller]
pub fn ctc_loss(
    log_probs: &Tensor,
    targets: &Tensor,
    input_lengths: &[i64],
    target_lengths: &[i64],
    blank: i64,
    zero_infinity: bool,
    reduction: Reduction,
) -> Tensor {
    const LOSS: &str = "ctc_loss";
    let size = log_probs.size();
    let (steps, batch, classes) = match *size.as_slice() {
        [steps, classes] => (steps, 1, classes),
        [steps, batch, classes] => (steps, batch, classes),
        _ => panic!("{LOSS}: expected log_probs of size [T, C] or [T, N, C], found {size:?}"),
    };
    assert!(
        (0..classes).contains(&blank),
        "{LOSS}: expected a blank from 0 to {}, found {blank}",
        classes - 1
    );
    let kind = targets.kind();
    assert!(
        matches!(kind, Kind::Int64 | Kind::Int),
        "{LOSS}: expected targets of kind Int64, found {kind:?}"
    );
    lengths("input_lengths", input_lengths, batch, steps);
    let starts = match *targets.size().as_slice() {
        [rows, length] if rows == batch => {
            lengths("target_lengths", target_lengths, batch, length);
            (0..batch).map(|row| row * length).collect()
        }
        [total] => {
            lengths("target_lengths", target_lengths, batch, total);
            let sum: i64 = target_lengths.iter().sum();
            assert!(sum == total, "{LOSS}: expected target_lengths that sum to {total}, found {sum}");
            let next = |start: &mut i64, length: &i64| Some(std::mem::replace(start, *start + length));
            target_lengths.iter().scan(0, next).collect::<Vec<i64>>()
        }
        _ => panic!(
            "{LOSS}: expected targets of size [{batch}, S] or of one dimension, found {:?}",
            targets.size()
        ),
    };
    if targets.device() == Device::Cpu {
        classes_of_targets(targets, &starts, target_lengths, classes);
    }
    let loss = Tensor::f_ctc_loss(
        log_probs,
        targets,
        input_lengths,
        target_lengths,
        blank,
        reduction.into(),
        zero_infinity,
    );
    check::computed(LOSS, loss)
}

#[track_caller]
fn lengths(name: &str, lengths: &[i64], batch: i64, longest: i64) {
    let found = lengths.len();
    assert!(found as i64 == batch, "ctc_loss: expected {batch} {name}, found {found}");
    for length in lengths {
        assert!(
            (0..=longest).contains(length),
            "ctc_loss: expected {name} from 0 to {longest}, found {length}"
        );
    }
}

/// Refuses targets that are no classes; what stands in the padding does not matter.
#[track_caller]
fn classes_of_targets(targets: &Tensor, starts: &[i64], lengths: &[i64], classes: i64) {
    let mut flat = vec![0_i64; targets.numel()];
    targets.to_kind(Kind::Int64).contiguous().copy_data(&mut flat, targets.numel());
    for (&start, &length) in starts.iter().zip(lengths) {
        for target in &flat[start as usize..(start + length) as usize] {
            assert!(
                (0..classes).contains(target),
                "ctc_loss: expected targets from 0 to {}, found {target}",
                classes - 1
            );
        }
    }
}
