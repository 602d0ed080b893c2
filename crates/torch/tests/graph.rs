//! Work that is recorded as a CUDA graph: what is replayed, what is refused, and that refusing leaves all as it was.
//! Without a CUDA device the refusals are left, and work that runs as it is.

// What is skipped is said.
#![allow(clippy::print_stdout)]

use std::sync::{Mutex, MutexGuard, PoisonError};

use selvedge_torch::{CudaGraph, Generator, Replay, TorchError, cuda};
use tch::{Device, Kind, Tensor};

/// While one thread records, no other may draw random numbers on the device.
fn alone() -> MutexGuard<'static, ()> {
    static ALONE: Mutex<()> = Mutex::new(());
    ALONE.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The device, where graphs can be recorded.
fn device() -> Option<Device> {
    let device = cuda::devices().next().filter(|_| CudaGraph::is_built());
    if device.is_none() {
        println!("skipped: there is no CUDA device");
    }
    device
}

#[test]
fn only_a_cuda_device_records() {
    let refused = |device| CudaGraph::record(device, || panic!("it does not run")).unwrap_err();
    assert_eq!(refused(Device::Cpu).to_string(), "CUDAGraph takes a CUDA device, not Cpu");
    // More than any machine has.
    assert!(matches!(refused(Device::Cuda(99)), TorchError::NoCuda { .. }));
}

#[test]
fn work_runs_once_for_each_run_on_every_device() {
    let _alone = alone();
    for device in [Device::Cpu].into_iter().chain(cuda::devices()) {
        let mut input = Tensor::zeros([3], (Kind::Float, device));
        let (mut sum, mut calls) = (Tensor::zeros([3], (Kind::Float, device)), 0);
        let mut replay = Replay::on(device);
        for value in 1..=10 {
            let _ = input.fill_(value);
            replay.run(|| {
                calls += 1;
                sum += &input * 2.0;
            });
        }
        assert_eq!(Vec::<f32>::try_from(&sum).unwrap(), [110.0; 3]);
        let is_recorded = device.is_cuda() && CudaGraph::is_built();
        assert_eq!(matches!(replay.outcome(), Some(Ok(()))), is_recorded, "{replay:?}");
        // Recorded at the fourth run.
        assert_eq!(calls, if is_recorded { 4 } else { 10 });
    }
}

#[test]
fn recording_computes_nothing_and_memory_of_its_own_lives_on() {
    let _alone = alone();
    let Some(device) = device() else { return };
    let float = (Kind::Float, device);
    let (mut input, mut output) = (Tensor::ones([1000], float), Tensor::zeros([1000], float));
    let mut work = || output.copy_(&((&input + 1.0) * (&input + 2.0)).relu());
    work();
    let before = f64::try_from(output.sum(Kind::Float)).unwrap();
    let _ = input.fill_(3.0);
    let mut work = || output.copy_(&((&input + 1.0) * (&input + 2.0)).relu());
    let graph = CudaGraph::record(device, &mut work).unwrap();
    assert_eq!(f64::try_from(output.sum(Kind::Float)).unwrap(), before);
    // What comes after does not take the memory that the graph writes in between.
    let others: Vec<Tensor> = (0..50).map(|_| Tensor::ones([1000], float)).collect();
    graph.replay().unwrap();
    assert_eq!(output.double_value(&[999]), 20.0);
    assert!(others.iter().all(|other| other.eq(1.0).all() == Tensor::from(true).to_device(device)));
    let _ = input.fill_(0.0);
    std::thread::spawn(move || graph.replay().unwrap()).join().unwrap();
    cuda_is_done(device);
    assert_eq!(output.double_value(&[0]), 2.0);
}

fn cuda_is_done(device: Device) {
    let Device::Cuda(index) = device else { return };
    tch::Cuda::synchronize(index as i64);
}

#[test]
fn each_replay_draws_what_the_work_would_draw() {
    let _alone = alone();
    let Some(device) = device() else { return };
    let generator = Generator::of(device).unwrap();
    let input = Tensor::ones([4096], (Kind::Float, device));
    let drawn = |graph: bool| {
        generator.seed(5).unwrap();
        let mut output = input.zeros_like();
        let mut replay = Replay::on(if graph { device } else { Device::Cpu });
        let mut sums = Vec::new();
        for run in 0..8 {
            replay.run(|| output.copy_(&(input.dropout(0.5, true) + input.randn_like())));
            sums.push(output.double_value(&[7]) + output.sum(Kind::Double).double_value(&[]));
            if run == 5 {
                // What is drawn apart goes on from there.
                sums.push(Tensor::rand([3], (Kind::Float, device)).double_value(&[1]));
            }
        }
        assert_eq!(replay.outcome().is_some_and(|outcome| outcome.is_ok()), graph);
        (sums, generator.state().unwrap())
    };
    assert_eq!(drawn(true), drawn(false));
}

#[test]
fn what_can_not_be_recorded_runs_as_it_is() {
    let _alone = alone();
    let Some(device) = device() else { return };
    let mut sum = Tensor::zeros([2], (Kind::Float, device));
    let mut replay = Replay::on(device);
    let mut draws = Vec::new();
    for _ in 0..6 {
        replay.run(|| {
            let drawn = Tensor::rand([2], (Kind::Float, device));
            // Reading a value waits for the device.
            sum += 1.0 + 0.0 * drawn.double_value(&[0]);
        });
        // The generator and the thread's stream are in order.
        draws.push(Tensor::rand([1], (Kind::Float, device)).double_value(&[0]));
    }
    assert_eq!(sum.double_value(&[1]), 6.0);
    let reason = replay.outcome().unwrap().unwrap_err().to_string();
    assert!(reason.starts_with("CUDAGraph: ") && reason.contains("captur"), "{reason}");
    draws.dedup();
    assert_eq!(draws.len(), 6);
    // Another one can be recorded afterwards.
    let graph = CudaGraph::record(device, || drop(sum.g_add_scalar_(1.0))).unwrap();
    graph.replay().unwrap();
    assert_eq!(sum.double_value(&[0]), 7.0);
}
