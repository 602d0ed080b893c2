//! Microseconds of a compiled training step, a line for each line that asks: our part of `cargo xtask bench --python
//! PYTHON costs`, where the steps of PyTorch are timed in turns with ours.
//!
//! A question is the number of threads (0: libtorch's choice), the images in a batch, and the sizes of the layers:
//! `2 64 784,256,128,10`. The network lasts until another one is asked for.

use std::error::Error;
use std::time::Duration;

use selvedge_benches::{Training, answer, connected, median_microseconds};
use selvedge_data::Batch;
use selvedge_nn::Sequential;
use tch::{Device, Kind, Tensor};

/// How long an answer may take, but for three steps.
const PATIENCE: Duration = Duration::from_millis(60);

fn main() -> Result<(), Box<dyn Error>> {
    // As the program `selvedge` does.
    let _ = selvedge_torch::keep_freed_memory();
    tch::manual_seed(0);
    let choice = tch::get_num_threads();
    let mut last: Option<(i64, String, Batch, Training<Sequential>)> = None;
    answer(|words| {
        let threads: i32 = words.next("number of threads")?;
        let (count, sizes): (i64, String) = (words.next("number of images")?, words.next("sizes")?);
        tch::set_num_threads(if threads == 0 { choice } else { threads });
        if last.as_ref().is_none_or(|(images, of, ..)| (images, of) != (&count, &sizes)) {
            // What the last one holds is given back first.
            last = None;
            let numbers: Vec<i64> = sizes.split(',').map(str::parse).collect::<Result<_, _>>()?;
            let batch = made_up(count, &numbers);
            let mut training = Training::compiled(connected(&numbers), &batch);
            let _ = training.step(&batch);
            last = Some((count, sizes, batch, training));
        }
        let (_, _, batch, training) = last.as_mut().ok_or("it was just made")?;
        let time = median_microseconds(PATIENCE, || drop(training.step(batch)));
        Ok(format!(r#"{{"us": {time}}}"#))
    })
}

fn made_up(count: i64, sizes: &[i64]) -> Batch {
    let (inputs, classes) = (sizes[0], sizes[sizes.len() - 1]);
    let images = Tensor::randn([count, inputs], (Kind::Float, Device::Cpu));
    Batch { images, labels: Tensor::randint(classes, [count], (Kind::Int64, Device::Cpu)) }
}
