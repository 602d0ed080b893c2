//! What the losses refuse: options at construction, tensors at the caller's line.

use std::panic::{AssertUnwindSafe, catch_unwind};

use selvedge_train::loss::*;
use selvedge_train::{Loss, TrainError};
use tch::{Device, Kind, Tensor};

fn zeros(size: &[i64]) -> Tensor {
    Tensor::zeros(size, (Kind::Float, Device::Cpu))
}

fn indices(indices: &[i64]) -> Tensor {
    Tensor::from_slice(indices)
}

/// The message and the file of the panic.
fn panic_of(run: impl FnOnce() -> Tensor) -> (String, String) {
    use std::sync::{Mutex, PoisonError};
    static ONE: Mutex<()> = Mutex::new(());
    static PLACE: Mutex<String> = Mutex::new(String::new());
    let _one = ONE.lock().unwrap_or_else(PoisonError::into_inner);
    let hook = std::panic::take_hook();
    std::panic::set_hook(Box::new(|info| {
        let file = info.location().map(|place| place.file().to_owned()).unwrap_or_default();
        *PLACE.lock().unwrap_or_else(PoisonError::into_inner) = file;
    }));
    let result = catch_unwind(AssertUnwindSafe(run));
    std::panic::set_hook(hook);
    let payload = result.expect_err("nothing was refused");
    let message = payload.downcast_ref::<String>().cloned().unwrap_or_default();
    let place = PLACE.lock().unwrap_or_else(PoisonError::into_inner).clone();
    (message, place)
}

/// A message and the code that is to panic with it, at its own line.
macro_rules! refused {
    ($($loss:expr => $message:literal,)*) => {
        $(
            let (message, place) = panic_of(|| $loss);
            assert!(message.starts_with($message), "expected {:?}, found {message:?}", $message);
            assert!(place.ends_with("loss_misuse.rs"), "{message:?} blames {place}");
        )*
    };
}

#[test]
fn classes_that_do_not_fit_are_refused_at_the_callers_line() {
    let (nll, cross_entropy) = (NllLoss::default(), CrossEntropyLoss::default());
    let weighted = NllLoss { weight: Some(vec![1.0; 3]), ..NllLoss::default() };
    let multi_margin = MultiMarginLoss::default();
    let cubic = MultiMarginLoss { p: 3, ..MultiMarginLoss::default() };
    let multi_label = MultiLabelMarginLoss::default();
    refused! {
        nll.forward(&zeros(&[2, 4]), &indices(&[0, 1, 2])) => "nll_loss: expected target of size [2], found [3]",
        nll.forward(&zeros(&[2, 4]), &zeros(&[2])) => "nll_loss: expected target of kind Int64, found Float",
        nll.forward(&zeros(&[2, 4]), &indices(&[0, 4])) => "nll_loss: Target 4 is out of bounds",
        weighted.forward(&zeros(&[2, 4]), &indices(&[0, 1])) =>
            "nll_loss: expected weight of size [4], found [3]",
        nll.forward(&zeros(&[]), &indices(&[0])) =>
            "nll_loss: expected input of size [C] or [N, C, ...], found []",
        nll.forward(&indices(&[0]), &indices(&[0])) =>
            "nll_loss: expected input of a floating-point kind, found Int64",
        cross_entropy.forward(&zeros(&[2, 4, 5]), &indices(&[0, 1])) =>
            "cross_entropy: expected target of size [2, 5], found [2]",
        cross_entropy.forward(&zeros(&[2, 4]), &indices(&[-1, 0])) => "cross_entropy: Target -1 is out of bounds",
        cross_entropy.forward(&zeros(&[2, 2]), &indices(&[0, 1, 1, 0]).reshape([2, 2])) =>
            "cross_entropy: expected target probabilities",
        multi_margin.forward(&zeros(&[2, 3, 4]), &indices(&[0, 1])) =>
            "multi_margin_loss: expected input of size [C] or [N, C], found [2, 3, 4]",
        multi_margin.forward(&zeros(&[2, 3]), &indices(&[0, 3])) => "multi_margin_loss: index 3 is out of bounds",
        cubic.forward(&zeros(&[2, 3]), &indices(&[0, 1])) => "multi_margin_loss: expected p 1 or 2, found 3",
        multi_label.forward(&zeros(&[3]), &indices(&[0, 3, -1])) => "multilabel_margin_loss: ",
        multi_label.forward(&zeros(&[3]), &indices(&[0])) =>
            "multilabel_margin_loss: expected target of the input's size [3], found [1]",
        MultiLabelSoftMarginLoss::default().forward(&zeros(&[]), &zeros(&[])) =>
            "multilabel_soft_margin_loss: expected input of size [..., C], found []",
    }
}

