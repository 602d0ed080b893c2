use tch::{Kind, Tensor};

/// Refuses scores and targets that do not belong together: `[N, C, d1, ...]` and `[N, d1, ...]`.
#[track_caller]
pub(super) fn check(metric: &str, output: &Tensor, target: &Tensor) {
    let size = output.size();
    let [samples, _, rest @ ..] = size.as_slice() else {
        panic!("{metric}: expected output of size [N, C, ...], found {size:?}");
    };
    let expected = [&[*samples], rest].concat();
    let found = target.size();
    assert!(found == expected, "{metric}: expected target of size {expected:?}, found {found:?}");
    let kind = target.kind();
    assert!(kind == Kind::Int64, "{metric}: expected target of kind Int64, found {kind:?}");
}

/// Adds to a total that begins with the first batch, on its device.
pub(super) fn accumulate(total: &mut Option<Tensor>, batch: Tensor) {
    *total = Some(match total.take() {
        Some(total) => total + batch,
        None => batch,
    });
}
