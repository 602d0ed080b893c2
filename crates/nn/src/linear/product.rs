use tch::Tensor;

use super::kernel::{Kernel, by_libtorch};

/// `output = bias + first · second` of a layer in a plan: by libtorch, or by a kernel of our own where that takes less time.
/// The kernel is chosen when the plan is made. No measurement changes what a plan computes on this machine.
#[derive(Debug)]
pub(super) struct Product {
    pub(super) output: Tensor,
    bias: Option<Tensor>,
    ours: Option<Kernel>,
}

impl Product {
    /// For matrices that lie in memory like these. Their values mean nothing, and stay as they are.
    pub(super) fn new(output: Tensor, bias: Option<Tensor>, first: &Tensor, second: &Tensor) -> Self {
        let ours = Kernel::choose(&output, bias.as_ref(), first, second);
        Self { output, bias, ours }
    }

    pub(super) fn run(&self, first: &Tensor, second: &Tensor) {
        let Self { output, bias, ours } = self;
        // A matrix that lies in another way than it was planned for is left to libtorch.
        if !ours.is_some_and(|ours| ours.run(output, bias.as_ref(), first, second).is_ok()) {
            by_libtorch(output, bias.as_ref(), first, second);
        }
    }
}

#[cfg(test)]
mod tests {
    use tch::{Device, Kind};

    use super::super::kernel::Sides;
    use super::*;

    const FLOAT: (Kind, Device) = (Kind::Float, Device::Cpu);

    fn product(output: Tensor, sides: Sides) -> Product {
        Product { output, bias: None, ours: Some(Kernel { sides, block: 3 }) }
    }

    #[test]
    fn our_kernel_takes_the_matrices_as_they_are_copied_or_transposed() {
        let (first, second) = (Tensor::randn([4, 6], FLOAT), Tensor::randn([6, 5], FLOAT));
        let expected = first.matmul(&second);
        let as_they_are = product(Tensor::zeros([4, 5], FLOAT), Sides::AsTheyAre);
        as_they_are.run(&first, &second);
        assert!(as_they_are.output.allclose(&expected, 1e-5, 1e-6, false));
        let copied = product(Tensor::zeros([4, 5], FLOAT), Sides::SecondCopied);
        copied.run(&first, &second.tr().contiguous().tr());
        assert!(copied.output.allclose(&expected, 1e-5, 1e-6, false));
        let transposed = product(Tensor::zeros([5, 4], FLOAT).tr(), Sides::Transposed);
        // The rows of the second factor of the transposed product are the columns of the first.
        transposed.run(&first.tr().contiguous().tr(), &second);
        assert!(transposed.output.allclose(&expected, 1e-5, 1e-6, false));
    }

    #[test]
    fn matrices_that_lie_in_another_way_go_to_libtorch() {
        let (first, second) = (Tensor::randn([4, 6], FLOAT), Tensor::randn([5, 6], FLOAT).tr());
        let product = product(Tensor::zeros([4, 5], FLOAT), Sides::AsTheyAre);
        product.run(&first, &second);
        assert!(product.output.allclose(&first.matmul(&second), 1e-5, 1e-6, false));
    }

    #[test]
    fn a_choice_agrees_with_libtorch_and_has_the_same_bits_each_time() {
        for (rows, terms, columns) in [(64, 784, 256), (64, 300, 96), (3, 70, 7)] {
            let (first, second) =
                (Tensor::randn([rows, terms], FLOAT), Tensor::randn([terms, columns], FLOAT));
            let bias = Tensor::randn([columns], FLOAT);
            let transposed = second.tr().contiguous().tr();
            for second in [&second, &transposed] {
                let chosen = || {
                    let output = Tensor::zeros([rows, columns], FLOAT);
                    let product = Product::new(output, Some(bias.shallow_clone()), &first, second);
                    product.run(&first, second);
                    product.output
                };
                let output = chosen();
                assert!(output.allclose(&bias.addmm(&first, second), 1e-5, 1e-4, false));
                for _ in 0..3 {
                    assert_eq!(chosen(), output);
                }
            }
        }
        // A double is not tried, nor what would take long.
        let double = Tensor::zeros([4, 4], (Kind::Double, Device::Cpu));
        assert!(Product::new(double.copy(), None, &double, &double).ours.is_none());
        let large = Tensor::zeros([1, 1], FLOAT).expand([2048, 2048], false);
        assert!(Product::new(large.copy(), None, &large, &large).ours.is_none());
    }
}
