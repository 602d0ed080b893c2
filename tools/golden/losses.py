"""The losses: PyTorch's own cases, from its module database and its criterion tests, and edge cases of ours."""

import inspect
import math

import torch
from torch.testing._internal.common_modules import module_db
from torch.testing._internal.common_nn import criterion_tests

from golden_file import GoldenFile
from loss_edges import edges

PATH = "crates/train/tests/golden/losses.safetensors"
DEFAULTS = "crates/train/tests/golden/loss_defaults.safetensors"
KINDS = {"f32": torch.float32, "f64": torch.float64}

# The losses, and which of their arguments get a gradient.
UNITS = {
    "L1Loss": [0],
    "NLLLoss": [0],
    "PoissonNLLLoss": [0],
    "GaussianNLLLoss": [0, 2],
    "KLDivLoss": [0],
    "MSELoss": [0],
    "BCELoss": [0],
    "BCEWithLogitsLoss": [0],
    "HingeEmbeddingLoss": [0],
    "MultiLabelMarginLoss": [0],
    "SmoothL1Loss": [0],
    "HuberLoss": [0],
    "SoftMarginLoss": [0],
    "CrossEntropyLoss": [0],
    "MultiLabelSoftMarginLoss": [0],
    "CosineEmbeddingLoss": [0, 1],
    "MarginRankingLoss": [0, 1],
    "MultiMarginLoss": [0],
    "TripletMarginLoss": [0, 1, 2],
    "TripletMarginWithDistanceLoss": [0, 1, 2],
    "CTCLoss": [0],
}

# The distances that options name, since a file holds no function.
DISTANCES = {
    "l1": lambda a, b: (a - b).abs().sum(-1),
    "cosine": lambda a, b: 1 - torch.nn.functional.cosine_similarity(a, b, dim=-1),
}


def write():
    golden = GoldenFile()
    for short, kind in KINDS.items():
        for unit, name, options, arguments in [*database(kind), *criterions(kind), *edges(kind, UNITS)]:
            add(golden, unit, f"{unit}/{name}/{short}", options, arguments)
    golden.write(PATH)
    golden = GoldenFile()
    for unit in UNITS:
        golden.add(unit, unit, defaults(unit), {})
    golden.write(DEFAULTS)


def defaults(unit):
    """The options of a loss and their defaults, without those that are deprecated and the one that is a function."""
    left_out = {"self", "size_average", "reduce", "distance_function"}
    parameters = inspect.signature(getattr(torch.nn, unit).__init__).parameters
    return {name: parameter.default for name, parameter in parameters.items() if name not in left_out}


def database(kind):
    """The cases of `module_db`, without those that only repeat others."""
    for info in module_db:
        unit = info.name.removeprefix("nn.")
        if unit not in UNITS:
            continue
        torch.manual_seed(0)
        inputs = info.module_inputs_func(
            info, device="cpu", dtype=kind, requires_grad=False, training=True
        )
        for index, case in enumerate(inputs):
            arguments, options = case.forward_input.args, case.constructor_input.kwargs
            tensors = [value for value in options.values() if isinstance(value, torch.Tensor)]
            scalar_weight = any(tensor.dim() == 0 for tensor in tensors)
            default = options == {"reduction": "mean"} and unit != "CrossEntropyLoss"
            # With lengths as tensors, or targets of another integer kind, the numbers are the same.
            repeated = unit == "CTCLoss" and (arguments[1].dtype != torch.int64 or isinstance(arguments[2], torch.Tensor))
            # Of the large ones a few are enough.
            large = sum(argument.numel() for argument in arguments if isinstance(argument, torch.Tensor)) > 100
            kept = not large or (kind == torch.float64 and index % (10 if unit == "CTCLoss" else 5) == 0)
            if scalar_weight or default or repeated or not kept:
                continue
            yield unit, f"{index}", options, arguments


def criterions(kind):
    """The cases of `criterion_tests`, which have no batch. Their constructors all have the last reduction, so it is taken
    from the name."""
    torch.manual_seed(0)
    for test in criterion_tests:
        unit, reduction = test["fullname"].split("_no_batch_dim_")
        inputs = test["input_fn"]() if "input_fn" in test else torch.randn(test["input_size"])
        target = test["target_fn"]() if "target_fn" in test else torch.randn(test["target_size"])
        arguments = [*(inputs if isinstance(inputs, tuple) else [inputs]), target]
        arguments = [a.to(kind) if a.is_floating_point() else a for a in arguments]
        yield unit, f"no-batch-{reduction}", {"reduction": reduction}, arguments


def add(golden, unit, name, options, arguments):
    """Runs the loss and its backward, and adds the case."""
    arguments = [a if isinstance(a, torch.Tensor) else torch.tensor(a) for a in arguments]
    arguments = [a.detach().clone() for a in arguments]
    for index in UNITS[unit]:
        arguments[index].requires_grad_()
    keywords = dict(options)
    if "distance_function" in options:
        keywords["distance_function"] = DISTANCES[options["distance_function"]]
    output = getattr(torch.nn, unit)(**keywords)(*arguments)
    # The tests make the same one.
    cotangent = torch.linspace(0.5, 1.5, output.numel(), dtype=output.dtype).reshape(output.shape)
    output.backward(cotangent)
    tensors = {f"argument.{index}": argument for index, argument in enumerate(arguments)}
    tensors |= {f"gradient.{index}": arguments[index].grad for index in UNITS[unit]}
    golden.add(unit, name, plain(options), tensors | {"output": output})


def plain(options):
    """The options as JSON has them: tensors as lists of numbers, all of them finite."""
    options = {
        key: value.tolist() if isinstance(value, torch.Tensor) else value for key, value in options.items()
    }
    numbers = [number for value in options.values() if isinstance(value, list) for number in value]
    assert all(map(math.isfinite, numbers)), options
    return options
