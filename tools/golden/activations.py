"""The activations."""

import torch

from golden_file import GoldenFile
from module_case import add

# Where pieces meet, where exponentials leave the range of f32, and what is no number.
EDGES = torch.tensor(
    [0.0, -0.0, 0.5, -0.5, 1.0, -1.0, 3.0, -3.0, 6.0, -6.0, 20.0, -20.0, 21.0, 90.0, -90.0, 1e4, -1e4, 1e-8]
    + [float("inf"), float("-inf"), float("nan")]
)

# The options to test, where there are any; `Threshold` has no defaults.
UNITS = {
    "Threshold": [{"threshold": 0.1, "value": 20.0}, {"threshold": -0.5, "value": 0.0}],
    "ReLU": [{}],
    "RReLU": [{}, {"lower": 0.1, "upper": 0.1}, {"lower": 0.25, "upper": 0.75}],
    "Hardtanh": [{}, {"min_val": -0.25, "max_val": 2.5}],
    "ReLU6": [{}],
    "Sigmoid": [{}],
    "Hardsigmoid": [{}],
    "Tanh": [{}],
    "SiLU": [{}],
    "Mish": [{}],
    "Hardswish": [{}],
    "ELU": [{}, {"alpha": 2.5}],
    "CELU": [{}, {"alpha": 2.5}, {"alpha": 1e-05}],
    "SELU": [{}],
    "GELU": [{}, {"approximate": "tanh"}],
    "Hardshrink": [{}, {"lambd": 0.1}],
    "LeakyReLU": [{}, {"negative_slope": 0.5}, {"negative_slope": 0.0}],
    "LogSigmoid": [{}],
    "Softplus": [{}, {"beta": 2.0, "threshold": 1.5}],
    "Softshrink": [{}, {"lambd": 1.0}],
    "PReLU": [{}, {"num_parameters": 4, "init": 0.5}],
    "Softsign": [{}],
    "Tanhshrink": [{}],
}

ALONG = {
    "Softmax": [{"dim": 0}, {"dim": -1}, {}],
    "LogSoftmax": [{"dim": 0}, {"dim": -1}, {}],
    "Softmin": [{"dim": 0}, {"dim": -1}, {}],
}


def write():
    golden = GoldenFile()
    for unit, options in UNITS.items():
        for arguments in options:
            add(golden, unit, arguments, (2, 4, 3))
        # Of an infinity libtorch's GELU is NaN with AVX-512 and an infinity without.
        add(golden, unit, options[0], EDGES[:-3] if unit == "GELU" else EDGES, smooth=False)
    for unit, options in ALONG.items():
        for arguments in options:
            add(golden, unit, arguments, (4, 3))
        add(golden, unit, {}, (2, 2, 3))
        add(golden, unit, {}, (5,))
        add(golden, unit, {}, (2, 2, 3, 2))
        add(golden, unit, {"dim": 0}, EDGES[:-3], smooth=False)
    for arguments, shape in [({}, (2, 4)), ({"dim": 0}, (4, 3)), ({"dim": 1}, (2, 2, 3))]:
        add(golden, "GLU", arguments, shape)
    add(golden, "Softmax2d", {}, (2, 3, 2, 2))
    add(golden, "Softmax2d", {}, (3, 2, 2))
    golden.write("crates/nn/tests/golden/activations.safetensors")