#[test]
fn values_that_do_not_fit_are_refused_at_the_callers_line() {
    let (column, row) = (zeros(&[4, 1]), zeros(&[4]));
    let bce = BceLoss::default();
    let weighted = BceLoss { weight: Some(vec![1.0; 3]), ..BceLoss::default() };
    let logits = BceWithLogitsLoss { pos_weight: Some(vec![1.0; 3]), ..BceWithLogitsLoss::default() };
    let gaussian = GaussianNllLoss::default();
    let triplet = TripletMarginLoss { margin: 0.0, ..TripletMarginLoss::default() };
    refused! {
        L1Loss::default().forward(&column, &row) =>
            "l1_loss: expected target of the input's size [4, 1], found [4]",
        MseLoss::default().forward(&column, &row) =>
            "mse_loss: expected target of the input's size [4, 1], found [4]",
        KlDivLoss::default().forward(&column, &row) => "kl_div: expected target of the input's size",
        PoissonNllLoss::default().forward(&column, &row) => "poisson_nll_loss: expected target of the input's",
        SoftMarginLoss::default().forward(&column, &row) => "soft_margin_loss: expected target of the input's",
        HingeEmbeddingLoss::default().forward(&column, &row) => "hinge_embedding_loss: expected target of the",
        SmoothL1Loss { beta: -1.0, ..SmoothL1Loss::default() }.forward(&row, &row) =>
            "smooth_l1_loss: expected a beta that is not negative, found -1",
        HuberLoss::default().forward(&row, &indices(&[0, 1, 1, 0])) =>
            "huber_loss: expected target of the input's kind Float, found Int64",
        KlDivLoss::default().forward(&row, &indices(&[0, 1, 1, 0])) =>
            "kl_div: kl_div: Integral inputs not supported",
        HuberLoss { delta: 0.0, ..HuberLoss::default() }.forward(&row, &row) =>
            "huber_loss: expected a positive delta, found 0",
        bce.forward(&column, &row) => "binary_cross_entropy: expected target of the input's size",
        bce.forward(&row, &indices(&[0, 1, 1, 0])) =>
            "binary_cross_entropy: expected target of a floating-point kind, found Int64",
        bce.forward(&(&row + 1.5), &row) => "binary_cross_entropy: all elements of input should be between 0 and 1",
        weighted.forward(&row, &row) =>
            "binary_cross_entropy: expected weight of a size that broadcasts to [4], found [3]",
        logits.forward(&row, &row) =>
            "binary_cross_entropy_with_logits: expected pos_weight of a size that broadcasts to [4], found [3]",
        gaussian.forward(&row, &row, &zeros(&[3])) => "gaussian_nll_loss: expected variance of size [4]",
        gaussian.forward(&row, &row, &(&row - 1.0)) =>
            "gaussian_nll_loss: expected no negative variance, found -1",
        CosineEmbeddingLoss::default().forward(&column, &column, &column) =>
            "cosine_embedding_loss: expected target of size [4], found [4, 1]",
        MarginRankingLoss::default().forward(&row, &row, &column) =>
            "margin_ranking_loss: expected target of the input's size",
        triplet.forward(&row, &row, &row) => "triplet_margin_loss: expected a positive margin, found 0",
        TripletMarginLoss::default().forward(&row, &row, &column) =>
            "triplet_margin_loss: expected negative of the anchor's size [4], found [4, 1]",
        TripletMarginWithDistanceLoss::default().forward(&row, &column, &row) =>
            "triplet_margin_with_distance_loss: expected positive of the anchor's size",
    }
}

