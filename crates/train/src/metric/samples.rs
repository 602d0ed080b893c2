use tch::{Kind, Tensor};

/// The samples of a batch as rows of scores `[N, C]` and classes `[N]`, from `[N, C, d1, ...]` and
/// `[N, d1, ...]`. Refuses what does not belong together.
#[track_caller]
pub(super) fn rows(metric: &str, output: &Tensor, target: &Tensor) -> (Tensor, Tensor) {
    let size = output.size();
    let [samples, _, places @ ..] = size.as_slice() else {
        panic!("{metric}: expected output of size [N, C, ...], found {size:?}");
    };
    let (expected, found) = ([&[*samples], places].concat(), target.size());
    assert!(found == expected, "{metric}: expected target of size {expected:?}, found {found:?}");
    let kind = target.kind();
    assert!(kind == Kind::Int64, "{metric}: expected target of kind Int64, found {kind:?}");
    let rows = if places.is_empty() { output.detach() } else { output.detach().movedim_int(1, -1) };
    (rows.flatten(0, -2), target.flatten(0, -1))
}

/// The scores `[N, 1]` of the targets.
#[track_caller]
pub(super) fn of_targets(metric: &str, rows: &Tensor, targets: &Tensor) -> Tensor {
    let found = rows.f_gather(1, &targets.unsqueeze(1), false);
    let Ok(found) = found else {
        panic!("{metric}: expected targets from 0 to {}, found one out of range", rows.size()[1] - 1)
    };
    found
}

/// Which rows have a NaN among their scores: no class of such a row has the highest score.
pub(super) fn undefined(rows: &Tensor) -> Tensor {
    rows.isnan().any_dim(1, false)
}
