use std::ops::Range;

use pulp::{MemMask, Simd};

use super::{Product, ROWS};

/// The columns of a tile: as many as two registers hold.
pub(super) const fn width<S: Simd>() -> usize {
    2 * S::F32_LANES
}

/// Adds a block of terms to the sums of a tile: [`ROWS`] rows at most, and the first of these columns.
#[inline(always)]
pub(super) fn compute<S: Simd>(
    simd: S,
    product: &Product,
    rows: Range<usize>,
    columns: Range<usize>,
    terms: Range<usize>,
) {
    let tile = Tile { product, row: rows.start, column: columns.start, terms };
    if columns.len() >= width::<S>() {
        tile.sum_rows(simd, Whole, rows.len());
    } else {
        let low = columns.len().min(S::F32_LANES) as u32;
        let high = columns.len() as u32 - low;
        let masks = [low, high].map(|lanes| simd.mask_between_m32s(0, lanes));
        tile.sum_rows(simd, Masked(masks), rows.len());
    }
}

struct Tile<'a> {
    product: &'a Product,
    row: usize,
    column: usize,
    terms: Range<usize>,
}

impl Tile<'_> {
    /// With a number of rows that the compiler knows, so that the sums are registers.
    #[inline(always)]
    fn sum_rows<S: Simd, L: Lanes<S>>(&self, simd: S, lanes: L, rows: usize) {
        match rows {
            1 => self.sum::<S, L, 1>(simd, lanes),
            2 => self.sum::<S, L, 2>(simd, lanes),
            3 => self.sum::<S, L, 3>(simd, lanes),
            4 => self.sum::<S, L, 4>(simd, lanes),
            5 => self.sum::<S, L, 5>(simd, lanes),
            6 => self.sum::<S, L, 6>(simd, lanes),
            7 => self.sum::<S, L, 7>(simd, lanes),
            _ => self.sum::<S, L, ROWS>(simd, lanes),
        }
    }

    #[inline(always)]
    fn sum<S: Simd, L: Lanes<S>, const R: usize>(&self, simd: S, lanes: L) {
        let Self { product, row, column, ref terms } = *self;
        let [row_stride, term_stride] = product.first_strides;
        let zero = simd.splat_f32s(0.0);
        let mut sums = [[zero; 2]; R];
        let first = product.first.wrapping_add(row * row_stride);
        let second = product.second.wrapping_add(column);
        for term in terms.clone() {
            // SAFETY: the rows, the columns within the lanes and the terms are within the matrices.
            let [low, high] = unsafe { lanes.load(simd, second.wrapping_add(term * product.second_stride)) };
            for (index, sum) in sums.iter_mut().enumerate() {
                // SAFETY: as above.
                let value = unsafe { *first.wrapping_add(index * row_stride + term * term_stride) };
                let value = simd.splat_f32s(value);
                *sum = [simd.mul_add_f32s(value, low, sum[0]), simd.mul_add_f32s(value, high, sum[1])];
            }
        }
        for (index, sum) in sums.iter().enumerate() {
            let output = product.output.wrapping_add((row + index) * product.output_stride + column);
            let before = match product.bias {
                // SAFETY: as above, and no other thread has this part of the output.
                _ if terms.start > 0 => unsafe { lanes.load(simd, output) },
                // SAFETY: there is a value for each column.
                Some(bias) => unsafe { lanes.load(simd, bias.wrapping_add(column)) },
                None => [zero; 2],
            };
            let sum = [simd.add_f32s(before[0], sum[0]), simd.add_f32s(before[1], sum[1])];
            // SAFETY: as for reading it.
            unsafe { lanes.store(simd, output, sum) };
        }
    }
}

/// Which of the neighbours that two registers hold are within the matrix.
trait Lanes<S: Simd>: Copy {
    /// # Safety
    ///
    /// Those within the matrix can be read.
    unsafe fn load(self, simd: S, at: *const f32) -> [S::f32s; 2];

    /// # Safety
    ///
    /// Those within the matrix can be written.
    unsafe fn store(self, simd: S, at: *mut f32, values: [S::f32s; 2]);
}

/// All of them.
#[derive(Clone, Copy)]
struct Whole;

impl<S: Simd> Lanes<S> for Whole {
    #[inline(always)]
    unsafe fn load(self, _: S, at: *const f32) -> [S::f32s; 2] {
        // SAFETY: the caller's.
        unsafe { at.cast::<[S::f32s; 2]>().read_unaligned() }
    }

    #[inline(always)]
    unsafe fn store(self, _: S, at: *mut f32, values: [S::f32s; 2]) {
        // SAFETY: the caller's.
        unsafe { at.cast::<[S::f32s; 2]>().write_unaligned(values) }
    }
}

/// Those at the start.
#[derive(Clone, Copy)]
struct Masked<M>([MemMask<M>; 2]);

impl<S: Simd> Lanes<S> for Masked<S::m32s> {
    #[inline(always)]
    unsafe fn load(self, simd: S, at: *const f32) -> [S::f32s; 2] {
        let [low, high] = self.0;
        // SAFETY: the caller's, for the lanes of the masks.
        unsafe {
            [simd.mask_load_ptr_f32s(low, at), simd.mask_load_ptr_f32s(high, at.wrapping_add(S::F32_LANES))]
        }
    }

    #[inline(always)]
    unsafe fn store(self, simd: S, at: *mut f32, values: [S::f32s; 2]) {
        let [low, high] = self.0;
        // SAFETY: the caller's, for the lanes of the masks.
        unsafe {
            simd.mask_store_ptr_f32s(low, at, values[0]);
            simd.mask_store_ptr_f32s(high, at.wrapping_add(S::F32_LANES), values[1]);
        }
    }
}