#[test]
fn sequences_that_do_not_fit_are_refused_at_the_callers_line() {
    let ctc = CtcLoss::default();
    let log_probs = zeros(&[5, 2, 3]);
    let padded = |last| indices(&[1, 2, 1, last]).reshape([2, 2]);
    refused! {
        ctc.forward(&zeros(&[5]), &padded(1), &[5, 5], &[2, 2]) => "ctc_loss: expected log_probs of size",
        CtcLoss { blank: 3, ..CtcLoss::default() }.forward(&log_probs, &padded(1), &[5, 5], &[2, 2]) =>
            "ctc_loss: expected a blank from 0 to 2, found 3",
        ctc.forward(&log_probs, &zeros(&[2, 2]), &[5, 5], &[2, 2]) =>
            "ctc_loss: expected targets of kind Int64, found Float",
        ctc.forward(&log_probs, &padded(1), &[5], &[2, 2]) => "ctc_loss: expected 2 input_lengths, found 1",
        ctc.forward(&log_probs, &padded(1), &[5, 6], &[2, 2]) =>
            "ctc_loss: expected input_lengths from 0 to 5, found 6",
        ctc.forward(&log_probs, &padded(1), &[5, 5], &[2, 3]) =>
            "ctc_loss: expected target_lengths from 0 to 2, found 3",
        ctc.forward(&log_probs, &padded(3), &[5, 5], &[2, 2]) => "ctc_loss: expected targets from 0 to 2, found 3",
        ctc.forward(&log_probs, &indices(&[1, 2, 1]), &[5, 5], &[1, 1]) =>
            "ctc_loss: expected target_lengths that sum to 3, found 2",
        ctc.forward(&log_probs, &indices(&[1, 2, 1]).reshape([3, 1]), &[5, 5], &[1, 1]) =>
            "ctc_loss: expected targets of size [2, S] or of one dimension, found [3, 1]",
    }
    let padding_does_not_matter = ctc.forward(&log_probs, &padded(99), &[5, 5], &[2, 1]);
    assert!(padding_does_not_matter.double_value(&[]).is_finite());
}

#[test]
fn an_infinite_weight_is_infinite_only_where_it_counts() {
    let loss =
        NllLoss { weight: Some(vec![1.0, f64::INFINITY]), reduction: Reduction::Sum, ..NllLoss::default() };
    loss.validate().unwrap();
    let input = Tensor::from_slice(&[-1.0, -2.0]).reshape([1, 2]);
    assert_eq!(loss.forward(&input, &indices(&[0])).double_value(&[]), 1.0);
    assert_eq!(loss.forward(&input, &indices(&[1])).double_value(&[]), f64::INFINITY);
}

#[test]
fn options_out_of_their_domain_are_errors() {
    let smoothing =
        |label_smoothing| CrossEntropyLoss { label_smoothing, ..CrossEntropyLoss::default() }.validate();
    for value in [-0.1, 1.1, f64::NAN] {
        let Err(TrainError::OutOfDomain { unit, option, .. }) = smoothing(value) else {
            panic!("label_smoothing {value} is accepted")
        };
        assert_eq!((unit, option), ("CrossEntropyLoss", "label_smoothing"));
    }
    smoothing(1.0).unwrap();
    for weight in [vec![], vec![1.0, f64::NAN]] {
        let error = NllLoss { weight: Some(weight), ..NllLoss::default() }.validate().unwrap_err();
        assert!(error.to_string().starts_with("NllLoss: weight is ["), "{error}");
    }
}

