//! Microseconds of a training step, a line for each line that asks: our part of `cargo xtask bench --python PYTHON
//! costs`, where the steps of PyTorch are timed in turns with ours.
//!
//! A question is the device, the way (`compiled` or `ordinary`), the number of threads (0: libtorch's choice), the images
//! in a batch, and the sizes of the layers: `cpu compiled 2 64 784,256,128,10`. The network lasts until another one is
//! asked for.

use std::error::Error;
use std::time::Duration;

use selvedge_benches::{Training, answer, connected, median_microseconds};
use selvedge_data::Batch;
use selvedge_nn::{ModuleExt, Sequential};
use selvedge_torch::DeviceChoice;
use tch::{Cuda, Device, Kind, Tensor};

/// How long an answer may take, but for three measurements.
const PATIENCE: Duration = Duration::from_millis(60);

/// A GPU is waited for after so many steps.
const STEPS: u16 = 20;

fn main() -> Result<(), Box<dyn Error>> {
    // As the program `selvedge` does.
    let _ = selvedge_torch::keep_freed_memory();
    selvedge_torch::flush_denormals(true);
    tch::manual_seed(0);
    let choice = tch::get_num_threads();
    let mut last: Option<(String, Batch, Training<Sequential>)> = None;
    answer(|words| {
        let device: DeviceChoice = words.next("device")?;
        let device = device.resolve()?;
        let way: String = words.next("way")?;
        let threads: i32 = words.next("number of threads")?;
        let (count, sizes): (i64, String) = (words.next("number of images")?, words.next("sizes")?);
        tch::set_num_threads(if threads == 0 { choice } else { threads });
        let asked = format!("{device:?} {way} {count} {sizes}");
        if last.as_ref().is_none_or(|(before, ..)| *before != asked) {
            // What the last one holds is given back first.
            last = None;
            let numbers: Vec<i64> = sizes.split(',').map(str::parse).collect::<Result<_, _>>()?;
            let batch = made_up(count, &numbers, device);
            let model = connected(&numbers);
            model.to(device);
            let mut training = match way.as_str() {
                "compiled" => Training::compiled(model, &batch),
                "ordinary" => Training::new(model),
                other => return Err(format!("the way {other:?} is neither compiled nor ordinary").into()),
            };
            let _ = training.step(&batch);
            last = Some((asked, batch, training));
        }
        let (_, batch, training) = last.as_mut().ok_or("it was just made")?;
        let steps = if device.is_cuda() { STEPS } else { 1 };
        let time = median_microseconds(PATIENCE, || {
            for _ in 0..steps {
                drop(training.step(batch));
            }
            wait_for(device);
        });
        Ok(format!(r#"{{"us": {}}}"#, time / f64::from(steps)))
    })
}

fn wait_for(device: Device) {
    if let Device::Cuda(index) = device {
        Cuda::synchronize(index as i64);
    }
}

fn made_up(count: i64, sizes: &[i64], device: Device) -> Batch {
    let (inputs, classes) = (sizes[0], sizes[sizes.len() - 1]);
    let images = Tensor::randn([count, inputs], (Kind::Float, device));
    Batch { images, labels: Tensor::randint(classes, [count], (Kind::Int64, device)) }
}
