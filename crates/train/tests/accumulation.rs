//! Accumulated gradients are those of one large batch, in the last group of an epoch, too.

use selvedge_golden::assert_close;
use selvedge_train::{Accumulation, Loss, MseLoss};
use tch::{Device, Kind, Tensor};

#[test]
fn each_group_has_the_gradient_of_one_batch() {
    tch::manual_seed(3);
    let double = (Kind::Double, Device::Cpu);
    let loss = MseLoss::default();
    for (samples, batch_size, batches) in
        [(24, 4, 3), (22, 4, 3), (17, 4, 2), (5, 8, 2), (9, 1, 4), (7, 3, 1)]
    {
        let (input, target) = (Tensor::randn([samples, 5], double), Tensor::randn([samples, 2], double));
        let weight = Tensor::randn([5, 2], double);
        let gradient = |input: &Tensor, target: &Tensor| {
            let weight = weight.copy().set_requires_grad(true);
            loss.forward(&input.matmul(&weight), target).backward();
            weight.grad()
        };
        let accumulation = Accumulation { batches };
        let leaf = weight.copy().set_requires_grad(true);
        let (mut start, mut steps) = (0, 0);
        let parts = input.split(batch_size, 0).into_iter().zip(target.split(batch_size, 0));
        let mut end = 0;
        for (batch, (batch_input, batch_target)) in parts.enumerate() {
            let part = accumulation.part(batch as u64, batch_size as u64, samples as u64);
            (loss.forward(&batch_input.matmul(&leaf), &batch_target) * part.weight).backward();
            end += batch_input.size()[0];
            if part.steps {
                let expected = gradient(&input.slice(0, start, end, 1), &target.slice(0, start, end, 1));
                assert_close("gradient of a group", &leaf.grad(), &expected, 1e-12);
                let _ = leaf.grad().zero_();
                start = end;
                steps += 1;
            }
        }
        assert_eq!((start, end), (samples, samples), "the last group steps");
        let groups = (samples as u64).div_ceil(batch_size as u64).div_ceil(batches);
        assert_eq!(steps, groups);
    }
}

#[test]
#[should_panic(expected = "Accumulation: expected a batch below 3, found 3")]
fn a_batch_after_the_epoch_is_refused() {
    let _ = Accumulation { batches: 2 }.part(3, 4, 12);
}

#[test]
fn no_batches_is_an_error() {
    assert!(Accumulation { batches: 0 }.validate().is_err());
    Accumulation::default().validate().unwrap();
}
