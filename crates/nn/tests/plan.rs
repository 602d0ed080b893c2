//! Every stage of a plan against the layer's own forward and autograd, and what is refused.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};

use selvedge_nn::functional::GeluApproximate;
use selvedge_nn::plan::{Chain, Inference, Placement, Plan, Refusal, Stage, StageParameter, Work};
use selvedge_nn::{
    BatchNorm1d, BatchNorm2d, BatchNorm3d, BatchNormOptions, Celu, Conv1d, Conv2d, Conv3d, ConvOptions,
    ConvPadding, Dropout, Elu, Flatten, Forward, Gelu, Glu, Gru, Hardshrink, Hardsigmoid, Hardswish,
    Hardtanh, Identity, LeakyRelu, Linear, LinearOptions, LogSigmoid, LogSoftmax, MaxPool1d, MaxPool2d, Mish,
    Mode, Module, ModuleExt, PaddingMode, Relu, Relu6, Rrelu, Selu, Sequential, Sigmoid, Silu, Softmax,
    Softmax2d, Softmin, Softplus, Softshrink, Softsign, Tanh, Tanhshrink, Threshold, Unflatten,
};
use tch::{Device, Kind, Tensor};

const DOUBLE: (Kind, Device) = (Kind::Double, Device::Cpu);

/// Adds a parameter, whose gradient is then that of the input of what comes after it.
#[derive(Debug, Module)]
struct Offset {
    #[module(parameter)]
    offset: Tensor,
}

impl Forward for Offset {
    fn forward(&self, input: &Tensor, _: Mode) -> Tensor {
        input + &self.offset
    }

    fn chain(&self, chain: &mut Chain) -> Result<(), Refusal> {
        chain.push("Offset", OffsetStage(self.offset.shallow_clone()));
        Ok(())
    }
}

#[derive(Debug)]
struct OffsetStage(Tensor);

impl Stage for OffsetStage {
    fn parameters(&self) -> Vec<StageParameter<'_>> {
        vec![StageParameter { tensor: &self.0, transposed: false }]
    }

    fn place(&self, placement: &Placement<'_>) -> Result<Box<dyn Work>, String> {
        let output = placement.buffer(&self.0.size());
        Ok(Box::new(OffsetWork { offset: self.0.detach(), output, gradient: placement.gradient_of(&self.0) }))
    }
}

struct OffsetWork {
    offset: Tensor,
    output: Tensor,
    gradient: Option<Tensor>,
}

impl Work for OffsetWork {
    fn output(&self) -> &Tensor {
        &self.output
    }

    fn may_be_overwritten(&self) -> bool {
        true
    }

    fn forward(&mut self, input: &Tensor) {
        let _ = input.add_out(&self.output, &self.offset);
    }

    fn backward(&mut self, _: &Tensor, gradient: &Tensor) {
        if let Some(of_offset) = &mut self.gradient {
            of_offset.copy_(gradient);
        }
    }

    fn input_gradient<'a>(&'a self, gradient: &'a Tensor) -> &'a Tensor {
        gradient
    }
}

/// A layer or a few in a row, and the shape of their input.
struct Case(Box<dyn Forward>, Vec<i64>);

fn case(layer: impl Forward + 'static, size: impl Into<Vec<i64>>) -> Case {
    Case(Box::new(layer), size.into())
}

fn conv2d(options: ConvOptions<2>) -> Conv2d {
    Conv2d::with(2, 4, 3, options).expect("the options are good")
}

fn batch_norm(options: BatchNormOptions) -> BatchNorm1d {
    BatchNorm1d::with(7, options).expect("the options are good")
}

