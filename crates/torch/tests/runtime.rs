//! The state of libtorch that is not a tensor. Most of it belongs to the process, so the tests take turns.

use std::panic;
use std::sync::{Mutex, MutexGuard, PoisonError};

use selvedge_torch::{
    Algorithms, Autocast, CudaAbsent, Determinism, DeviceChoice, Generator, MatmulPrecision, Precision,
    TorchError, cuda, libtorch,
};
use tch::{Device, Kind, Tensor};

static TURN: Mutex<()> = Mutex::new(());

fn turn() -> MutexGuard<'static, ()> {
    TURN.lock().unwrap_or_else(PoisonError::into_inner)
}

fn draw() -> Tensor {
    Tensor::randn([64], (Kind::Float, Device::Cpu))
}

fn product() -> Kind {
    let matrix = Tensor::ones([2, 2], (Kind::Float, Device::Cpu));
    matrix.matmul(&matrix).kind()
}

#[test]
fn a_restored_generator_draws_the_same() {
    let _turn = turn();
    let generator = Generator::of(Device::Cpu).unwrap();
    generator.seed(3).unwrap();
    let first = draw();
    let state = generator.state().unwrap();
    let second = draw();
    assert_ne!(first, second);
    generator.set_state(&state).unwrap();
    assert_eq!(draw(), second);
    generator.seed(3).unwrap();
    assert_eq!(draw(), first);
    assert_eq!(generator.initial_seed().unwrap(), 3);
    tch::manual_seed(3);
    assert_eq!(draw(), first, "a seed means what it means to tch");
}

#[test]
fn a_state_can_be_stored_in_the_middle_of_a_pair_of_normals() {
    let _turn = turn();
    let generator = Generator::of(Device::Cpu).unwrap();
    generator.seed(9).unwrap();
    // One normal number of a pair: the other waits in the generator.
    let _one = Tensor::randn([1], (Kind::Float, Device::Cpu));
    let state = generator.state().unwrap();
    let next = Tensor::randn([3], (Kind::Float, Device::Cpu));
    generator.set_state(&state.copy()).unwrap();
    assert_eq!(Tensor::randn([3], (Kind::Float, Device::Cpu)), next);
}

#[test]
fn a_state_of_something_else_is_refused() {
    let _turn = turn();
    let generator = Generator::of(Device::Cpu).unwrap();
    let before = generator.state().unwrap();
    for wrong in [
        Tensor::zeros([8], (Kind::Uint8, Device::Cpu)),
        Tensor::zeros(before.size(), (Kind::Float, Device::Cpu)),
        Tensor::full(before.size(), 255, (Kind::Uint8, Device::Cpu)),
        Tensor::new(),
    ] {
        let error = generator.set_state(&wrong).unwrap_err();
        assert!(error.to_string().starts_with("set_rng_state: "), "{error}");
    }
    assert_eq!(generator.state().unwrap(), before);
}

#[test]
fn generators_of_other_devices() {
    assert!(matches!(Generator::of(Device::Mps), Err(TorchError::Unsupported { .. })));
    assert!(matches!(Generator::of(Device::Cuda(4096)), Err(TorchError::Unsupported { .. })));
    if cuda::device_count().is_err() {
        let error = Generator::of(Device::Cuda(0)).unwrap().state().unwrap_err();
        assert!(matches!(error, TorchError::Libtorch { operation: "get_rng_state", .. }), "{error}");
    }
}

#[test]
fn determinism_is_applied_and_told() {
    let _turn = turn();
    assert_eq!(Determinism::current().unwrap(), Determinism::default());
    for algorithms in [Algorithms::Deterministic, Algorithms::WarnOnly, Algorithms::Any] {
        for (cudnn, cudnn_benchmark) in [(true, false), (false, true), (false, false)] {
            let settings = Determinism { algorithms, cudnn, cudnn_benchmark };
            settings.apply().unwrap();
            assert_eq!(Determinism::current().unwrap(), settings);
        }
    }
    // An operation that has no deterministic algorithm.
    let median = || {
        let indices = Tensor::from_slice(&[0_i64, 0]);
        Tensor::zeros([1], (Kind::Float, Device::Cpu)).f_put(
            &indices,
            &Tensor::from_slice(&[1.0f32, 2.0]),
            false,
        )
    };
    assert!(median().is_ok());
    Determinism { algorithms: Algorithms::Deterministic, ..Determinism::default() }.apply().unwrap();
    let refused = median();
    Determinism::default().apply().unwrap();
    assert!(refused.unwrap_err().to_string().contains("deterministic"));
}

#[test]
fn precision_is_applied_and_told() {
    let _turn = turn();
    assert_eq!(Precision::current().unwrap(), Precision::default());
    for float32_matmul in [MatmulPrecision::Medium, MatmulPrecision::High, MatmulPrecision::Highest] {
        for cudnn_tf32 in [false, true] {
            let settings = Precision { float32_matmul, cudnn_tf32 };
            settings.apply().unwrap();
            assert_eq!(Precision::current().unwrap(), settings);
        }
    }
}

#[test]
fn autocast_nests_and_ends() {
    for kind in [Kind::BFloat16, Kind::Half] {
        let outer = Autocast::new(Device::Cpu, kind).unwrap();
        assert_eq!(product(), kind);
        {
            let _inner = Autocast::disabled(Device::Cpu).unwrap();
            assert_eq!(product(), Kind::Float);
        }
        {
            let _cuda = Autocast::new(Device::Cuda(0), Kind::Half).unwrap();
            assert_eq!(product(), kind, "one type of device is not the other's business");
        }
        assert_eq!(product(), kind);
        drop(outer);
        assert_eq!(product(), Kind::Float);
    }
}

