use selvedge_torch::TorchError;
use tch::{Device, Kind, Tensor};

/// The gradients of those parameters that have one.
pub(crate) fn of(parameters: &[Tensor]) -> Vec<Tensor> {
    parameters.iter().map(Tensor::grad).filter(Tensor::defined).collect()
}

/// The gradients apart by device and kind, as the list operations take them, in the order of the first of each.
pub(crate) fn apart(gradients: &[Tensor]) -> Vec<Vec<Tensor>> {
    let mut lists: Vec<((Device, Kind), Vec<Tensor>)> = Vec::new();
    for gradient in gradients {
        let kind = (gradient.device(), gradient.kind());
        let gradient = gradient.shallow_clone();
        match lists.iter_mut().find(|(known, _)| *known == kind) {
            Some((_, list)) => list.push(gradient),
            None => lists.push((kind, vec![gradient])),
        }
    }
    lists.into_iter().map(|(_, list)| list).collect()
}

/// What a list operation gave, or a panic at the caller's line: it refuses no dense gradients.
#[track_caller]
pub(crate) fn done<T>(unit: &str, result: Result<T, TorchError>) -> T {
    match result {
        Ok(done) => done,
        Err(error) => panic!("{unit}: {error}"),
    }
}