fn cases() -> Vec<Case> {
    let matrix = [5, 7];
    vec![
        case(Linear::new(7, 3), matrix),
        case(Linear::with(7, 3, LinearOptions { bias: false }), matrix),
        case(Linear::new(7, 3), [2, 5, 7]),
        case(Linear::new(7, 3), [7]),
        case(Linear::new(70, 90), [5, 70]),
        case(Identity, matrix),
        case(Flatten::default(), [2, 3, 4]),
        case(Flatten { start_dim: 0, end_dim: 1 }, [2, 3, 4]),
        case(Unflatten::new(1, [2, 3]), [4, 6]),
        case(Dropout::new(0.3), matrix),
        case(Dropout::new(0.0), matrix),
        case(Dropout::new(1.0), matrix),
        case(Relu, matrix),
        case(LeakyRelu { negative_slope: 0.3 }, matrix),
        case(Threshold { threshold: 0.2, value: -1.0 }, matrix),
        case(Elu { alpha: 0.7 }, matrix),
        case(Celu { alpha: 0.7 }, matrix),
        case(Selu, matrix),
        case(Softplus { beta: 2.0, threshold: 1.5 }, matrix),
        case(Sigmoid, matrix),
        case(LogSigmoid, matrix),
        case(Hardsigmoid, matrix),
        case(Tanh, matrix),
        case(Hardtanh { min_val: -0.4, max_val: 0.6 }, matrix),
        case(Relu6, matrix),
        case(Softsign, matrix),
        case(Silu, matrix),
        case(Mish, matrix),
        case(Hardswish, matrix),
        case(Gelu::default(), matrix),
        case(Gelu { approximate: GeluApproximate::Tanh }, matrix),
        case(Hardshrink { lambd: 0.3 }, matrix),
        case(Softshrink { lambd: 0.3 }, matrix),
        case(Tanhshrink, matrix),
        case(Softmax::new(1), matrix),
        case(Softmax::new(0), matrix),
        case(Softmax::new(None), [2, 3, 4]),
        case(Softmin::new(-1), matrix),
        case(LogSoftmax::new(1), matrix),
        case(Softmax2d, [2, 3, 4, 4]),
        case(Conv2d::new(2, 3, 3), [2, 2, 6, 5]),
        case(conv2d(ConvOptions { bias: false, ..ConvOptions::default() }), [2, 2, 6, 5]),
        case(
            conv2d(ConvOptions { stride: 2.into(), padding: [1, 0].into(), ..ConvOptions::default() }),
            [2, 2, 6, 5],
        ),
        case(
            conv2d(ConvOptions { dilation: 2.into(), padding: ConvPadding::Same, ..ConvOptions::default() }),
            [2, 2, 6, 5],
        ),
        case(
            conv2d(ConvOptions { padding: ConvPadding::Valid, groups: 2, ..ConvOptions::default() }),
            [2, 2, 6, 5],
        ),
        case(Conv1d::new(2, 3, 3), [2, 2, 6]),
        case(Conv3d::new(2, 3, 2), [2, 2, 3, 4, 3]),
        case(MaxPool2d::new(2), [2, 3, 5, 6]),
        case(
            MaxPool2d { stride: Some(1.into()), padding: 1.into(), ceil_mode: true, ..MaxPool2d::new(3) },
            [2, 3, 5, 6],
        ),
        case(MaxPool2d { dilation: 2.into(), ..MaxPool2d::new(2) }, [2, 3, 5, 6]),
        case(BatchNorm1d::new(7), matrix),
        case(BatchNorm1d::new(3), [2, 3, 4]),
        case(BatchNorm2d::new(3), [2, 3, 4, 4]),
        case(BatchNorm3d::new(3), [2, 3, 2, 2, 2]),
        case(
            batch_norm(BatchNormOptions { momentum: None, eps: 0.1, ..BatchNormOptions::default() }),
            matrix,
        ),
        case(batch_norm(BatchNormOptions { affine: false, ..BatchNormOptions::default() }), matrix),
        case(batch_norm(BatchNormOptions { bias: false, ..BatchNormOptions::default() }), matrix),
        case(
            batch_norm(BatchNormOptions { track_running_stats: false, ..BatchNormOptions::default() }),
            matrix,
        ),
        case(
            Sequential::new().then(Conv2d::new(2, 3, 3)).then(Relu).then(MaxPool2d::new(2)).then(Relu),
            [2, 2, 6, 6],
        ),
        case(Sequential::new().then(BatchNorm1d::new(7)).then(Relu).then(Dropout::new(0.2)), matrix),
        // What writes over its input must not disturb what reads it afterwards.
        case(Sequential::new().then(Sigmoid).then(Relu), matrix),
        case(Sequential::new().then(Relu).then(Relu), matrix),
        case(Sequential::new().then(Silu).then(Relu).then(Tanh), matrix),
        case(
            Sequential::new().then(Linear::new(7, 7)).then(Identity).then(Relu).then(Linear::new(7, 2)),
            matrix,
        ),
        case(Sequential::new().then(Relu).then(Dropout::new(0.5)).then(Relu), matrix),
        case(Sequential::new().then(Softmax::new(1)).then(Relu).then(Linear::new(7, 2)), matrix),
    ]
}

#[track_caller]
fn close(what: &str, found: &Tensor, expected: &Tensor) {
    assert_eq!(found.size(), expected.size(), "{what}");
    assert!(found.allclose(expected, 1e-11, 1e-13, false), "{what}: {found:?} {found} instead of {expected}");
}

/// Dropout draws from libtorch's one generator.
fn generator() -> MutexGuard<'static, ()> {
    static GENERATOR: Mutex<()> = Mutex::new(());
    GENERATOR.lock().unwrap_or_else(PoisonError::into_inner)
}

