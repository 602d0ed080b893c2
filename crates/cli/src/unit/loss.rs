use selvedge_train::Loss;
use selvedge_train::loss::{
    BceWithLogitsLoss, CrossEntropyLoss, HuberLoss, KlDivLoss, L1Loss, MseLoss, MultiLabelSoftMarginLoss,
    MultiMarginLoss, NllLoss, SmoothL1Loss, SoftMarginLoss,
};
use tch::{Kind, Tensor};

use super::units;

units! {
    /// What the training makes small. Of PyTorch's losses those that compare a row of outputs with a class.
    LossUnit {
        "NLLLoss" => Nll(NllLoss) = NllLoss::default(),
        "CrossEntropyLoss" => CrossEntropy(CrossEntropyLoss) = CrossEntropyLoss::default(),
        "MultiMarginLoss" => MultiMargin(MultiMarginLoss) = MultiMarginLoss::default(),
        "MSELoss" => Mse(MseLoss) = MseLoss::default(),
        "L1Loss" => L1(L1Loss) = L1Loss::default(),
        "SmoothL1Loss" => SmoothL1(SmoothL1Loss) = SmoothL1Loss::default(),
        "HuberLoss" => Huber(HuberLoss) = HuberLoss::default(),
        "KLDivLoss" => KlDiv(KlDivLoss) = KlDivLoss::default(),
        "BCEWithLogitsLoss" => BceWithLogits(BceWithLogitsLoss) = BceWithLogitsLoss::default(),
        "MultiLabelSoftMarginLoss" => MultiLabelSoftMargin(MultiLabelSoftMarginLoss) =
            MultiLabelSoftMarginLoss::default(),
        "SoftMarginLoss" => SoftMargin(SoftMarginLoss) = SoftMarginLoss::default(),
    }
}

impl LossUnit {
    /// The loss of a network's output, a row for each image, and the classes of the images, or, of mixed
    /// images, the probabilities of the classes.
    pub(crate) fn build(&self) -> Box<dyn Loss> {
        match self.clone() {
            Self::Nll(loss) => Box::new(loss),
            Self::CrossEntropy(loss) => Box::new(loss),
            Self::MultiMargin(loss) => Box::new(loss),
            Self::Mse(loss) => Box::new(OfRows(loss, shares)),
            Self::L1(loss) => Box::new(OfRows(loss, shares)),
            Self::SmoothL1(loss) => Box::new(OfRows(loss, shares)),
            Self::Huber(loss) => Box::new(OfRows(loss, shares)),
            Self::KlDiv(loss) => Box::new(OfRows(loss, shares)),
            Self::BceWithLogits(loss) => Box::new(OfRows(loss, shares)),
            Self::MultiLabelSoftMargin(loss) => Box::new(OfRows(loss, shares)),
            Self::SoftMargin(loss) => Box::new(OfRows(loss, signs)),
        }
    }

    /// Whether the loss takes probabilities of the classes, which mixed images have.
    pub(crate) fn takes_probabilities(&self) -> bool {
        !matches!(self, Self::Nll(_) | Self::MultiMargin(_))
    }
}

/// A loss whose target has the size of its input.
struct OfRows<L>(L, fn(&Tensor, &Tensor) -> Tensor);

impl<L: Loss> Loss for OfRows<L> {
    #[track_caller]
    fn forward(&self, input: &Tensor, target: &Tensor) -> Tensor {
        self.0.forward(input, &(self.1)(input, target))
    }

    fn validate(&self) -> Result<(), selvedge_train::TrainError> {
        self.0.validate()
    }
}

/// The share of each class: 1 for an image's own.
fn shares(input: &Tensor, target: &Tensor) -> Tensor {
    if target.is_floating_point() {
        return target.to_kind(input.kind());
    }
    let zeros = input.detach().zeros_like();
    zeros.scatter_value(1, &target.to_kind(Kind::Int64).unsqueeze(1), 1.0)
}

/// 1 for an image's own class, -1 for the others.
fn signs(input: &Tensor, target: &Tensor) -> Tensor {
    shares(input, target) * 2.0 - 1.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_loss_compares_rows_with_classes() {
        let target = Tensor::from_slice(&[2_i64, 0]);
        for unit in LossUnit::samples() {
            let input = Tensor::from_slice(&[-1.5f32, -0.3, -3.0, -0.1, -2.5, -4.0])
                .view([2, 3])
                .set_requires_grad(true);
            let loss = unit.build().forward(&input, &target);
            assert_eq!(loss.numel(), 1, "{unit:?}");
            loss.backward();
            assert!(input.grad().abs().sum(Kind::Float).double_value(&[]) > 0.0, "{unit:?}");
        }
    }

    #[test]
    fn the_target_of_a_loss_of_rows_is_one_for_the_class() {
        let (input, target) = (Tensor::zeros([2, 3], (Kind::Float, tch::Device::Cpu)), [2_i64, 0]);
        let values = |tensor: Tensor| Vec::<f32>::try_from(tensor.view(-1)).unwrap();
        let target = Tensor::from_slice(&target);
        assert_eq!(values(shares(&input, &target)), [0.0, 0.0, 1.0, 1.0, 0.0, 0.0]);
        assert_eq!(values(signs(&input, &target)), [-1.0, -1.0, 1.0, 1.0, -1.0, -1.0]);
        let mixed = Tensor::from_slice(&[0.25f32, 0.75, 0.0, 0.0, 0.0, 1.0]).view([2, 3]);
        assert_eq!(shares(&input, &mixed), mixed);
    }

    #[test]
    fn losses_that_take_probabilities_take_them() {
        let mixed = Tensor::from_slice(&[0.25f32, 0.75, 0.0, 0.0, 0.0, 1.0]).view([2, 3]);
        for unit in LossUnit::samples().iter().filter(|unit| unit.takes_probabilities()) {
            let input = Tensor::zeros([2, 3], (Kind::Float, tch::Device::Cpu));
            assert!(unit.build().forward(&input, &mixed).double_value(&[]).is_finite(), "{unit:?}");
        }
    }
}
