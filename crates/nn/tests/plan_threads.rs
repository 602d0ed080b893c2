//! A plan whose threads share a product gives what the layer's own forward and autograd do.

use selvedge_nn::plan::{Chain, Plan};
use selvedge_nn::{Forward, Linear, LinearOptions, Mode, ModuleExt};
use tch::{Device, Kind, Tensor};

const FLOAT: (Kind, Device) = (Kind::Float, Device::Cpu);

#[test]
fn threads_that_share_the_columns_compute_the_same_values() {
    for threads in [2, 3, 4] {
        tch::set_num_threads(threads);
        // Columns that the threads share evenly, unevenly, and that are too few for all of them.
        for (rows, columns, bias) in [(64, 256, true), (64, 256, false), (1, 200, true), (40, 208, true)] {
            let layer = Linear::with(96, columns, LinearOptions { bias });
            let input = Tensor::randn([rows, 96], FLOAT);
            let parameters = layer.parameters();
            let gradients: Vec<_> = parameters
                .iter()
                .map(|parameter| (parameter.shallow_clone(), parameter.zeros_like()))
                .collect();
            let chain = Chain::of(&layer).expect("a linear layer is a chain");
            let mut plan = Plan::new(&chain, &input, Mode::Train, &gradients).expect("it is planned");
            let what = format!("{threads} threads, {rows} rows, {columns} columns");

            let expected = layer.forward(&input, Mode::Train);
            let output = plan.forward(&input);
            assert!(output.allclose(&expected, 1e-6, 1e-6, false), "{what}: the output");
            if rows > 1 {
                assert_eq!(output, &expected, "{what}: the output is not the same to the bit");
            }
            let gradient = Tensor::randn(expected.size(), FLOAT);
            (&expected * &gradient).sum(Kind::Float).backward();
            plan.backward(&input, &gradient);
            for (parameter, found) in &gradients {
                assert!(found.allclose(&parameter.grad(), 1e-5, 1e-6, false), "{what}: a gradient");
            }
        }
    }
}