#[test]
fn each_stage_gives_the_values_and_gradients_of_its_layer() {
    let _generator = generator();
    for Case(layer, size) in cases() {
        let name = layer.to_string_with(&size);
        let offset = Offset { offset: Tensor::zeros(&size, DOUBLE).set_requires_grad(true) };
        let model = Sequential::new().then(offset).then(layer);
        model.to_kind(Kind::Double);
        let gradients: Vec<(Tensor, Tensor)> = model
            .parameters()
            .into_iter()
            .map(|tensor| (tensor.shallow_clone(), tensor.detach().zeros_like()))
            .collect();
        let chain = Chain::of(&model).unwrap();
        tch::manual_seed(3);
        let inputs: Vec<Tensor> = (0..2).map(|_| Tensor::randn(&size, DOUBLE)).collect();
        let mut training = Plan::new(&chain, &inputs[0], Mode::Train, &gradients).unwrap();
        let mut evaluating = Plan::new(&chain, &inputs[0], Mode::Eval, &[]).unwrap();
        // Twice, because the buffers keep what was there.
        for input in &inputs {
            let before: Vec<Tensor> = model.named_buffers().iter().map(|(_, buffer)| buffer.copy()).collect();
            tch::manual_seed(4);
            let expected = model.forward(input, Mode::Train);
            let weights = Tensor::randn(expected.size(), DOUBLE);
            for parameter in model.parameters() {
                selvedge_torch::clear_gradient(&parameter);
            }
            (&expected * &weights).sum(Kind::Double).backward();
            let untouched = input.copy();

            // The running values move once.
            let buffers: Vec<(String, Tensor)> =
                model.named_buffers().into_iter().map(|(path, buffer)| (path, buffer.copy())).collect();
            for ((_, buffer), before) in model.named_buffers().iter_mut().zip(&before) {
                buffer.copy_(before);
            }
            tch::manual_seed(4);
            close(&name, training.forward(input), &expected.detach());
            training.backward(input, &weights.copy());
            for ((path, parameter), (_, gradient)) in model.named_parameters().iter().zip(&gradients) {
                close(&format!("{name}: {path}"), gradient, &parameter.grad());
            }
            for ((path, buffer), (_, expected)) in model.named_buffers().iter().zip(&buffers) {
                close(
                    &format!("{name}: {path}"),
                    &buffer.to_kind(Kind::Double),
                    &expected.to_kind(Kind::Double),
                );
            }
            close(&name, evaluating.forward(input), &model.forward(input, Mode::Eval).detach());
            assert_eq!(*input, untouched, "{name} changed its input");
        }
    }
}

trait ToStringWith {
    fn to_string_with(&self, size: &[i64]) -> String;
}

impl ToStringWith for Box<dyn Forward> {
    fn to_string_with(&self, size: &[i64]) -> String {
        format!("{} of {size:?}", selvedge_nn::repr(&**self))
    }
}

/// The names of the layers that the sources offer to a chain.
fn offered(folder: &Path, names: &mut BTreeSet<String>) {
    for entry in fs::read_dir(folder).expect("the sources are there") {
        let path = entry.expect("they can be listed").path();
        if path.is_dir() {
            offered(&path, names);
        } else {
            let text = fs::read_to_string(&path).expect("they are text");
            // An example in a comment is none of them.
            for line in text.lines().filter(|line| !line.trim_start().starts_with("//")) {
                if line.contains("chain.push(Self::NAME") {
                    // Generic over the dimensions: the file's own name.
                    names.extend(path.file_stem().map(|name| name.to_string_lossy().into_owned()));
                }
                if let Some((_, rest)) = line.split_once("chain.push(\"") {
                    names.insert(rest.split('"').take(1).collect());
                }
                let words: Vec<&str> = line.split_whitespace().collect();
                if path.ends_with("activation/stage.rs")
                    && words.len() > 2
                    && (words[1] == "from" || words[1].starts_with('|'))
                    && words[0].chars().all(char::is_alphanumeric)
                {
                    names.insert(words[0].to_uppercase());
                }
            }
        }
    }
}

#[test]
fn every_stage_has_a_case() {
    let _generator = generator();
    let mut names = BTreeSet::new();
    offered(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut names);
    assert!(names.contains("Linear") && names.contains("RELU") && names.contains("TANHSHRINK"), "{names:?}");
    let tried: BTreeSet<String> = cases()
        .iter()
        .flat_map(|Case(layer, _)| {
            let chain = Chain::of(&**layer).unwrap();
            chain
                .links()
                .iter()
                .map(|link| link.unit.rsplit(' ').next().unwrap().to_uppercase())
                .collect::<Vec<_>>()
        })
        .collect();
    let is_tried = |name: &str| match name {
        "conv" => ["CONV1D", "CONV2D", "CONV3D"].iter().all(|name| tried.contains(*name)),
        "max" => tried.contains("MAXPOOL2D"),
        "batch" => ["BATCHNORM1D", "BATCHNORM2D", "BATCHNORM3D"].iter().all(|name| tried.contains(*name)),
        name => tried.contains(&name.to_uppercase()),
    };
    let missing: Vec<&String> = names.iter().filter(|name| !is_tried(name)).collect();
    assert!(missing.is_empty(), "no case for {missing:?}");
}

