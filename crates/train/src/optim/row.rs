use tch::{Device, Kind, Tensor};

/// How parameters lie one after the other in one tensor, a row, so that a rule can update them as one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    places: Vec<Place>,
    length: i64,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Place {
    offset: i64,
    size: Vec<i64>,
    stride: Vec<i64>,
}

/// Each part begins at a cache line of numbers of four bytes; what lies between is 0 and stays so.
const ALIGNMENT: i64 = 16;

impl Row {
    /// A row of tensors of those shapes, each a matrix to lay out transposed where that is told.
    pub(super) fn new(shapes: impl IntoIterator<Item = (Vec<i64>, bool)>) -> Self {
        let mut row = Self { places: Vec::new(), length: 0 };
        for (size, transposed) in shapes {
            let stride = if transposed && size.len() == 2 { vec![1, size[0]] } else { strides(&size) };
            let count: i64 = size.iter().product();
            row.places.push(Place { offset: row.length, size, stride });
            row.length += (count + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
        }
        row
    }

    /// The number of values in the row.
    #[must_use]
    pub fn length(&self) -> i64 {
        self.length
    }

    /// A part of a tensor that holds the row.
    pub fn part(&self, row: &Tensor, index: usize) -> Tensor {
        let Place { offset, size, stride } = &self.places[index];
        row.as_strided(size, stride, *offset)
    }

    /// Whether a tensor is that part of a tensor that holds the row.
    #[must_use]
    pub fn is_part(&self, row: &Tensor, index: usize, part: &Tensor) -> bool {
        let Place { size, stride, .. } = &self.places[index];
        self.begins(row, index, part)
            && part.kind() == row.kind()
            && part.size() == *size
            && part.stride() == *stride
    }

    /// Whether a tensor begins where that part does. A tensor that was made as the part still is, then.
    pub(super) fn begins(&self, row: &Tensor, index: usize, part: &Tensor) -> bool {
        let offset = self.places[index].offset as usize * row.kind().elt_size_in_bytes();
        part.data_ptr().addr() == row.data_ptr().addr() + offset
    }

    /// A tensor that holds the values of the parts.
    pub fn gather(&self, parts: &[&Tensor], form: (Kind, Device)) -> Tensor {
        let row = Tensor::zeros([self.length], form);
        for (index, part) in parts.iter().enumerate() {
            self.part(&row, index).copy_(&part.detach());
        }
        row
    }
}

fn strides(size: &[i64]) -> Vec<i64> {
    let mut strides = vec![1; size.len()];
    for index in (1..size.len()).rev() {
        strides[index - 1] = strides[index] * size[index].max(1);
    }
    strides
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_keep_their_values_and_lie_where_they_were_asked_to() {
        let float = (Kind::Float, Device::Cpu);
        let (matrix, vector) = (Tensor::arange(6, float).view([2, 3]), Tensor::ones([3], float));
        let row = Row::new([(matrix.size(), true), (vector.size(), false)]);
        let flat = row.gather(&[&matrix, &vector], float);
        assert_eq!(flat.size(), [32]);
        let parts = [row.part(&flat, 0), row.part(&flat, 1)];
        assert_eq!(parts[0], matrix);
        assert_eq!(parts[0].stride(), [1, 2]);
        assert_eq!(parts[1], vector);
        assert!(row.is_part(&flat, 0, &parts[0]));
        assert!(!row.is_part(&flat, 0, &matrix));
        assert!(!row.is_part(&flat, 1, &parts[0]));
        assert_eq!(flat.sum(None::<Kind>).double_value(&[]), 18.0);
    }
}
