//! The chapter's network in burn, on its own CPU backend.

use std::error::Error;

use burn::module::Module;
use burn::nn::{Linear, LinearConfig, Relu};
use burn::optim::{AdamConfig, GradientsParams, ModuleOptimizer};
use burn::tensor::activation::log_softmax;
use burn::tensor::{Device, Int, Tensor, TensorData};
use contest::{Contender, Garments, LEARNING_RATE, SIZES, report};

#[derive(Module, Debug)]
struct FashionNetwork {
    hidden1: Linear,
    hidden2: Linear,
    output: Linear,
    activation: Relu,
}

impl FashionNetwork {
    fn new(device: &Device) -> Self {
        let linear = |layer: usize| LinearConfig::new(SIZES[layer], SIZES[layer + 1]).init(device);
        Self { hidden1: linear(0), hidden2: linear(1), output: linear(2), activation: Relu::new() }
    }

    fn forward(&self, images: Tensor<2>) -> Tensor<2> {
        let hidden = self.activation.forward(self.hidden1.forward(images));
        let hidden = self.activation.forward(self.hidden2.forward(hidden));
        log_softmax(self.output.forward(hidden), 1)
    }
}

struct Training {
    /// None only while a step replaces it.
    model: Option<FashionNetwork>,
    optimizer: ModuleOptimizer,
    images: Tensor<2>,
    labels: Tensor<1, Int>,
    device: Device,
}

impl Contender for Training {
    type Batch = (Tensor<2>, Tensor<1, Int>);

    fn batch(&self, places: &[u32]) -> Self::Batch {
        let places: Vec<i32> = places.iter().map(|&place| place as i32).collect();
        let places = Tensor::<1, Int>::from_data(places.as_slice(), &self.device);
        (self.images.clone().select(0, places.clone()), self.labels.clone().select(0, places))
    }

    fn step(&mut self, (images, labels): &Self::Batch) -> f32 {
        let model = self.model.take().expect("a step puts it back");
        let output = model.forward(images.clone());
        let loss = output.gather(1, labels.clone().unsqueeze_dim(1)).mean().neg();
        let gradients = GradientsParams::from_grads(loss.backward(), &model);
        self.model = Some(self.optimizer.step(LEARNING_RATE, model, gradients));
        loss.into_scalar()
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    let Garments { images, labels } = Garments::read()?;
    let device = Device::flex().autodiff();
    device.seed(0);
    let count = labels.len();
    let labels: Vec<i32> = labels.into_iter().map(i32::from).collect();
    let training = Training {
        model: Some(FashionNetwork::new(&device)),
        optimizer: AdamConfig::new().with_epsilon(1e-8).init(),
        images: Tensor::from_data(TensorData::new(images, [count, SIZES[0]]), &device),
        labels: Tensor::from_data(TensorData::new(labels, [count]), &device),
        device,
    };
    report(training, count);
    Ok(())
}
