use serde::{Deserialize, Serialize};
use tch::{Device, Kind, Tensor};

use crate::repr::python::{self, Python};
use crate::{Forward, Mode, Module, NnError, functional, init, observe};

/// A table of vectors, looked up by index; PyTorch's `Embedding`.
///
/// The weight is drawn from the normal distribution of mean 0 and standard deviation 1; the row of `padding_idx` is
/// zero.
///
/// # Shapes
///
/// From integers `[..]` to `[.., embedding_dim]`.
///
/// ```
/// use selvedge_nn::{Embedding, EmbeddingOptions, Forward, Mode};
/// use tch::Tensor;
///
/// let words = Embedding::with(10, 3, EmbeddingOptions { padding_idx: Some(0), ..Default::default() })?;
/// let sentences = Tensor::from_slice2(&[[1_i64, 2, 4, 5], [4, 3, 9, 0]]);
/// assert_eq!(words.forward(&sentences, Mode::Eval).size(), [2, 4, 3]);
/// assert_eq!(words.to_string(), "Embedding(10, 3, padding_idx=0)");
/// # Ok::<(), selvedge_nn::NnError>(())
/// ```
#[derive(Debug, Module)]
#[module(extra_repr)]
pub struct Embedding {
    /// Shape `[num_embeddings, embedding_dim]`.
    #[module(parameter)]
    pub weight: Tensor,
    #[module(skip)]
    options: EmbeddingOptions,
}

/// The options of [`Embedding`].
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct EmbeddingOptions {
    /// The row that has no gradient and starts at zero; a negative one counts from the last. Default: none
    pub padding_idx: Option<i64>,
    /// The norm to which the rows that are looked up are scaled down, in place. Default: none
    pub max_norm: Option<f64>,
    /// The p of the p-norm of `max_norm`. Default: 2
    pub norm_type: f64,
    /// Whether the gradient of a row is divided by how often the input names it. Default: false
    pub scale_grad_by_freq: bool,
    /// Whether the gradient of the weight is a sparse tensor. Default: false
    pub sparse: bool,
}

impl Default for EmbeddingOptions {
    fn default() -> Self {
        Self { padding_idx: None, max_norm: None, norm_type: 2.0, scale_grad_by_freq: false, sparse: false }
    }
}

impl EmbeddingOptions {
    /// The options, with `padding_idx` counted from the first row.
    fn checked(self, num_embeddings: i64) -> Result<Self, NnError> {
        let refused = |option, expected: &str, found: &dyn Python| {
            Err(NnError::option("Embedding", option, expected, found.python()))
        };
        if let Some(index) = self.padding_idx
            && !(-num_embeddings..num_embeddings).contains(&index)
        {
            return refused("padding_idx", &format!("one of the {num_embeddings} rows"), &index);
        }
        if let Some(max_norm) = self.max_norm
            && !(max_norm.is_finite() && max_norm >= 0.0)
        {
            return refused("max_norm", "a finite number of at least 0", &max_norm);
        }
        if self.norm_type.is_nan() || self.norm_type <= 0.0 {
            return refused("norm_type", "a positive number", &self.norm_type);
        }
        if self.sparse && self.scale_grad_by_freq {
            return refused("scale_grad_by_freq", "False where sparse is True", &true);
        }
        let from_first = |index: i64| if index < 0 { index + num_embeddings } else { index };
        Ok(Self { padding_idx: self.padding_idx.map(from_first), ..self })
    }
}

impl Embedding {
    /// A table of `num_embeddings` vectors of length `embedding_dim`.
    ///
    /// # Panics
    ///
    /// When a size is negative.
    #[must_use]
    #[track_caller]
    pub fn new(num_embeddings: i64, embedding_dim: i64) -> Self {
        Self::drawn(num_embeddings, embedding_dim, EmbeddingOptions::default())
    }

    /// A table with options.
    ///
    /// # Errors
    ///
    /// When `padding_idx` is not one of the rows, `max_norm` is negative or not finite, `norm_type` is not positive,
    /// or `scale_grad_by_freq` is asked of a sparse gradient, which has it not.
    ///
    /// # Panics
    ///
    /// When a size is negative.
    #[track_caller]
    pub fn with(num_embeddings: i64, embedding_dim: i64, options: EmbeddingOptions) -> Result<Self, NnError> {
        Ok(Self::drawn(num_embeddings, embedding_dim, options.checked(num_embeddings)?))
    }

    /// A table of the rows of `weight`, which is taken as it is; PyTorch's `Embedding.from_pretrained`.
    ///
    /// Differs from PyTorch: whether it is trained is left to `weight`; PyTorch freezes it by default.
    ///
    /// # Errors
    ///
    /// As [`with`](Self::with).
    ///
    /// # Panics
    ///
    /// When `weight` has not 2 dimensions.
    #[track_caller]
    pub fn from_pretrained(weight: Tensor, options: EmbeddingOptions) -> Result<Self, NnError> {
        let size = weight.size();
        assert!(size.len() == 2, "Embedding: expected a weight of 2 dimensions, found shape {size:?}");
        Ok(Self { weight, options: options.checked(size[0])? })
    }

    /// The options, with `padding_idx` counted from the first row.
    #[must_use]
    pub fn options(&self) -> EmbeddingOptions {
        self.options
    }

    #[track_caller]
    fn drawn(num_embeddings: i64, embedding_dim: i64, options: EmbeddingOptions) -> Self {
        assert!(
            num_embeddings >= 0,
            "Embedding: expected num_embeddings of at least 0, found {num_embeddings}"
        );
        assert!(embedding_dim >= 0, "Embedding: expected embedding_dim of at least 0, found {embedding_dim}");
        let weight = Tensor::empty([num_embeddings, embedding_dim], (Kind::Float, Device::Cpu));
        init::draw_normal(&weight, 0.0, 1.0);
        if let Some(index) = options.padding_idx {
            init::zeros_(&weight.get(index));
        }
        Self { weight: weight.set_requires_grad(true), options }
    }

    fn extra_repr(&self) -> String {
        let size = self.weight.size();
        let given = self.options;
        let differing = python::differing(&[
            (given.padding_idx.is_some(), "padding_idx", &given.padding_idx),
            (given.max_norm.is_some(), "max_norm", &given.max_norm),
            (given.norm_type != EmbeddingOptions::default().norm_type, "norm_type", &given.norm_type),
            (given.scale_grad_by_freq, "scale_grad_by_freq", &true),
            (given.sparse, "sparse", &true),
        ]);
        format!("{}, {}{differing}", size[0], size[1])
    }
}

impl Forward for Embedding {
    #[track_caller]
    fn forward(&self, input: &Tensor, _: Mode) -> Tensor {
        observe(self, functional::embedding(input, &self.weight, self.options))
    }
}
