use tch::Tensor;

use super::{Reduction, check};

/// Hinge loss of the target class against each other one, averaged over the classes:
/// `Σ weight[target] · max(0, margin - input[target] + input[class])^p / C`. PyTorch's `multi_margin_loss`.
///
/// # Shapes
///
/// `input` `[C]` or `[N, C]`, `target` `[]` or `[N]` of kind `Int64`, `weight` `[C]`.
///
/// # Panics
///
/// When a size or kind is another, when `p` is neither 1 nor 2, or on the CPU when a target is out of range.
///
/// ```
/// use selvedge_nn::functional::{Reduction, multi_margin_loss};
/// use tch::Tensor;
///
/// let input = Tensor::from_slice(&[0.5, 1.0, 0.0, -3.0]);
/// let loss = multi_margin_loss(&input, &Tensor::from(1_i64), 1, 1.0, None, Reduction::Mean);
/// assert_eq!(loss.double_value(&[]), 0.5 / 4.0);
/// ```
#[track_caller]
pub fn multi_margin_loss(
    input: &Tensor,
    target: &Tensor,
    p: i64,
    margin: f64,
    weight: Option<&Tensor>,
    reduction: Reduction,
) -> Tensor {
    const LOSS: &str = "multi_margin_loss";
    assert!(p == 1 || p == 2, "{LOSS}: expected p 1 or 2, found {p}");
    let classes = classes_of_rows(LOSS, input);
    check::class_weight(LOSS, weight, classes);
    check::indices(LOSS, "target", target);
    check::size(LOSS, "target", target, &check::size_of_indices(input));
    let column = target.unsqueeze(-1);
    let of_target = check::computed(LOSS, input.f_gather(-1, &column, false));
    // Rectified, not clamped: at the kink PyTorch's gradient is 0.
    let hinge: Tensor = (input - of_target + margin).relu();
    let hinge = if p == 2 { &hinge * &hinge } else { hinge };
    let others = hinge.scatter_value(-1, &column, 0.0);
    let others = match weight {
        Some(weight) => others * weight.index_select(0, &target.flatten(0, -1)).reshape(column.size()),
        None => others,
    };
    reduction.apply(&(others.sum_dim_intlist(-1, false, None) / classes))
}

/// Hinge loss of each target class against each class that is none, averaged over the classes:
/// `Σ max(0, 1 - input[target] + input[class]) / C`. PyTorch's `multilabel_margin_loss`.
///
/// Each row of the target lists the classes that hold, up to the first -1.
///
/// # Shapes
///
/// `input` `[C]` or `[N, C]`, `target` of the same size and of kind `Int64`.
///
/// # Panics
///
/// When a size or kind is another, or on the CPU when a target is out of range.
///
/// ```
/// use selvedge_nn::functional::{Reduction, multilabel_margin_loss};
/// use tch::Tensor;
///
/// let (input, target) = (Tensor::from_slice(&[0.1, 0.2, 0.4, 0.8]), Tensor::from_slice(&[3_i64, 0, -1, 1]));
/// let loss = multilabel_margin_loss(&input, &target, Reduction::Mean);
/// assert!((loss.double_value(&[]) - 0.85).abs() < 1e-12);
/// ```
#[track_caller]
pub fn multilabel_margin_loss(input: &Tensor, target: &Tensor, reduction: Reduction) -> Tensor {
    const LOSS: &str = "multilabel_margin_loss";
    classes_of_rows(LOSS, input);
    check::indices(LOSS, "target", target);
    check::same_size(LOSS, ("input", input), ("target", target));
    check::computed(LOSS, input.f_multilabel_margin_loss(target, reduction.into()))
}

/// The number of classes of scores `[C]` or `[N, C]`.
#[track_caller]
fn classes_of_rows(loss: &str, input: &Tensor) -> i64 {
    let size = input.size();
    assert!(matches!(size.len(), 1 | 2), "{loss}: expected input of size [C] or [N, C], found {size:?}");
    check::classes(loss, input)
}
