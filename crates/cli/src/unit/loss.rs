use anyhow::{Result, bail};
use selvedge_train::Loss;
use selvedge_train::loss::{
    BceLoss, BceWithLogitsLoss, CrossEntropyLoss, HuberLoss, KlDivLoss, L1Loss, MseLoss,
    MultiLabelMarginLoss, MultiLabelSoftMarginLoss, MultiMarginLoss, NllLoss, PoissonNllLoss, SmoothL1Loss,
    SoftMarginLoss,
};
use tch::{Kind, Tensor};

use super::units;
use crate::session::CLASSES;

units! {
    /// What the training makes small. Of PyTorch's losses those that can compare a row of log-probabilities, which
    /// each network gives, with a class.
    LossUnit {
        "NLLLoss" => Nll(NllLoss) = NllLoss::default(),
        "CrossEntropyLoss" => CrossEntropy(CrossEntropyLoss) = CrossEntropyLoss::default(),
        "MultiMarginLoss" => MultiMargin(MultiMarginLoss) = MultiMarginLoss::default(),
        "MultiLabelMarginLoss" => MultiLabelMargin(MultiLabelMarginLoss) = MultiLabelMarginLoss::default(),
        "MSELoss" => Mse(MseLoss) = MseLoss::default(),
        "L1Loss" => L1(L1Loss) = L1Loss::default(),
        "SmoothL1Loss" => SmoothL1(SmoothL1Loss) = SmoothL1Loss::default(),
        "HuberLoss" => Huber(HuberLoss) = HuberLoss::default(),
        "BCELoss" => Bce(BceLoss) = BceLoss::default(),
        "KLDivLoss" => KlDiv(KlDivLoss) = KlDivLoss::default(),
        "PoissonNLLLoss" => PoissonNll(PoissonNllLoss) = PoissonNllLoss::default(),
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
            Self::MultiLabelMargin(loss) => rows(loss, as_it_is, list),
            Self::Mse(loss) => rows(loss, probabilities, shares),
            Self::L1(loss) => rows(loss, probabilities, shares),
            Self::SmoothL1(loss) => rows(loss, probabilities, shares),
            Self::Huber(loss) => rows(loss, probabilities, shares),
            Self::Bce(loss) => rows(loss, probabilities, shares),
            Self::KlDiv(loss) => rows(loss, as_it_is, shares),
            Self::PoissonNll(loss) if loss.log_input => rows(loss, as_it_is, shares),
            Self::PoissonNll(loss) => rows(loss, probabilities, shares),
            Self::BceWithLogits(loss) => rows(loss, as_it_is, shares),
            Self::MultiLabelSoftMargin(loss) => rows(loss, as_it_is, shares),
            Self::SoftMargin(loss) => rows(loss, as_it_is, signs),
        }
    }

    /// Whether the loss takes probabilities of the classes, which mixed images have.
    pub(crate) fn takes_probabilities(&self) -> bool {
        !matches!(self, Self::Nll(_) | Self::MultiMargin(_) | Self::MultiLabelMargin(_))
    }

    /// Refuses options that can not be, or not of classes.
    pub(crate) fn validate(&self) -> Result<()> {
        self.build().validate()?;
        let options = serde_json::to_value(self)?;
        if options["reduction"] == "none" {
            bail!(
                "\"loss.reduction\" can not be \"none\": a step follows one number, so it is \"mean\" or \"sum\""
            );
        }
        if options["log_target"] == true {
            bail!(
                "\"loss.log_target\" can not be true: the target of a class has zeros, which have no logarithm"
            );
        }
        for key in ["weight", "pos_weight"] {
            let numbers = options[key].as_array().map_or(CLASSES, |weights| weights.len() as i64);
            if numbers != CLASSES {
                bail!("\"loss.{key}\" has to have {CLASSES} numbers, one for each class, found {numbers}");
            }
        }
        Ok(())
    }
}

/// A loss whose target is made of the class.
struct OfRows<L> {
    loss: L,
    input: fn(&Tensor) -> Tensor,
    target: fn(&Tensor, &Tensor) -> Tensor,
}

fn rows<L: Loss + 'static>(
    loss: L,
    input: fn(&Tensor) -> Tensor,
    target: fn(&Tensor, &Tensor) -> Tensor,
) -> Box<dyn Loss> {
    Box::new(OfRows { loss, input, target })
}

impl<L: Loss> Loss for OfRows<L> {
    #[track_caller]
    fn forward(&self, input: &Tensor, target: &Tensor) -> Tensor {
        self.loss.forward(&(self.input)(input), &(self.target)(input, target))
    }

    fn validate(&self) -> Result<(), selvedge_train::TrainError> {
        self.loss.validate()
    }
}

/// The log-probabilities themselves: scores, or logits, of the classes.
fn as_it_is(input: &Tensor) -> Tensor {
    input.shallow_clone()
}

fn probabilities(input: &Tensor) -> Tensor {
    input.exp()
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

/// The list of an image's classes, which ends with -1: its own alone.
fn list(input: &Tensor, target: &Tensor) -> Tensor {
    let target = target.to_kind(Kind::Int64).unsqueeze(1);
    let end = Tensor::full_like(&target, -1).expand([target.size()[0], input.size()[1] - 1], false);
    Tensor::cat(&[target, end], 1)
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
            let loss = unit.build().forward(&input.log_softmax(1, Kind::Float), &target);
            assert_eq!(loss.numel(), 1, "{unit:?}");
            loss.backward();
            let toward = -input.grad().gather(1, &target.unsqueeze(1), false);
            let (least, most) = (toward.min().double_value(&[]), toward.max().double_value(&[]));
            assert!(least > -1e-6 && most > 1e-3, "{unit:?} makes a class less likely: {toward}");
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
        let lists = Vec::<i64>::try_from(list(&input, &target).view(-1)).unwrap();
        assert_eq!(lists, [2, -1, -1, 0, -1, -1]);
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
