//! Microseconds of a network's output, a line for each line that asks: our part of `cargo xtask bench --python PYTHON
//! inference`, where PyTorch is timed in turns with it.
//!
//! A question is the number of threads (0: libtorch's choice), the images in a batch, the network (`mlp` or `cnn`) and the
//! way (`planned` or `forward`): `2 1 mlp planned`.

use std::error::Error;
use std::hint::black_box;
use std::time::Duration;

use selvedge_benches::{answer, fashion_network, median_microseconds};
use selvedge_nn::Forward;
use selvedge_nn::plan::Inference;
use selvedge_recipes::convolutional;
use selvedge_train::trainer::predict;
use tch::{Device, Kind, Tensor};

/// How long an answer may take, but for three outputs.
const PATIENCE: Duration = Duration::from_millis(60);

fn main() -> Result<(), Box<dyn Error>> {
    // As the program `selvedge` does.
    let _ = selvedge_torch::keep_freed_memory();
    selvedge_torch::flush_denormals(true);
    tch::manual_seed(0);
    let choice = tch::get_num_threads();
    let connected = fashion_network();
    let convolutional = convolutional::FashionNetwork::new();
    let mut plans = (Inference::of(&connected), Inference::of(&convolutional));
    answer(|words| {
        let threads: i32 = words.next("number of threads")?;
        let count: i64 = words.next("number of images")?;
        let (network, way): (String, String) = (words.next("network")?, words.next("way")?);
        tch::set_num_threads(if threads == 0 { choice } else { threads });
        let (network, plan): (&dyn Forward, _) = match network.as_str() {
            "mlp" => (&connected, &mut plans.0),
            "cnn" => (&convolutional, &mut plans.1),
            other => return Err(format!("the network {other:?} is neither mlp nor cnn").into()),
        };
        let images = Tensor::randn([count, 1, 28, 28], (Kind::Float, Device::Cpu));
        let mut output: Box<dyn FnMut() -> Tensor> = match way.as_str() {
            "planned" => Box::new(|| plan.run(&images)),
            "forward" => Box::new(|| predict(network, &images)),
            other => return Err(format!("the way {other:?} is neither planned nor forward").into()),
        };
        // The second is what a plan is made for.
        for _ in 0..3 {
            drop(black_box(output()));
        }
        let time = median_microseconds(PATIENCE, || drop(black_box(output())));
        Ok(format!(r#"{{"us": {time}}}"#))
    })
}
