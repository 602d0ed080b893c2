use selvedge_nn::plan::{Chain, Plan};
use selvedge_nn::{
    BatchNorm1d, Conv2d, ConvOptions, ConvPadding, Forward, Gru, Linear, MaxPool1d, Mode, ModuleExt,
    PaddingMode, Relu, Rrelu, Sequential, Unflatten,
};
use tch::{Device, Kind, Tensor};

use crate::cases::conv2d;
use crate::generator;

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
#[should_panic(expected = "a plan for inputs of shape [2, 4] and kind Float on Cpu was given [3, 4]")]
fn an_input_of_another_shape_panics() {
    let float = (Kind::Float, Device::Cpu);
    let chain = Chain::of(&Relu).unwrap();
    let mut plan = Plan::new(&chain, &Tensor::zeros([2, 4], float), Mode::Eval, &[]).unwrap();
    let _ = plan.forward(&Tensor::zeros([3, 4], float));
}
