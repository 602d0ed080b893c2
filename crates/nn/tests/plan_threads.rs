//! A planned layer gives what its own forward and autograd do on any number of threads, whichever kernel it takes.

use selvedge_nn::plan::{Chain, Plan};
use selvedge_nn::{Forward, Linear, LinearOptions, Mode, ModuleExt, Sequential};
use tch::{Device, Kind, Tensor};

const FLOAT: (Kind, Device) = (Kind::Float, Device::Cpu);

#[test]
fn each_number_of_threads_computes_the_same_values() {
    for threads in [1, 2, 3, 4] {
        tch::set_num_threads(threads);
        // Columns that the threads share evenly and unevenly, and too few of them; a product with several blocks.
        for (rows, columns, bias) in
            [(64, 256, true), (64, 256, false), (1, 200, true), (40, 208, true), (64, 10, true)]
        {
            // Its backward asks for the gradient of the second layer's input.
            let first = Linear::with(784, 96, LinearOptions { bias });
            let network =
                Sequential::new().then(first).then(Linear::with(96, columns, LinearOptions { bias }));
            let input = Tensor::randn([rows, 784], FLOAT);
            let parameters = network.parameters();
            let gradients: Vec<_> = parameters
                .iter()
                .map(|parameter| (parameter.shallow_clone(), parameter.zeros_like()))
                .collect();
            let chain = Chain::of(&network).expect("linear layers are a chain");
            let mut plan = Plan::new(&chain, &input, Mode::Train, &gradients).expect("it is planned");
            let what = format!("{threads} threads, {rows} rows, {columns} columns");

            let expected = network.forward(&input, Mode::Train);
            let output = plan.forward(&input);
            assert!(output.allclose(&expected, 1e-6, 1e-6, false), "{what}: the output");
            let gradient = Tensor::randn(expected.size(), FLOAT);
            (&expected * &gradient).sum(Kind::Float).backward();
            plan.backward(&input, &gradient);
            for (parameter, found) in &gradients {
                assert!(found.allclose(&parameter.grad(), 1e-5, 1e-5, false), "{what}: a gradient");
            }
        }
    }
}
