use serde::{Deserialize, Serialize};
use tch::Tensor;

/// What a loss makes of the losses of the single elements.
///
/// In a configuration file `"mean"`, `"sum"` or `"none"`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Reduction {
    /// Their mean; the default. Losses with class weights divide by the sum of the weights that counted.
    #[default]
    Mean,
    /// Their sum.
    Sum,
    /// Nothing: the losses as they are.
    None,
}

impl Reduction {
    /// The losses of the elements, reduced.
    ///
    /// ```
    /// use selvedge_nn::functional::Reduction;
    /// use tch::Tensor;
    ///
    /// let losses = Tensor::from_slice(&[1.0, 3.0]);
    /// assert_eq!(Reduction::Mean.apply(&losses).double_value(&[]), 2.0);
    /// assert_eq!(Reduction::Sum.apply(&losses).double_value(&[]), 4.0);
    /// assert_eq!(Reduction::None.apply(&losses).size(), [2]);
    /// ```
    pub fn apply(self, losses: &Tensor) -> Tensor {
        match self {
            Self::Mean => losses.mean(None),
            Self::Sum => losses.sum(None),
            Self::None => losses.shallow_clone(),
        }
    }
}

impl From<Reduction> for tch::Reduction {
    fn from(reduction: Reduction) -> Self {
        match reduction {
            Reduction::Mean => Self::Mean,
            Reduction::Sum => Self::Sum,
            Reduction::None => Self::None,
        }
    }
}
