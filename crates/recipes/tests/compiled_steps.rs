//! The chapter's training on the real images: the compiled step gives the losses of the ordinary one.

use selvedge_data::{Batch, Compose, FashionMnist, Loader, LoaderOptions, Normalize, ToTensor};
use selvedge_nn::{Forward, Mode, ModuleExt};
use selvedge_recipes::{convolutional, dropout, functional, log_softmax, sequential};
use selvedge_train::{Adam, CompiledStep, Loss, NllLoss, Optimizer};

/// Dropout is drawn from libtorch's one generator, so this is all in one test.
#[test]
fn each_loss_is_that_of_the_ordinary_step() {
    // Two threads that other tests keep from running would wait for each other at every operation.
    tch::set_num_threads(1);
    let transform = Compose::new([ToTensor.into(), Normalize::new(&[0.5], &[0.5]).into()]);
    let options = LoaderOptions { batch_size: 64, shuffle: true, transform, ..LoaderOptions::default() };
    let images = FashionMnist::train().load().expect("`cargo xtask setup` fetches the images");
    let loader = Loader::new(images, options).unwrap();
    agree(&loader, 1000, || Box::new(dropout::FashionNetwork::new()));
    agree(&loader, 20, || Box::new(log_softmax::FashionNetwork::new()));
    agree(&loader, 20, || Box::new(functional::FashionNetwork::new()));
    agree(&loader, 20, || Box::new(sequential::fashion_network()));
    agree(&loader, 20, || Box::new(convolutional::FashionNetwork::new()));
}

fn agree(loader: &Loader, steps: usize, network: impl Fn() -> Box<dyn Forward>) {
    let batches =
        || loader.epoch(0).chain(loader.epoch(1)).take(steps).map(|batch| batch.expect("it is in memory"));
    let criterion = NllLoss::default();
    let begin = || {
        tch::manual_seed(1);
        let model = network();
        let adam = Adam { lr: 3e-3, ..Adam::default() };
        let optimizer = Optimizer::new(model.parameters(), adam).expect("the network has parameters");
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
    let mut compiled = None;
    for (index, (Batch { images, labels, .. }, ordinary)) in batches().zip(ordinary).enumerate() {
        let step = compiled.get_or_insert_with(|| {
            CompiledStep::new(&model, &criterion, &mut optimizer, &images, &labels)
                .expect("it can be compiled")
        });
        let loss = step.step(&mut optimizer, &images, &labels).double_value(&[]);
        let name = model.name();
        assert!((ordinary - loss).abs() <= 1e-5 * ordinary, "{name}: step {index}: {ordinary} and {loss}");
    }
}
