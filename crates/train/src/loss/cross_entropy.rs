use selvedge_nn::functional;
use selvedge_nn::plan::Refusal;
use serde::{Deserialize, Serialize};
use tch::Tensor;

use super::planned::CrossEntropyStage;
use super::{Loss, LossStage, Reduction, weights};
use crate::TrainError;
use crate::domain::Domain;

/// The cross entropy between the target and the softmax of the input: `-Σ target · log softmax(input)`.
/// PyTorch's `CrossEntropyLoss`.
///
/// The input holds logits; the target class indices, or probabilities when it has the input's size. Shapes
/// and panics are those of [`functional::cross_entropy`].
///
/// ```
/// use selvedge_train::{CrossEntropyLoss, Loss};
/// use tch::{Device, Kind, Tensor};
///
/// let logits = Tensor::zeros([2, 4], (Kind::Double, Device::Cpu));
/// let loss = CrossEntropyLoss::default().forward(&logits, &Tensor::from_slice(&[0_i64, 3]));
/// assert!((loss.double_value(&[]) - 4_f64.ln()).abs() < 1e-12);
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct CrossEntropyLoss {
    /// A weight for each class; none by default.
    pub weight: Option<Vec<f64>>,
    /// The class index that counts nothing; -100 by default.
    pub ignore_index: i64,
    /// `Mean` by default, over the weights of the targets that count.
    pub reduction: Reduction,
    /// The share of the uniform distribution in the target, from 0 to 1; 0 by default. From "Rethinking the
    /// Inception Architecture for Computer Vision", Szegedy et al. 2016.
    pub label_smoothing: f64,
}

impl Default for CrossEntropyLoss {
    fn default() -> Self {
        Self { weight: None, ignore_index: -100, reduction: Reduction::Mean, label_smoothing: 0.0 }
    }
}

impl Loss for CrossEntropyLoss {
    fn forward(&self, input: &Tensor, target: &Tensor) -> Tensor {
        let weight = weights::tensor(self.weight.as_deref(), input);
        functional::cross_entropy(
            input,
            target,
            weight.as_ref(),
            self.ignore_index,
            self.label_smoothing,
            self.reduction,
        )
    }

    fn validate(&self) -> Result<(), TrainError> {
        const DOMAIN: Domain = Domain("CrossEntropyLoss");
        DOMAIN.weights("weight", self.weight.as_deref())?;
        let within = (0.0..=1.0).contains(&self.label_smoothing);
        DOMAIN.require(within, "label_smoothing", "a number from 0 to 1", self.label_smoothing)
    }

    fn plan(&self) -> Result<Box<dyn LossStage>, Refusal> {
        Ok(Box::new(CrossEntropyStage(self.clone())))
    }
}
