use serde::{Deserialize, Serialize};
use tch::Tensor;

use crate::transform::{limits, rows};
use crate::{Apply, Draws, Result, Transform};

/// Does all steps to each image, in an order of its own; torchvision's `RandomOrder`.
///
/// Differs from PyTorch: each image of a batch has a draw of its own.
///
/// ```
/// use selvedge_data::{Apply, GaussianBlur, RandomInvert, RandomOrder};
/// use tch::{Device, Kind, Tensor};
///
/// let images = Tensor::rand([8, 3, 24, 24], (Kind::Float, Device::Cpu));
/// let order = RandomOrder::new([GaussianBlur::new(3).into(), RandomInvert::default().into()]);
/// assert_eq!(order.apply(&images)?.size(), [8, 3, 24, 24]);
/// # Ok::<(), selvedge_data::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RandomOrder {
    /// The steps, at least one. No default, as in PyTorch.
    pub transforms: Vec<Transform>,
}

impl RandomOrder {
    /// These steps.
    #[must_use]
    pub fn new(transforms: impl Into<Vec<Transform>>) -> Self {
        Self { transforms: transforms.into() }
    }
}

impl Apply for RandomOrder {
    fn apply_with(&self, images: &Tensor, draws: &Draws<'_>) -> Result<Tensor> {
        self.validate()?;
        let order = |(mut random, &index): (crate::Random, &usize)| {
            let mut order: Vec<usize> = (0..self.transforms.len()).collect();
            random.shuffle(&mut order);
            (order, index)
        };
        let orders: Vec<_> = draws.images().zip(draws.indices()).map(order).collect();
        rows::grouped(
            images,
            &orders,
            |(order, _)| order.clone(),
            |images, order, orders| {
                let indices: Vec<usize> = orders.iter().map(|(_, index)| *index).collect();
                let draws = draws.of(&indices);
                order.iter().try_fold(images.shallow_clone(), |images, &number| {
                    self.transforms[number].apply_with(&images, &draws.step(number))
                })
            },
        )
    }

    fn validate(&self) -> Result<()> {
        limits::some("RandomOrder.transforms", &self.transforms)?;
        self.transforms.iter().try_for_each(Apply::validate)
    }

    fn varies_in_size(&self) -> bool {
        self.transforms.iter().any(Apply::varies_in_size)
    }
}
