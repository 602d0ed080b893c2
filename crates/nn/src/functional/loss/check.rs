use tch::{Kind, TchError, Tensor};

/// What libtorch computed. What it refuses becomes a panic at the caller's line, with the loss named.
#[track_caller]
pub(super) fn computed(loss: &str, result: Result<Tensor, TchError>) -> Tensor {
    match result {
        Ok(tensor) => tensor,
        Err(error) => {
            let text = match error {
                TchError::Torch(message) => message,
                other => other.to_string(),
            };
            // What follows is libtorch's own call stack.
            let message = text.split("\nException raised from").next().unwrap_or(&text);
            panic!("{loss}: {message}")
        }
    }
}

/// Refuses two tensors whose sizes differ: libtorch would broadcast them, and the loss would be another one.
#[track_caller]
pub(super) fn same_size(loss: &str, (name, first): (&str, &Tensor), (other, second): (&str, &Tensor)) {
    let (expected, found) = (first.size(), second.size());
    assert!(expected == found, "{loss}: expected {other} of the {name}'s size {expected:?}, found {found:?}");
}

/// Refuses two tensors whose kinds differ.
#[track_caller]
pub(super) fn same_kind(loss: &str, (name, first): (&str, &Tensor), (other, second): (&str, &Tensor)) {
    let (expected, found) = (first.kind(), second.kind());
    assert!(expected == found, "{loss}: expected {other} of the {name}'s kind {expected:?}, found {found:?}");
}

/// Refuses a tensor of another size.
#[track_caller]
pub(super) fn size(loss: &str, name: &str, tensor: &Tensor, expected: &[i64]) {
    let found = tensor.size();
    assert!(found == expected, "{loss}: expected {name} of size {expected:?}, found {found:?}");
}

/// Refuses a tensor that is not of floating point.
#[track_caller]
pub(super) fn floating(loss: &str, name: &str, tensor: &Tensor) {
    let found = tensor.kind();
    assert!(tensor.is_floating_point(), "{loss}: expected {name} of a floating-point kind, found {found:?}");
}

/// Refuses a tensor that does not hold class indices.
#[track_caller]
pub(super) fn indices(loss: &str, name: &str, tensor: &Tensor) {
    let found = tensor.kind();
    assert!(found == Kind::Int64, "{loss}: expected {name} of kind Int64, found {found:?}");
}

/// The number of classes of scores `[C]` or `[N, C, ...]`, which are to be of floating point.
#[track_caller]
pub(super) fn classes(loss: &str, input: &Tensor) -> i64 {
    floating(loss, "input", input);
    match input.size().as_slice() {
        [classes] | [_, classes, ..] => *classes,
        [] => panic!("{loss}: expected input of size [C] or [N, C, ...], found []"),
    }
}

/// The size of the class indices that belong to scores `[C]` or `[N, C, ...]`: without the classes.
pub(super) fn size_of_indices(input: &Tensor) -> Vec<i64> {
    let mut size = input.size();
    size.remove(usize::from(size.len() > 1));
    size
}

/// Refuses class weights that are not one for each class.
#[track_caller]
pub(super) fn class_weight(loss: &str, weight: Option<&Tensor>, classes: i64) {
    if let Some(weight) = weight {
        let found = weight.size();
        assert!(found == [classes], "{loss}: expected weight of size [{classes}], found {found:?}");
    }
}

/// Refuses weights that do not broadcast to the size of `input`, or that would enlarge it.
#[track_caller]
pub(super) fn broadcasts(loss: &str, name: &str, weight: Option<&Tensor>, input: &Tensor) {
    let Some(weight) = weight else { return };
    let (expected, found) = (input.size(), weight.size());
    let fits = found.len() <= expected.len()
        && found
            .iter()
            .rev()
            .zip(expected.iter().rev())
            .all(|(&found, &expected)| found == 1 || found == expected);
    assert!(fits, "{loss}: expected {name} of a size that broadcasts to {expected:?}, found {found:?}");
}