#[test]
fn autocast_ends_with_a_panic() {
    let hook = panic::take_hook();
    panic::set_hook(Box::new(|_| {}));
    let unwound = panic::catch_unwind(|| {
        let _autocast = Autocast::new(Device::Cpu, Kind::BFloat16).unwrap();
        assert_eq!(product(), Kind::BFloat16);
        panic!("in the middle of a forward pass");
    });
    panic::set_hook(hook);
    assert!(unwound.is_err());
    assert_eq!(product(), Kind::Float);
}

#[test]
fn autocast_casts_the_backward_pass_too() {
    let weight = Tensor::ones([2, 2], (Kind::Float, Device::Cpu)).set_requires_grad(true);
    let loss = {
        let _autocast = Autocast::new(Device::Cpu, Kind::BFloat16).unwrap();
        weight.matmul(&Tensor::ones([2, 2], (Kind::Float, Device::Cpu))).sum(Kind::Float)
    };
    loss.backward();
    assert_eq!(weight.grad(), Tensor::full([2, 2], 2.0, (Kind::Float, Device::Cpu)));
}

#[test]
fn autocast_refuses_other_kinds_and_devices() {
    for refused in [Autocast::new(Device::Cpu, Kind::Float), Autocast::new(Device::Mps, Kind::Half)] {
        assert!(matches!(refused, Err(TorchError::Unsupported { operation: "autocast", .. })));
    }
}

#[test]
fn devices_by_name() {
    let cases = [
        ("auto", DeviceChoice::Auto),
        ("cpu", DeviceChoice::Cpu),
        ("cuda", DeviceChoice::Cuda(0)),
        ("cuda:0", DeviceChoice::Cuda(0)),
        ("cuda:12", DeviceChoice::Cuda(12)),
        ("mps", DeviceChoice::Mps),
    ];
    for (name, choice) in cases {
        assert_eq!(name.parse::<DeviceChoice>().unwrap(), choice, "{name}");
        assert_eq!(choice.to_string().parse::<DeviceChoice>().unwrap(), choice);
    }
    for name in ["", "CPU", "gpu", "cuda:", "cuda:x", "cuda:-1", "cuda:+1", "cuda:1.5", "cuda 0", " cpu"] {
        let error = name.parse::<DeviceChoice>().unwrap_err().to_string();
        assert!(error.contains(&format!("{name:?}")) && error.contains("cuda:N"), "{error}");
    }
    assert!("cuda:99999999999999999999".parse::<DeviceChoice>().is_err());
}

#[test]
fn an_absent_device_says_why_and_what_is_there() {
    let message = |choice: DeviceChoice| choice.resolve().unwrap_err().to_string();
    match cuda::device_count() {
        Ok(count) => {
            assert_eq!(DeviceChoice::Auto.resolve().unwrap(), Device::Cuda(0));
            assert!(message(DeviceChoice::Cuda(count)).contains(&CudaAbsent::Fewer(count).to_string()));
        }
        Err(reason) => {
            let error = message(DeviceChoice::Cuda(1));
            assert!(error.starts_with("there is no cuda:1 here: "), "{error}");
            assert!(error.contains(&reason.to_string()) && error.ends_with("there is cpu"), "{error}");
            assert_eq!(DeviceChoice::Auto.resolve().unwrap(), Device::Cpu);
        }
    }
    if !tch::utils::has_mps() {
        assert!(message(DeviceChoice::Mps).contains("Mac"));
    }
}

#[test]
fn a_libtorch_with_cuda_has_it_in_the_process() {
    // The linker drops libraries that nobody refers to.
    assert_ne!(cuda::device_count(), Err(CudaAbsent::NotLinked));
    if std::fs::exists("/proc/self/maps").unwrap() && cuda::device_count() != Err(CudaAbsent::CpuOnly) {
        assert!(std::fs::read_to_string("/proc/self/maps").unwrap().contains("libtorch_cuda.so"));
    }
}

#[test]
fn cuda_tells_what_it_is_or_why_not() {
    match cuda::device_count() {
        Ok(_) => {
            let tensor = Tensor::zeros([1 << 20], (Kind::Float, Device::Cuda(0)));
            let memory = cuda::memory(0).unwrap();
            assert!(memory.allocated >= 4 << 20 && memory.reserved >= memory.allocated, "{memory:?}");
            drop(tensor);
            assert!(cuda::memory(0).unwrap().allocated < memory.allocated);
            assert!(cuda::memory(0).unwrap().peak_allocated >= memory.allocated);
            cuda::reset_peak(0).unwrap();
            cuda::empty_cache().unwrap();
            assert!(!cuda::name(0).unwrap().is_empty() && cuda::capability(0).unwrap().0 >= 3);
        }
        Err(_) => {
            for error in [
                cuda::name(0).unwrap_err(),
                cuda::capability(0).unwrap_err(),
                cuda::memory(0).unwrap_err(),
                cuda::reset_peak(0).unwrap_err(),
            ] {
                assert!(matches!(error, TorchError::NoCuda { .. }), "{error}");
            }
            cuda::empty_cache().unwrap();
        }
    }
}

#[test]
fn libtorch_tells_its_version() {
    let version = libtorch::version().unwrap();
    assert!(["2.13.", "2.11."].iter().any(|known| version.starts_with(known)), "{version}");
    assert!(libtorch::configuration().unwrap().contains("PyTorch built with"));
}