#[test]
fn what_is_no_chain_is_refused_by_its_path() {
    let _generator = generator();
    let input = Tensor::zeros([2, 4], (Kind::Float, Device::Cpu));
    let refusal = |model: &dyn Forward| {
        let planned = Chain::of(model).and_then(|chain| Plan::new(&chain, &input, Mode::Train, &[]));
        planned.unwrap_err().to_string()
    };
    let inner = Sequential::new().then_named("slope", Rrelu::default());
    let model = Sequential::new().then_named("hidden", Linear::new(4, 4)).then_named("block", inner);
    assert_eq!(refusal(&model), "block.slope: RReLU: the slopes that it draws are not planned");
    let model = Sequential::new().then_named("memory", Gru::new(4, 4));
    assert_eq!(refusal(&model), "memory: GRU: it does not say what it does as a chain of stages");
    let model = Sequential::new().then(Linear::new(3, 4));
    assert_eq!(refusal(&model), "0: Linear: expected an input of shape [.., 3], found [2, 4]");
    let model = Sequential::new().then_named("rows", Unflatten::new(1, [3, 2]));
    assert!(refusal(&model).starts_with("rows: Unflatten: an input of shape [2, 4]"));
    assert_eq!(refusal(&Sequential::new()), "the chain: it has no stages");
    assert_eq!(refusal(&MaxPool1d::new(2)), "MaxPool1d: a pool of 1 dimensions is not planned");
    assert_eq!(
        refusal(&BatchNorm1d::new(3)),
        "BatchNorm1d: expected 3 features in the second dimension, found [2, 4]"
    );
    let images = |convolution: Conv2d| Sequential::new().then(Unflatten::new(1, [2, 2, 1])).then(convolution);
    assert_eq!(
        refusal(&images(Conv2d::new(3, 1, 1))),
        "1: Conv2d: expected an input of 4 dimensions, the second 3, found [2, 2, 2, 1]"
    );
    let reflecting = ConvOptions { padding_mode: PaddingMode::Reflect, ..ConvOptions::default() };
    assert_eq!(
        refusal(&images(conv2d(reflecting))),
        "1: Conv2d: its padding_mode \"reflect\" is not planned"
    );
    let uneven = ConvOptions { padding: ConvPadding::Same, ..ConvOptions::default() };
    assert_eq!(
        refusal(&images(Conv2d::with(2, 2, 2, uneven).unwrap())),
        "1: Conv2d: a padding that differs between the sides is not planned"
    );
    let model = Linear::new(4, 4);
    model.to_kind(Kind::Double);
    assert_eq!(refusal(&model), "Linear: its parameters are Double on Cpu, its input Float on Cpu");
}

#[test]
fn a_network_in_use_is_planned_at_the_second_input_of_a_shape() {
    let _generator = generator();
    let network = Sequential::new().then(Linear::new(4, 3)).then(Relu).then(Dropout::new(0.5));
    let mut inference = Inference::of(&network);
    let float = |rows| Tensor::randn([rows, 4], (Kind::Float, Device::Cpu));
    let mut outputs = Vec::new();
    for rows in [2, 2, 2, 3, 3, 2, 3, 5] {
        let input = float(rows);
        outputs.push((inference.run(&input), network.forward(&input, Mode::Eval).detach()));
        if outputs.len() == 4 {
            // What was planned before reads the new values, or is planned anew.
            network.to_kind(Kind::Double);
            network.to_kind(Kind::Float);
            network.load_state_dict(&Sequential::new().then(Linear::new(4, 3)).state_dict()).unwrap();
        }
    }
    for (found, expected) in &outputs {
        assert!(found.allclose(expected, 1e-5, 1e-6, false));
    }
    assert_eq!(inference.refusal(), None);
    let recurrent = Sequential::new().then(Softmax::new(1)).then(Glu::default());
    let mut inference = Inference::of(&recurrent);
    let input = float(2);
    for _ in 0..3 {
        assert_eq!(inference.run(&input), recurrent.forward(&input, Mode::Eval));
    }
    assert_eq!(inference.refusal().unwrap().to_string(), "1: GLU: it is not planned");
}

#[test]
#[should_panic(expected = "a plan for inputs of shape [2, 4] and kind Float on Cpu was given [3, 4]")]
fn an_input_of_another_shape_panics() {
    let float = (Kind::Float, Device::Cpu);
    let chain = Chain::of(&Relu).unwrap();
    let mut plan = Plan::new(&chain, &Tensor::zeros([2, 4], float), Mode::Eval, &[]).unwrap();
    let _ = plan.forward(&Tensor::zeros([3, 4], float));
}
