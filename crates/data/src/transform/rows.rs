use tch::Tensor;

use crate::{Draws, Error, Result};

/// What `change` makes of the images at these rows of a batch; the others stay as they are.
pub(crate) fn changed(
    images: &Tensor,
    rows: &[usize],
    change: impl FnOnce(&Tensor) -> Result<Tensor>,
) -> Result<Tensor> {
    let count = images.size().first().map_or(0, |&count| count as usize);
    if rows.is_empty() {
        return Ok(images.shallow_clone());
    }
    if rows.len() == count {
        return change(images);
    }
    let places = places(rows, images);
    let output = change(&images.index_select(0, &places))?;
    if output.size()[1..] != images.size()[1..] || output.kind() != images.kind() {
        return Err(uneven(&output, images));
    }
    Ok(images.index_copy(0, &places, &output))
}

/// The images in groups that are changed together, back in their order. `key` tells an image's group from
/// the value that goes with it; `change` is given the group's images, key and values.
pub(crate) fn grouped<V: Clone, K: PartialEq>(
    images: &Tensor,
    values: &[V],
    key: impl Fn(&V) -> K,
    change: impl Fn(&Tensor, &K, &[V]) -> Result<Tensor>,
) -> Result<Tensor> {
    let mut groups: Vec<(K, Vec<usize>)> = Vec::new();
    for (row, value) in values.iter().enumerate() {
        let key = key(value);
        match groups.iter_mut().find(|(known, _)| *known == key) {
            Some((_, rows)) => rows.push(row),
            None => groups.push((key, vec![row])),
        }
    }
    match &groups[..] {
        [] => Ok(images.shallow_clone()),
        [(key, _)] => change(images, key, values),
        _ => {
            let mut outputs = Vec::with_capacity(groups.len());
            let mut order = Vec::with_capacity(values.len());
            for (key, rows) in &groups {
                let values: Vec<V> = rows.iter().map(|&row| values[row].clone()).collect();
                outputs.push(change(&images.index_select(0, &places(rows, images)), key, &values)?);
                order.extend_from_slice(rows);
            }
            let mut back = vec![0; order.len()];
            order.iter().enumerate().for_each(|(place, &row)| back[row] = place);
            Ok(stacked(&outputs)?.index_select(0, &places(&back, images)))
        }
    }
}

/// Each image on its own, for steps after which the images may have different sizes; they have to come out
/// alike.
pub(crate) fn each(
    images: &Tensor,
    draws: &Draws<'_>,
    change: impl Fn(&Tensor, &Draws<'_>) -> Result<Tensor>,
) -> Result<Tensor> {
    let changed = |(row, index): (usize, &usize)| {
        change(&images.narrow(0, row as i64, 1), &draws.of(std::slice::from_ref(index)))
    };
    let outputs: Vec<_> = draws.indices().iter().enumerate().map(changed).collect::<Result<_>>()?;
    if outputs.is_empty() { Ok(images.shallow_clone()) } else { stacked(&outputs) }
}

fn stacked(outputs: &[Tensor]) -> Result<Tensor> {
    let alike =
        |one: &Tensor, other: &Tensor| one.size()[1..] == other.size()[1..] && one.kind() == other.kind();
    match outputs.iter().find(|output| !alike(output, &outputs[0])) {
        Some(odd) => Err(uneven(odd, &outputs[0])),
        None => Ok(Tensor::cat(outputs, 0)),
    }
}

fn uneven(odd: &Tensor, first: &Tensor) -> Error {
    let described = |images: &Tensor| format!("{:?} of shape {:?}", images.kind(), &images.size()[1..]);
    Error::Shape {
        what:
            "the images of a batch, after a random step (one such as Resize or CenterCrop makes them alike)"
                .to_owned(),
        expected: described(first),
        found: described(odd),
    }
}

fn places(rows: &[usize], images: &Tensor) -> Tensor {
    let rows: Vec<i64> = rows.iter().map(|&row| row as i64).collect();
    Tensor::from_slice(&rows).to_device(images.device())
}
