use selvedge_data::{Batch, Result};
use selvedge_nn::{Forward, Mode, ModuleExt};
use selvedge_train::optim::{Adam, Optimizer};
use selvedge_train::{CompiledStep, Loss, NllLoss};
use tch::{Device, Kind, Tensor};

/// A network that is trained as the chapter trains its own: negative log likelihood, Adam, learning rate 3e-3.
#[derive(Debug)]
pub struct Training<M> {
    /// The network, whose output is logarithms of probabilities.
    pub model: M,
    loss: NllLoss,
    optimizer: Optimizer<Adam>,
    compiled: Option<CompiledStep>,
}

impl<M: Forward> Training<M> {
    /// Starts with a network, with ordinary steps.
    #[must_use]
    pub fn new(model: M) -> Self {
        let adam = Adam { lr: 3e-3, ..Adam::default() };
        let optimizer = Optimizer::new(model.parameters(), adam).expect("the network has parameters");
        Self { model, loss: NllLoss::default(), optimizer, compiled: None }
    }

    /// Starts with a network, with steps that are compiled for batches like this one.
    #[must_use]
    pub fn compiled(model: M, batch: &Batch) -> Self {
        let mut training = Self::new(model);
        let Self { model, loss, optimizer, compiled } = &mut training;
        let step = CompiledStep::new(model, loss, optimizer, &batch.images, &batch.labels);
        *compiled = Some(step.expect("the network can be compiled"));
        training
    }

    /// One step; returns the loss.
    pub fn step(&mut self, batch: &Batch) -> Tensor {
        if let Some(compiled) = &mut self.compiled {
            return compiled.step(&mut self.optimizer, &batch.images, &batch.labels);
        }
        self.optimizer.zero_grad();
        let loss = self.loss.forward(&self.model.forward(&batch.images, Mode::Train), &batch.labels);
        loss.backward();
        self.optimizer.step();
        loss.detach()
    }

    /// A step for each batch; returns the mean loss, which is read once, at the end.
    ///
    /// # Errors
    ///
    /// When a batch can not be had.
    pub fn epoch(&mut self, batches: impl Iterator<Item = Result<Batch>>) -> Result<f64> {
        let mut total = Tensor::zeros([], (Kind::Float, Device::Cpu));
        let mut count = 0;
        for batch in batches {
            total += self.step(&batch?);
            count += 1;
        }
        Ok(total.double_value(&[]) / f64::from(count))
    }
}
