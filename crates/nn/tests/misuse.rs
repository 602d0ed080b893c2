//! What layers refuse: shapes at the call, options at construction, names of parts; and what they say.

use std::panic::{AssertUnwindSafe, catch_unwind};

use selvedge_nn::{
    AvgPool2d, BatchNorm1d, BatchNorm2d, BatchNormOptions, Conv1d, Conv2d, ConvOptions, ConvPadding,
    ConvTranspose2d, ConvTransposeOptions, Flatten, Forward, Glu, GroupNorm, GroupNormOptions, Hardtanh,
    InstanceNorm2d, LayerNorm, LayerNormOptions, LeakyRelu, Linear, MaxPool2d, Mode, ModuleDict, NamedLayers,
    NnError, Prelu, PreluOptions, ReflectionPad2d, Relu, RmsNorm, RmsNormOptions, Rrelu, Sequential, Softmax,
    Softmax2d,
};
use serde::de::DeserializeOwned;
use serde_json::json;
use tch::{Device, Kind, Tensor};

/// What a panic says.
#[track_caller]
fn panics<T>(f: impl FnOnce() -> T) -> String {
    let panic = catch_unwind(AssertUnwindSafe(f)).err().expect("it should panic");
    panic
        .downcast_ref::<String>()
        .cloned()
        .unwrap_or_else(|| (*panic.downcast_ref::<&str>().expect("a text")).to_owned())
}

#[track_caller]
fn refuses(layer: &dyn Forward, size: &[i64], message: &str) {
    let input = Tensor::zeros(size, (Kind::Float, Device::Cpu));
    let found = panics(|| layer.forward(&input, Mode::Train));
    assert!(found.contains(message), "{found:?} should contain {message:?}");
}

#[test]
fn a_shape_that_does_not_fit_names_the_layer_and_both_shapes() {
    refuses(
        &Linear::new(784, 256),
        &[64, 1, 28, 28],
        "Linear(in_features=784, out_features=256, bias=True): expected an input of shape [.., 784], \
         found [64, 1, 28, 28]",
    );
    refuses(
        &Conv2d::new(3, 8, 3),
        &[2, 1, 28, 28],
        "Conv2d(3, 8, kernel_size=(3, 3), stride=(1, 1)): expected an input of shape [batch, 3, height, width] or \
         [3, height, width], found [2, 1, 28, 28]",
    );
    refuses(&Conv1d::new(3, 8, 3), &[3], "[batch, 3, length] or [3, length], found [3]");
    refuses(&ConvTranspose2d::new(3, 8, 3), &[8, 4, 4], "[batch, 3, height, width]");
    refuses(
        &MaxPool2d::new(2),
        &[4, 4],
        "[batch, channels, height, width] or [channels, height, width], found [4, 4]",
    );
    refuses(&AvgPool2d::new(2), &[4, 4], "found [4, 4]");
    refuses(&ReflectionPad2d::new(1), &[4, 4], "ReflectionPad2d((1, 1, 1, 1)): expected");
    refuses(&BatchNorm2d::new(3), &[2, 4, 5, 5], "[batch, 3, height, width], found [2, 4, 5, 5]");
    refuses(&BatchNorm1d::new(3), &[3], "found [3]");
    refuses(&InstanceNorm2d::new(3), &[2, 4, 5, 5], "expected an input of shape [batch, 3, height, width]");
    refuses(&LayerNorm::new([3, 4]), &[2, 4, 3], "expected an input of shape [.., 3, 4], found [2, 4, 3]");
    refuses(&RmsNorm::new(3), &[2, 4], "expected an input of shape [.., 3], found [2, 4]");
    refuses(&GroupNorm::new(2, 4), &[2, 3, 5], "expected an input of shape [batch, 4, ..], found [2, 3, 5]");
    refuses(&Softmax2d, &[2, 3], "Softmax2d(): expected an input of shape [batch, channels, height, width]");
    let slopes = Prelu::with(PreluOptions { num_parameters: 3, ..PreluOptions::default() });
    refuses(&slopes, &[2, 4], "expected an input of shape [batch, 3, ..] or [3], found [2, 4]");
}

