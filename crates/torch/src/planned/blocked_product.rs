mod tile;

use std::ops::Range;

use pulp::{Simd, WithSimd};
use tch::{Device, Kind, Tensor};

use super::memory::share_memory;
use crate::parallel::parallel_for;
use crate::{Result, TorchError};

/// `output = bias + first · second` of f32 matrices on the CPU, without `bias` where there is none, each sum in the order
/// that is asked for: the terms in blocks of `block`, each block by fused multiply-adds from zero on, and one block after
/// the other added to the bias. The order decides the last bits, and libraries for matrices sum like this, each with
/// blocks of its own.
///
/// `first` may lie in any way, transposed for one; the values of a row of `second` and of `output` are neighbours. Each of
/// libtorch's threads takes some columns of the output, or some rows where there are more of them, and so reads its
/// own part of the longer matrix alone.
///
/// # Errors
///
/// Where the shapes do not go together, a tensor is not of f32 on the CPU or lies in another way, or `output` shares
/// memory with another.
///
/// ```
/// use selvedge_torch::planned;
/// use tch::{Device, Kind, Tensor};
///
/// let [first, second] = [[2, 300], [300, 4]].map(|size| Tensor::randn(size, (Kind::Float, Device::Cpu)));
/// let output = Tensor::zeros([2, 4], (Kind::Float, Device::Cpu));
/// planned::blocked_product(&output, None, &first, &second, 128)?;
/// assert!(output.allclose(&first.matmul(&second), 1e-4, 1e-4, false));
/// # Ok::<(), selvedge_torch::TorchError>(())
/// ```
pub fn blocked_product(
    output: &Tensor,
    bias: Option<&Tensor>,
    first: &Tensor,
    second: &Tensor,
    block: usize,
) -> Result<()> {
    let product = Product::new(output, bias, first, second, block).map_err(|message| {
        let operation = "blocked_product";
        TorchError::Libtorch { operation, message }
    })?;
    let arch = crate::arch();
    let by_rows = product.rows > product.columns;
    let (side, other) =
        if by_rows { (product.rows, product.columns) } else { (product.columns, product.rows) };
    let strip = if by_rows { ROWS } else { COLUMNS };
    let grain = WORTH_A_THREAD / (strip * other * product.terms).max(1);
    parallel_for(side.div_ceil(strip), grain, &|strips: Range<usize>| {
        let part = strips.start * strip..(strips.end * strip).min(side);
        let (rows, columns) = if by_rows { (part, 0..other) } else { (0..other, part) };
        arch.dispatch(Part { product: &product, rows, columns });
    })
}

/// The rows of a tile, where there are registers for so many.
const ROWS: usize = 8;

/// The threads take whole multiples of so many columns, so that no two write to one line of the cache.
const COLUMNS: usize = 32;

/// So many multiplications take a few times as long as to wake another thread for them.
const WORTH_A_THREAD: usize = 1 << 18;

/// The matrices as they lie in memory, where a stride is a number of values.
struct Product {
    output: *mut f32,
    output_stride: usize,
    bias: Option<*const f32>,
    first: *const f32,
    first_strides: [usize; 2],
    second: *const f32,
    second_stride: usize,
    rows: usize,
    columns: usize,
    terms: usize,
    block: usize,
}

// SAFETY: the threads write to parts of the output that do not overlap, and none of them to what they read.
unsafe impl Sync for Product {}

impl Product {
    fn new(
        output: &Tensor,
        bias: Option<&Tensor>,
        first: &Tensor,
        second: &Tensor,
        block: usize,
    ) -> Result<Self, String> {
        for tensor in [Some(output), bias, Some(first), Some(second)].into_iter().flatten() {
            let found = (tensor.kind(), tensor.device());
            if found != (Kind::Float, Device::Cpu) {
                return Err(format!("expected f32 on the CPU, found {:?} on {:?}", found.0, found.1));
            }
        }
        let sizes = (matrix(&output.size())?, matrix(&first.size())?, matrix(&second.size())?);
        let ([rows, columns], [_, terms], _) = sizes;
        if sizes != ([rows, columns], [rows, terms], [terms, columns]) || block == 0 {
            let (output, first, second) = sizes;
            return Err(format!(
                "{first:?} times {second:?}, in blocks of {block}, does not give {output:?}"
            ));
        }
        if bias.is_some_and(|bias| bias.size() != [columns as i64] || bias.stride() != [1]) {
            return Err(format!("expected a bias of {columns} values that are neighbours"));
        }
        let strides = (matrix(&output.stride())?, matrix(&first.stride())?, matrix(&second.stride())?);
        let ([output_stride, output_step], first_strides, [second_stride, second_step]) = strides;
        if output_step != 1 || second_step != 1 || (rows > 1 && output_stride < columns) {
            return Err("expected rows whose values are neighbours".to_owned());
        }
        if [Some(first), Some(second), bias].into_iter().flatten().any(|other| share_memory(output, other)) {
            return Err("the output shares memory with what it is computed from".to_owned());
        }
        Ok(Self {
            output: output.data_ptr().cast(),
            output_stride,
            bias: bias.map(|bias| bias.data_ptr().cast_const().cast()),
            first: first.data_ptr().cast_const().cast(),
            first_strides,
            second: second.data_ptr().cast_const().cast(),
            second_stride,
            rows,
            columns,
            terms,
            block,
        })
    }
}

/// The two numbers of a matrix's sizes or strides.
fn matrix(numbers: &[i64]) -> Result<[usize; 2], String> {
    let [rows, columns] = numbers else { return Err(format!("expected a matrix, found {numbers:?}")) };
    Ok([*rows as usize, *columns as usize])
}

/// The rows and columns of the output that one thread computes.
struct Part<'a> {
    product: &'a Product,
    rows: Range<usize>,
    columns: Range<usize>,
}

impl WithSimd for Part<'_> {
    type Output = ();

    /// A block of terms for all rows before the next block, and a few columns of it for all rows before the next columns:
    /// these then stay in the nearest cache.
    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let Self { product, rows, columns } = self;
        // The sums of a tile and a row of `second` have to fit into the registers.
        let height = if S::REGISTER_COUNT < 32 { 6 } else { ROWS };
        for start in (0..product.terms.max(1)).step_by(product.block) {
            let terms = start..(start + product.block).min(product.terms);
            for column in columns.clone().step_by(tile::width::<S>()) {
                for row in rows.clone().step_by(height) {
                    let rows = row..(row + height).min(rows.end);
                    tile::compute(simd, product, rows, column..columns.end, terms.clone());
                }
            }
        }
    }
}