#[test]
fn each_option_out_of_its_domain_is_named() {
    fn check(result: Result<(), TrainError>, expected: &str) {
        assert_eq!(result.unwrap_err().to_string(), expected);
    }
    check(
        SmoothL1Loss { beta: -1.0, ..SmoothL1Loss::default() }.validate(),
        "SmoothL1Loss: beta is -1.0, expected a number from 0 on",
    );
    check(
        HuberLoss { delta: f64::NAN, ..HuberLoss::default() }.validate(),
        "HuberLoss: delta is NaN, expected a positive number",
    );
    check(
        PoissonNllLoss { eps: -1.0, ..PoissonNllLoss::default() }.validate(),
        "PoissonNllLoss: eps is -1.0, expected a number from 0 on",
    );
    check(
        GaussianNllLoss { eps: 0.0, ..GaussianNllLoss::default() }.validate(),
        "GaussianNllLoss: eps is 0.0, expected a positive number",
    );
    check(
        MultiMarginLoss { p: 3, ..MultiMarginLoss::default() }.validate(),
        "MultiMarginLoss: p is 3, expected 1 or 2",
    );
    check(
        CosineEmbeddingLoss { margin: 1.5, ..CosineEmbeddingLoss::default() }.validate(),
        "CosineEmbeddingLoss: margin is 1.5, expected a number from -1 to 1",
    );
    check(
        MarginRankingLoss { margin: f64::INFINITY, ..MarginRankingLoss::default() }.validate(),
        "MarginRankingLoss: margin is inf, expected a finite number",
    );
    check(
        HingeEmbeddingLoss { margin: f64::NAN, ..HingeEmbeddingLoss::default() }.validate(),
        "HingeEmbeddingLoss: margin is NaN, expected a finite number",
    );
    check(
        TripletMarginLoss { margin: 0.0, ..TripletMarginLoss::default() }.validate(),
        "TripletMarginLoss: margin is 0.0, expected a positive number",
    );
    check(
        TripletMarginWithDistanceLoss { margin: -1.0, ..TripletMarginWithDistanceLoss::default() }.validate(),
        "TripletMarginWithDistanceLoss: margin is -1.0, expected a positive number",
    );
    check(
        CtcLoss { blank: -1, ..CtcLoss::default() }.validate(),
        "CtcLoss: blank is -1, expected a number from 0 on",
    );
    check(
        BceWithLogitsLoss { pos_weight: Some(vec![]), ..BceWithLogitsLoss::default() }.validate(),
        "BceWithLogitsLoss: pos_weight is [], expected at least one number, none of them NaN",
    );
}

#[test]
fn unknown_options_are_errors() {
    let error = serde_json::from_str::<CrossEntropyLoss>(r#"{"smoothing": 0.1}"#).unwrap_err();
    assert!(error.to_string().contains("label_smoothing"), "{error}");
    assert!(serde_json::from_str::<MseLoss>(r#"{"reduction": "average"}"#).is_err());
}

#[test]
fn targets_of_integers_are_promoted_as_in_pytorch() {
    let losses: [(&str, &dyn Loss); 7] = [
        ("L1Loss", &L1Loss::default()),
        ("MseLoss", &MseLoss::default()),
        ("SmoothL1Loss", &SmoothL1Loss::default()),
        ("PoissonNllLoss", &PoissonNllLoss::default()),
        ("SoftMarginLoss", &SoftMarginLoss::default()),
        ("HingeEmbeddingLoss", &HingeEmbeddingLoss::default()),
        ("MultiLabelSoftMarginLoss", &MultiLabelSoftMarginLoss::default()),
    ];
    let target = indices(&[1, 1, -1, 1]);
    for (name, loss) in losses {
        let of = |target: &Tensor| {
            let input = Tensor::from_slice(&[0.3f32, 2.0, -0.7, -1.4]).set_requires_grad(true);
            let value = loss.forward(&input, target);
            value.backward();
            assert_eq!(value.kind(), Kind::Float, "{name}");
            (value.detach(), input.grad())
        };
        assert_eq!(of(&target), of(&target.to_kind(Kind::Float)), "{name}");
    }
}
