//! The chapter's network in candle.

use std::error::Error;

use candle_core::{DType, Device, Result, Tensor};
use candle_nn::ops::log_softmax;
use candle_nn::{
    AdamW, Linear, Module, Optimizer, ParamsAdamW, Sequential, VarBuilder, VarMap, linear, loss, seq,
};
use contest::{Contender, Garments, LEARNING_RATE, SIZES, report};

struct Training {
    model: Sequential,
    optimizer: AdamW,
    images: Tensor,
    labels: Tensor,
}

impl Training {
    fn new(Garments { images, labels }: Garments) -> Result<Self> {
        let (variables, count) = (VarMap::new(), labels.len());
        let builder = VarBuilder::from_varmap(&variables, DType::F32, &Device::Cpu);
        let layer = |index: usize| -> Result<Linear> {
            linear(SIZES[index], SIZES[index + 1], builder.pp(format!("layer{index}")))
        };
        let model = seq()
            .add(layer(0)?)
            .add(candle_nn::Activation::Relu)
            .add(layer(1)?)
            .add(candle_nn::Activation::Relu)
            .add(layer(2)?)
            .add_fn(|output| log_softmax(output, 1));
        // Without decay it is Adam.
        let adam = ParamsAdamW { lr: LEARNING_RATE, weight_decay: 0.0, ..ParamsAdamW::default() };
        let labels: Vec<u32> = labels.into_iter().map(u32::from).collect();
        Ok(Self {
            model,
            optimizer: AdamW::new(variables.all_vars(), adam)?,
            images: Tensor::from_vec(images, (count, SIZES[0]), &Device::Cpu)?,
            labels: Tensor::from_vec(labels, count, &Device::Cpu)?,
        })
    }

    fn select(&self, places: &[u32]) -> Result<(Tensor, Tensor)> {
        let places = Tensor::new(places, &Device::Cpu)?;
        Ok((self.images.index_select(&places, 0)?, self.labels.index_select(&places, 0)?))
    }

    fn train(&mut self, images: &Tensor, labels: &Tensor) -> Result<f32> {
        let loss = loss::nll(&self.model.forward(images)?, labels)?;
        self.optimizer.backward_step(&loss)?;
        loss.to_scalar()
    }
}

impl Contender for Training {
    type Batch = (Tensor, Tensor);

    fn batch(&self, places: &[u32]) -> Self::Batch {
        self.select(places).expect("the places are those of images")
    }

    fn step(&mut self, (images, labels): &Self::Batch) -> f32 {
        self.train(images, labels).expect("the shapes fit")
    }
}

fn main() -> std::result::Result<(), Box<dyn Error>> {
    let garments = Garments::read()?;
    let count = garments.labels.len();
    report(Training::new(garments)?, count);
    Ok(())
}
