"""The metrics: scikit-learn's figures."""

import numpy
import torch
from sklearn import metrics
from sklearn.calibration import calibration_curve
from sklearn.preprocessing import label_binarize

from golden_file import GoldenFile

PATH = "crates/train/tests/golden/metrics.safetensors"
AVERAGES = ["macro", "micro", "weighted"]


def write():
    golden = GoldenFile()
    generator = torch.Generator().manual_seed(7)
    for name, samples, classes in [("five", 43, 5), ("two", 30, 2), ("many", 60, 9)]:
        logits = 2 * torch.randn(samples, classes, generator=generator, dtype=torch.float64)
        target = torch.randint(classes, (samples,), generator=generator)
        if name == "many":
            # A class that never occurs and one that is never predicted.
            target[target == 3] = 0
            logits[:, 6] = -30.0
        multiclass(golden, name, logits, target)
        if name != "many":
            # With ties.
            ranked(golden, name, (logits * 2).round() / 2, target)
    scores = (torch.randn(50, generator=generator, dtype=torch.float64) * 4).round() / 4
    positive = (torch.rand(50, generator=generator) < torch.sigmoid(scores)).long()
    binary(golden, "some", scores, positive)
    binary(golden, "one-positive", scores[:9], torch.tensor([0, 0, 0, 1, 0, 0, 0, 0, 0]))
    binary(golden, "all-tied", torch.zeros(6, dtype=torch.float64), torch.tensor([0, 1, 0, 1, 1, 0]))
    golden.write(PATH)


def add(golden, unit, name, options, output, target, expected):
    expected = torch.as_tensor(numpy.asarray(expected), dtype=torch.float64)
    tensors = {"output": output, "target": target, "expected": expected}
    golden.add(unit, f"{unit}/{name}", options, tensors)


def multiclass(golden, name, logits, target):
    classes = logits.shape[1]
    labels = list(range(classes))
    probabilities = torch.softmax(logits, 1)
    predicted = logits.argmax(1)
    sizes = {"classes": classes}
    add(golden, "Accuracy", name, {}, logits, target, metrics.accuracy_score(target, predicted))
    matrix = metrics.confusion_matrix(target, predicted, labels=labels)
    add(golden, "ConfusionMatrix", name, sizes, logits, target, matrix)
    for k in range(1, classes if classes > 2 else 1):
        figure = metrics.top_k_accuracy_score(target, logits, k=k, labels=labels)
        add(golden, "TopK", f"{name}-{k}", {"k": k}, logits, target, figure)
    for unit, score in [
        ("Precision", metrics.precision_score),
        ("Recall", metrics.recall_score),
        ("F1", metrics.f1_score),
    ]:
        for average in [*AVERAGES, None]:
            figure = score(target, predicted, labels=labels, average=average, zero_division=0)
            add(golden, unit, f"{name}-{average}", {**sizes, "average": average}, logits, target, figure)
    for scores, output in {"logits": logits, "probabilities": probabilities}.items():
        options = {"scores": scores}
        figure = metrics.log_loss(target, probabilities, labels=labels)
        add(golden, "LogLoss", f"{name}-{scores}", options, output, target, figure)
        figure = metrics.brier_score_loss(target, probabilities, labels=labels)
        add(golden, "Brier", f"{name}-{scores}", options, output, target, figure)
        for bins in [5, 15]:
            figure = calibration_error(probabilities, target, bins)
            options = {"scores": scores, "bins": bins}
            add(golden, "CalibrationError", f"{name}-{scores}-{bins}", options, output, target, figure)
    certain = torch.nn.functional.one_hot(predicted, classes).double()
    figure = metrics.log_loss(target, certain, labels=labels)
    add(golden, "LogLoss", f"{name}-certain", {"scores": "probabilities"}, certain, target, figure)


def calibration_error(probabilities, target, bins):
    """scikit-learn has the curve; the error is the mean distance of its points, weighted by their samples."""
    confidence, predicted = (values.numpy() for values in probabilities.max(1))
    right = (predicted == target.numpy()).astype(int)
    accuracy, mean_confidence = calibration_curve(right, confidence, n_bins=bins)
    places = numpy.searchsorted(numpy.linspace(0, 1, bins + 1)[1:-1], confidence)
    counts = numpy.bincount(places, minlength=bins)
    counts = counts[counts > 0]
    return (counts * abs(accuracy - mean_confidence)).sum() / len(target)


def ranked(golden, name, scores, target):
    classes = scores.shape[1]
    one_hot = label_binarize(target, classes=range(classes)) if classes > 2 else numpy.eye(2, dtype=int)[target]
    for average in AVERAGES:
        options = {"average": average}
        figure = metrics.roc_auc_score(one_hot, scores, average=average)
        add(golden, "RocAuc", f"{name}-{average}", options, scores, target, figure)
        figure = metrics.average_precision_score(one_hot, scores, average=average)
        add(golden, "AveragePrecision", f"{name}-{average}", options, scores, target, figure)


def binary(golden, name, scores, target):
    options = {"average": "macro"}
    figure = metrics.roc_auc_score(target, scores)
    add(golden, "RocAuc", f"binary-{name}", options, scores, target, figure)
    figure = metrics.average_precision_score(target, scores)
    add(golden, "AveragePrecision", f"binary-{name}", options, scores, target, figure)
