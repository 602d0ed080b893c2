//! The summary lists each layer by its path, with what came out of it and what it took.

use selvedge_nn::functional::Attending;
use selvedge_nn::{
    Bilinear, Conv2d, Dropout, Embedding, Flatten, Forward, Gru, Linear, LogSoftmax, Lstm, MaxPool2d, Mode,
    Module, ModuleExt, MultiheadAttention, Relu, Sequential, Summary, observe, summary,
};
use tch::{Device, Kind, Tensor};

/// Path, type, output, parameters and multiply-adds.
type Row<'a> = (&'a str, &'a str, Option<&'a [i64]>, usize, i64);

fn outputs(summary: &Summary) -> Vec<Row<'_>> {
    let layers = summary.layers.iter();
    layers.map(|it| (&*it.path, &*it.name, it.output.as_deref(), it.parameters, it.multiply_adds)).collect()
}

#[test]
fn layers_of_a_struct_are_found_by_their_fields() {
    #[derive(Module)]
    struct Network {
        hidden1: Linear,
        hidden2: Linear,
        output: Linear,
        activation: Relu,
        dropout: Dropout,
        unused: Relu,
    }
    impl Forward for Network {
        fn forward(&self, input: &Tensor, mode: Mode) -> Tensor {
            let hidden = self.hidden1.forward(input, mode);
            let hidden = self.dropout.forward(&self.activation.forward(&hidden, mode), mode);
            self.output.forward(&self.hidden2.forward(&hidden, mode), mode)
        }
    }
    let network = Network {
        hidden1: Linear::new(6, 5),
        hidden2: Linear::new(5, 5),
        output: Linear::new(5, 2),
        activation: Relu,
        dropout: Dropout::new(0.25),
        unused: Relu,
    };
    network.hidden1.freeze();
    let summary = summary(&network, &[4, 6]);
    let [wide, narrow] = [[4, 5], [4, 2]];
    let found = outputs(&summary);
    assert_eq!(found[0], ("hidden1", "Linear", Some(&wide[..]), 35, 120));
    assert_eq!(found[1], ("hidden2", "Linear", Some(&wide[..]), 30, 100));
    assert_eq!(found[2], ("output", "Linear", Some(&narrow[..]), 12, 40));
    assert_eq!(found[4], ("dropout", "Dropout", Some(&wide[..]), 0, 0));
    // Values without a size can not be told apart; one of the two ran.
    let ran = found.iter().filter(|layer| layer.1 == "ReLU" && layer.2.is_some());
    assert_eq!(ran.count(), 1);
    assert_eq!((summary.parameters, summary.trained_parameters, summary.multiply_adds), (77, 42, 260));
    let text = summary.to_string();
    assert!(text.contains("did not run"), "{text}");
    let width = text.lines().next().unwrap().find("Parameters").unwrap() + "Parameters".len();
    let trained = text.lines().last().unwrap();
    assert_eq!((trained.len(), trained.ends_with("42")), (width, true), "{text}");
}

#[test]
fn boxed_layers_of_a_convolutional_network_are_found() {
    let network = Sequential::new()
        .then_named(
            "features",
            Sequential::new().then(Conv2d::new(1, 4, 3)).then(Relu).then(MaxPool2d::new(2)),
        )
        .then_named("flatten", Flatten::default())
        .then_named("relu", Relu)
        .then_named("classifier", Linear::new(16, 10))
        .then_named("log_softmax", LogSoftmax::new(1));
    let summary = summary(&network, &[2, 1, 6, 6]);
    assert_eq!(
        summary.to_string(),
        "\
Layer        Type        Output        Parameters  Multiply-adds
features.0   Conv2d      [2, 4, 4, 4]          40          1,152
features.1   ReLU        [2, 4, 4, 4]           0              0
features.2   MaxPool2d   [2, 4, 2, 2]           0              0
flatten      Flatten     [2, 16]                0              0
relu         ReLU        [2, 16]                0              0
classifier   Linear      [2, 10]              170            320
log_softmax  LogSoftmax  [2, 10]                0              0
Total                                         210          1,472"
    );
}

#[test]
fn a_layer_that_runs_twice_counts_twice() {
    #[derive(Module)]
    struct Twice {
        layer: Linear,
    }
    impl Forward for Twice {
        fn forward(&self, input: &Tensor, mode: Mode) -> Tensor {
            self.layer.forward(&self.layer.forward(input, mode), mode)
        }
    }
    let summary = summary(&Twice { layer: Linear::new(3, 3) }, &[5, 3]);
    assert_eq!(outputs(&summary), [("layer", "Linear", Some(&[5, 3][..]), 12, 90)]);
}

#[test]
fn sequences_are_counted_step_by_step() {
    let words = Tensor::zeros([5, 2], (Kind::Int64, Device::Cpu));
    let found = Summary::of(&Embedding::new(10, 3), &words);
    assert_eq!(outputs(&found), [("", "Embedding", Some(&[5, 2, 3][..]), 30, 0)]);
    let found = summary(&Lstm::new(3, 4), &[5, 2, 3]);
    assert_eq!(outputs(&found), [("", "LSTM", Some(&[5, 2, 4][..]), 144, 10 * 16 * (3 + 4))]);
    let found = summary(&Gru::new(3, 4), &[5, 2, 3]);
    assert_eq!(found.multiply_adds, 10 * 12 * (3 + 4));
    let found = summary(&MultiheadAttention::new(4, 2), &[5, 2, 4]);
    assert_eq!(found.parameters, 80);
    // Four projections of ten steps, then the scores and the values of two sequences.
    assert_eq!(found.multiply_adds, 4 * 10 * 4 * 4 + 2 * 2 * 5 * 5 * 4);
}

#[test]
fn a_layer_of_two_inputs_is_seen_inside_of_a_network() {
    #[derive(Module)]
    struct Pair {
        bilinear: Bilinear,
        attention: MultiheadAttention,
    }
    impl Forward for Pair {
        fn forward(&self, input: &Tensor, mode: Mode) -> Tensor {
            let both = self.bilinear.forward(input, input);
            observe(self, self.attention.attend(&both, input, input, Attending::default(), mode).0)
        }
    }
    let pair = Pair { bilinear: Bilinear::new(4, 4, 4), attention: MultiheadAttention::new(4, 1) };
    let summary = summary(&pair, &[3, 2, 4]);
    assert_eq!(summary.layers[0].multiply_adds, 6 * 64);
    assert_eq!(summary.layers[1].output, Some(vec![3, 2, 4]));
}

/// A panic in the forward pass must not leave the thread observing.
#[test]
fn a_network_that_panics_leaves_nothing_behind() {
    let network = Sequential::new().then(Linear::new(3, 3)).then(Linear::new(4, 4));
    assert!(std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| summary(&network, &[2, 3]))).is_err());
    let layer = Linear::new(3, 2);
    assert_eq!(outputs(&summary(&layer, &[2, 3])), [("", "Linear", Some(&[2, 2][..]), 8, 12)]);
    assert!(layer.forward(&Tensor::zeros([2, 3], (Kind::Float, Device::Cpu)), Mode::Train).requires_grad());
}
