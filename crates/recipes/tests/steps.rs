//! The first 100 steps of the chapter's training, on the real images, against PyTorch's.

use selvedge_data::{Compose, FashionMnist, Loader, LoaderOptions, Normalize, ToTensor};
use selvedge_golden::{Golden, assert_close};
use selvedge_nn::{Forward, Mode, ModuleExt};
use selvedge_recipes::{dropout, log_softmax};
use selvedge_train::{Adam, Loss, NllLoss, Optimizer};
use tch::{Kind, Tensor};

/// The loss of every step agrees with PyTorch's, from the same seed and in the same order of images.
#[test]
fn each_loss_is_pytorchs() {
    let golden = Golden::read(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/golden/steps.safetensors"));
    assert_eq!(golden.cases.len(), 2);
    let transform = Compose::new([ToTensor.into(), Normalize::new(&[0.5], &[0.5]).into()]);
    let options = LoaderOptions { batch_size: 64, transform, ..LoaderOptions::default() };
    let images = FashionMnist::train().load().expect("`cargo xtask setup` fetches the images");
    let loader = Loader::new(images, options).unwrap();
    // The dropout draws from libtorch's one generator, so both networks are trained in the same test.
    for case in &golden.cases {
        tch::manual_seed(case.options["seed"].as_i64().unwrap());
        let model: Box<dyn Forward> = match case.name.as_str() {
            "dropout" => Box::new(dropout::FashionNetwork::new()),
            _ => Box::new(log_softmax::FashionNetwork::new()),
        };
        for (path, parameter) in model.named_parameters() {
            let expected = case.tensor(&format!("initial.{path}"));
            let found = parameter.flatten(0, -1).narrow(0, 0, expected.size()[0]);
            // Without vector instructions libtorch rounds products with sums in another way.
            assert!(found.allclose(&expected, 1e-6, 1e-8, false), "{}: {path} begins otherwise", case.name);
        }
        let lr = case.options["lr"].as_f64().unwrap();
        let mut optimizer = Optimizer::new(model.parameters(), Adam { lr, ..Adam::default() }).unwrap();
        let criterion = NllLoss::default();
        let order = Vec::<i32>::try_from(case.tensor("order")).unwrap();
        let mut losses = Vec::new();
        for batch in loader.batches_of(order.into_iter().map(|index| index as usize).collect()) {
            let batch = batch.unwrap();
            optimizer.zero_grad();
            let loss = criterion.forward(&model.forward(&batch.images, Mode::Train), &batch.labels);
            loss.backward();
            optimizer.step();
            losses.push(loss.double_value(&[]));
        }
        let expected = case.tensor("loss");
        assert_eq!(losses.len(), 100);
        for (step, loss) in losses.into_iter().enumerate() {
            let expected = expected.get(step as i64);
            let found = Tensor::from(loss).to_kind(Kind::Double);
            assert_close(&format!("{}: loss of step {step}", case.name), &found, &expected, 1e-5);
        }
    }
}
