//! The chapter's training on the real images: a compiled step has the loss of the ordinary one from the same state.

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

/// At each state of a training by compiled steps, the ordinary step has the same loss. From the same state, since rounding
/// grows over the steps.
fn agree(loader: &Loader, steps: usize, network: impl Fn() -> Box<dyn Forward>) {
    let criterion = NllLoss::default();
    let (ordinary, compiled) = (network(), network());
    let adam = Adam { lr: 3e-3, ..Adam::default() };
    let mut optimizer = Optimizer::new(compiled.parameters(), adam).expect("the network has parameters");
    let mut step = None;
    let batches = loader.epoch(0).chain(loader.epoch(1)).take(steps);
    for (index, batch) in batches.enumerate() {
        let Batch { images, labels, .. } = batch.expect("it is in memory");
        let step = step.get_or_insert_with(|| {
            CompiledStep::new(&compiled, &criterion, &mut optimizer, &images, &labels)
                .expect("it can be compiled")
        });
        ordinary.load_state_dict(&compiled.state_dict()).expect("the networks are alike");
        // Both draw the same dropout.
        tch::manual_seed(index as i64);
        let expected = criterion.forward(&ordinary.forward(&images, Mode::Train), &labels).double_value(&[]);
        tch::manual_seed(index as i64);
        let found = step.step(&mut optimizer, &images, &labels).double_value(&[]);
        let name = compiled.name();
        assert!((expected - found).abs() <= 1e-6 * expected, "{name}: step {index}: {expected} and {found}");
    }
}
