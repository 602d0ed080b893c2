use std::cell::RefCell;

use tch::Tensor;

use crate::Module;

/// One run of a layer.
pub(super) struct Observed {
    pub(super) address: usize,
    pub(super) name: String,
    pub(super) output: Vec<i64>,
    pub(super) multiply_adds: i64,
}

thread_local! {
    /// What ran on this thread, while a summary is made.
    static OBSERVED: RefCell<Option<Vec<Observed>>> = const { RefCell::new(None) };
}

/// Shows what a layer returned to the [`summary`](crate::summary()) that is made on this thread, and returns it; a
/// layer's `forward` ends with this. Without a summary it costs a look at a thread's variable.
///
/// ```
/// use selvedge_nn::{Forward, Mode, Module, observe, summary};
/// use tch::Tensor;
///
/// #[derive(Module)]
/// struct Double;
///
/// impl Forward for Double {
///     fn forward(&self, input: &Tensor, _: Mode) -> Tensor {
///         observe(self, input * 2.0)
///     }
/// }
///
/// assert_eq!(summary(&Double, &[2, 3]).layers[0].output, Some(vec![2, 3]));
/// ```
pub fn observe<M: Module + ?Sized>(layer: &M, output: Tensor) -> Tensor {
    observe_products(layer, output, |_| 0)
}

/// As [`observe`], for a layer that multiplies with weights: `multiply_adds` counts the products from the output.
pub fn observe_products<M: Module + ?Sized>(
    layer: &M,
    output: Tensor,
    multiply_adds: impl FnOnce(&Tensor) -> i64,
) -> Tensor {
    OBSERVED.with_borrow_mut(|observed| {
        if let Some(observed) = observed {
            observed.push(Observed {
                address: layer.address(),
                name: layer.name().to_owned(),
                output: output.size(),
                multiply_adds: multiply_adds(&output),
            });
        }
    });
    output
}

/// The multiply-adds of a weight `[channels, ..]`, all of which meets each value of `tensor` that has those channels.
pub(crate) fn products(weight: &Tensor, tensor: &Tensor) -> i64 {
    let channels = weight.size()[0].max(1);
    weight.numel() as i64 * (tensor.numel() as i64 / channels)
}

/// Keeps what runs until it is finished or dropped.
pub(super) struct Recording {
    outer: Option<Vec<Observed>>,
}

impl Recording {
    pub(super) fn start() -> Self {
        Self { outer: OBSERVED.replace(Some(Vec::new())) }
    }

    pub(super) fn finish(self) -> Vec<Observed> {
        OBSERVED.take().unwrap_or_default()
    }
}

impl Drop for Recording {
    fn drop(&mut self) {
        OBSERVED.replace(self.outer.take());
    }
}
