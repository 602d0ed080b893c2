//! The random generators of libtorch that a training draws from.

use selvedge_nn::StateDict;
use selvedge_torch::Generator;
use tch::{Device, Tensor};

use crate::TrainError;

/// The states of those that a training on `device` draws from. That of a Mac's GPU can not be had.
pub(crate) fn states(device: Device) -> Result<StateDict, TrainError> {
    let state = |device| Generator::of(device).and_then(Generator::state);
    let mut found: Vec<(String, Tensor)> = vec![("cpu".to_owned(), state(Device::Cpu)?)];
    if device.is_cuda() {
        found.push(("cuda".to_owned(), state(device)?));
    }
    Ok(found.into_iter().collect())
}

/// Puts states back.
pub(crate) fn restore(states: &StateDict, device: Device) -> Result<(), TrainError> {
    for (name, saved) in states.iter() {
        let device = if name == "cpu" { Device::Cpu } else { device };
        Generator::of(device)?.set_state(saved)?;
    }
    Ok(())
}