#[test]
fn what_libtorch_refuses_names_the_operation_and_the_input() {
    refuses(&Softmax::new(2), &[2, 3], "softmax of an input of shape [2, 3] and kind Float: ");
    refuses(&Glu::default(), &[2, 3], "glu of an input of shape [2, 3]");
    refuses(
        &Flatten { start_dim: 3, end_dim: 4 },
        &[2, 3],
        "Flatten(start_dim=3, end_dim=4) of an input of shape [2, 3]",
    );
    refuses(
        &MaxPool2d { padding: 2.into(), ..MaxPool2d::new(2) },
        &[1, 4, 4],
        "max_pool of an input of shape [1, 4, 4]",
    );
    refuses(&ReflectionPad2d::new(9), &[1, 4, 4], "pad of an input of shape [1, 4, 4]");
    refuses(
        &Rrelu { lower: 0.5, upper: 0.1 },
        &[2],
        "rrelu: expected lower to be at most upper, found 0.5 and 0.1",
    );
    refuses(
        &Hardtanh { min_val: 1.0, max_val: 0.0 },
        &[2],
        "hardtanh: expected min_val to be at most max_val, found 1 and 0",
    );
}

#[test]
fn a_variance_of_one_value_is_refused() {
    refuses(&BatchNorm1d::new(3), &[1, 3], "expected more than 1 value to normalise together");
    refuses(&InstanceNorm2d::new(3), &[2, 3, 1, 1], "expected more than 1 value to normalise together");
    refuses(&GroupNorm::new(3, 3), &[1, 3], "expected more than 1 value to normalise together");
    let input = Tensor::zeros([1, 3], (Kind::Float, Device::Cpu));
    assert_eq!(BatchNorm1d::new(3).forward(&input, Mode::Eval).size(), [1, 3]);
}

#[track_caller]
fn option<T>(result: Result<T, NnError>, message: &str) {
    let error = result.err().expect("an error");
    assert!(matches!(error, NnError::Option { .. }), "{error:?}");
    assert_eq!(error.to_string(), message);
}

#[test]
fn a_wrong_option_is_an_error_that_names_it() {
    let defaults = ConvOptions::default();
    option(
        Conv2d::with(3, 8, 3, ConvOptions { groups: 2, ..defaults }),
        "Conv2d: groups is 2, expected a divisor of 3 and 8, the channels",
    );
    option(Conv2d::with(3, 8, 0, defaults), "Conv2d: kernel_size is 0, expected at least 1");
    option(Conv2d::with(0, 8, 1, defaults), "Conv2d: in_channels is 0, expected at least 1");
    option(
        Conv2d::with(3, 8, 3, ConvOptions { stride: [1, 0].into(), ..defaults }),
        "Conv2d: stride is 0, expected at least 1",
    );
    option(
        Conv2d::with(3, 8, 3, ConvOptions { padding: (-1).into(), ..defaults }),
        "Conv2d: padding is -1, expected at least 0",
    );
    option(
        Conv2d::with(3, 8, 3, ConvOptions { padding: ConvPadding::Same, stride: 2.into(), ..defaults }),
        "Conv2d: stride is 2, expected 1 with padding \"same\"",
    );
    option(
        ConvTranspose2d::with(
            3,
            8,
            3,
            ConvTransposeOptions { output_padding: 1.into(), ..Default::default() },
        ),
        "ConvTranspose2d: output_padding is (1, 1), expected less than the stride or the dilation",
    );
    option(
        BatchNorm2d::with(3, BatchNormOptions { eps: f64::NAN, ..Default::default() }),
        "BatchNorm2d: eps is NaN, expected a number of at least 0",
    );
    option(
        BatchNorm2d::with(3, BatchNormOptions { momentum: Some(1.5), ..Default::default() }),
        "BatchNorm2d: momentum is 1.5, expected a number in [0, 1]",
    );
    option(
        BatchNorm2d::with(-1, BatchNormOptions::default()),
        "BatchNorm2d: num_features is -1, expected at least 0",
    );
    option(
        GroupNorm::with(3, 4, GroupNormOptions::default()),
        "GroupNorm: num_groups is 3, expected a divisor of the 4 channels",
    );
    let none: [i64; 0] = [];
    option(
        LayerNorm::with(none, LayerNormOptions::default()),
        "LayerNorm: normalized_shape is [], expected at least one size",
    );
    option(
        RmsNorm::with(3, RmsNormOptions { eps: Some(-1.0), ..Default::default() }),
        "RMSNorm: eps is -1, expected a number of at least 0",
    );
    let message = panics(|| Conv2d::new(3, 0, 3));
    assert_eq!(message, "Conv2d: out_channels is 0, expected at least 1");
    let message = panics(|| Linear::new(-1, 3));
    assert_eq!(message, "Linear: expected in_features of at least 0, found -1");
}

