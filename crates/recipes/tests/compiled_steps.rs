//! A thousand steps of the chapter's training on the real images: the compiled step gives the losses of the
//! ordinary one.

use selvedge_data::{Batch, Compose, FashionMnist, Loader, LoaderOptions, Normalize, ToTensor};
use selvedge_nn::{Forward, Mode, ModuleExt};
use selvedge_recipes::dropout::FashionNetwork;
use selvedge_train::{Adam, CompiledStep, Loss, NllLoss, Optimizer};

const STEPS: usize = 1000;

/// Both trainings draw their dropout from libtorch's one generator, so this is all in one test.
#[test]
fn each_loss_is_that_of_the_ordinary_step() {
    // Two threads that other tests keep from running would wait for each other at every operation.
    tch::set_num_threads(1);
    let transform = Compose::new([ToTensor.into(), Normalize::new(&[0.5], &[0.5]).into()]);
    let options = LoaderOptions { batch_size: 64, shuffle: true, transform, ..LoaderOptions::default() };
    let images = FashionMnist::train().load().expect("`cargo xtask setup` fetches the images");
    let loader = Loader::new(images, options).unwrap();
    let batches = || loader.epoch(0).chain(loader.epoch(1)).take(STEPS).map(Result::unwrap);
    let criterion = NllLoss::default();
    let begin = || {
        tch::manual_seed(1);
        let model = FashionNetwork::new();
        let optimizer = Optimizer::new(model.parameters(), Adam { lr: 3e-3, ..Adam::default() }).unwrap();
        (model, optimizer)
    };

    let (model, mut optimizer) = begin();
    let ordinary: Vec<f64> = batches()
        .map(|Batch { images, labels, .. }| {
            optimizer.zero_grad();
            let loss = criterion.forward(&model.forward(&images, Mode::Train), &labels);
            loss.backward();
            optimizer.step();
            loss.double_value(&[])
        })
        .collect();

    let (model, mut optimizer) = begin();
    let first = batches().next().unwrap();
    let mut step =
        CompiledStep::new(&model, &criterion, &mut optimizer, &first.images, &first.labels).unwrap();
    let compiled: Vec<f64> = batches()
        .map(|Batch { images, labels, .. }| step.step(&mut optimizer, &images, &labels).double_value(&[]))
        .collect();
    let mut worst = (0, 0.0);
    for (step, (ordinary, compiled)) in ordinary.into_iter().zip(compiled).enumerate() {
        let relative = (ordinary - compiled).abs() / ordinary;
        if relative > worst.1 {
            worst = (step, relative);
        }
    }
    assert!(worst.1 < 1e-5, "step {}: the losses differ by {:e}", worst.0, worst.1);
}
