use tch::{Kind, Tensor};

use crate::{EmbeddingOptions, misuse};

/// The rows of `weight` that `input` names. PyTorch: `torch.nn.functional.embedding`.
///
/// With `max_norm`, the rows that are looked up are first scaled down, in place, to that norm at most.
///
/// # Shapes
///
/// `input` any shape `[..]` of integers, `weight` `[rows, length]`; the output is `[.., length]`.
///
/// # Panics
///
/// When `input` is not of kind `Int64` or `Int`, or names a row that is not there, or `weight` has not 2
/// dimensions.
///
/// ```
/// use selvedge_nn::{EmbeddingOptions, functional};
/// use tch::Tensor;
///
/// let weight = Tensor::from_slice2(&[[1.0, 2.3, 3.0], [4.0, 5.1, 6.3]]);
/// let output = functional::embedding(&Tensor::from_slice(&[1_i64]), &weight, EmbeddingOptions::default());
/// assert_eq!(output, Tensor::from_slice2(&[[4.0, 5.1, 6.3]]));
/// ```
#[track_caller]
pub fn embedding(input: &Tensor, weight: &Tensor, options: EmbeddingOptions) -> Tensor {
    let kind = input.kind();
    assert!(
        matches!(kind, Kind::Int64 | Kind::Int),
        "embedding: expected indices of kind Int64 or Int, found {kind:?}"
    );
    let size = weight.size();
    assert!(size.len() == 2, "embedding: expected a weight of 2 dimensions, found shape {size:?}");
    // libtorch's stand-in for "none" is -1, which would be the last row.
    let padding_idx = options.padding_idx.map_or(-1, |index| if index < 0 { index + size[0] } else { index });
    if let Some(max_norm) = options.max_norm {
        let _no_grad = tch::no_grad_guard();
        let renormed =
            weight.shallow_clone().f_embedding_renorm_(&input.contiguous(), max_norm, options.norm_type);
        let _ = misuse::torch("embedding", input, renormed);
    }
    let rows = Tensor::f_embedding(weight, input, padding_idx, options.scale_grad_by_freq, options.sparse);
    misuse::torch(&format!("embedding with {} rows", size[0]), input, rows)
}