#[track_caller]
fn unreadable<T: DeserializeOwned + std::fmt::Debug>(value: serde_json::Value, message: &str) {
    let error = serde_json::from_value::<T>(value).expect_err("an error").to_string();
    assert!(error.contains(message), "{error:?} should contain {message:?}");
}

#[test]
fn a_configuration_file_is_read_as_pytorchs_arguments_and_no_more() {
    unreadable::<LeakyRelu>(json!({"slope": 0.1}), "unknown field `slope`, expected `negative_slope`");
    unreadable::<Relu>(json!({"inplace": true}), "unknown field `inplace`");
    unreadable::<ConvOptions<2>>(
        json!({"stride": [1, 2, 3]}),
        "expected a size or a list of 2, found a list of 3",
    );
    unreadable::<ConvOptions<2>>(json!({"padding": "full"}), "expected a size, \"same\" or \"valid\"");
    unreadable::<ConvOptions<2>>(json!({"padding_mode": "mirror"}), "unknown variant `mirror`");
    unreadable::<ReflectionPad2d>(
        json!({"padding": [1, 2]}),
        "expected an integer or a list of 4, found [1, 2]",
    );
    unreadable::<MaxPool2d>(json!({"stride": 2}), "missing field `kernel_size`");
    let options = ConvOptions::<2> { stride: 2.into(), padding: ConvPadding::Same, ..ConvOptions::default() };
    let written = serde_json::to_value(options).unwrap();
    assert_eq!(written["padding"], "same");
    assert_eq!(serde_json::from_value::<ConvOptions<2>>(written).unwrap(), options);
}

#[test]
fn a_part_needs_a_name_of_its_own() {
    let twice = panics(|| Sequential::new().then_named("hidden", Relu).then_named("hidden", Relu));
    assert_eq!(twice, "Sequential: there is a part \"hidden\" already");
    let dotted = panics(|| Sequential::new().then_named("hidden.relu", Relu));
    assert_eq!(dotted, "Sequential: expected a name without a dot, found \"hidden.relu\"");
    let mut dict: ModuleDict<Relu> = ModuleDict::new();
    assert_eq!(panics(|| dict.insert("", Relu)), "ModuleDict: a part needs a name");
}

#[test]
fn a_transposed_convolution_goes_to_a_size_it_can_reach() {
    let options = ConvTransposeOptions { stride: 2.into(), ..ConvTransposeOptions::default() };
    let layer = ConvTranspose2d::with(1, 1, 3, options).unwrap();
    let input = Tensor::zeros([1, 1, 4, 4], (Kind::Float, Device::Cpu));
    assert_eq!(layer.forward_to_size(&input, [9, 10]).size(), [1, 1, 9, 10]);
    let message = panics(|| layer.forward_to_size(&input, [9, 11]));
    assert!(message.contains("expected an output size from 9 to 10 in dimension 1, found 11"), "{message}");
}

#[test]
fn a_layer_names_its_path_while_the_network_is_known() {
    let hidden =
        || Sequential::new().then_named("hidden", Linear::new(8, 4)).then_named("norm", BatchNorm1d::new(3));
    let network = Sequential::new().then_named("encoder", hidden()).then_named("decoder", hidden());
    let run = |size: [i64; 2]| {
        let input = Tensor::zeros(size, (Kind::Float, Device::Cpu));
        panics(|| network.forward(&input, Mode::Train))
    };
    {
        let _names = NamedLayers::of(&network);
        assert!(run([2, 7]).starts_with("encoder.hidden: Linear(in_features=8"), "{}", run([2, 7]));
        assert!(run([2, 8]).starts_with("encoder.norm: BatchNorm1d(3"), "{}", run([2, 8]));
    }
    assert!(run([2, 7]).starts_with("Linear(in_features=8"), "{}", run([2, 7]));
}
