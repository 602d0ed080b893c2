"""The activations."""

import torch

from golden_file import GoldenFile
from module_case import add

# Where pieces meet, where exponentials leave the range of f32, and what is no number.
EDGES = torch.tensor(
    [0.0, -0.0, 0.5, -0.5, 1.0, -1.0, 3.0, -3.0, 6.0, -6.0, 20.0, -20.0, 21.0, 90.0, -90.0, 1e4, -1e4, 1e-8]
    + [float("inf"), float("-inf"), float("nan")]
)

# The options beside the defaults.
UNITS = {
    "ReLU": [],
    "Tanh": [],
}

ALONG = {
    "Softmax": [{"dim": 0}, {"dim": -1}, {}],
    "LogSoftmax": [{"dim": 0}, {"dim": -1}, {}],
    "Softmin": [{"dim": 0}, {"dim": -1}, {}],
}


def write():
    golden = GoldenFile()
    for unit, others in UNITS.items():
        for arguments in [{}, *others]:
            add(golden, unit, arguments, (2, 4, 3))
        add(golden, unit, {}, EDGES, smooth=False)
    for unit, options in ALONG.items():
        for arguments in options:
            add(golden, unit, arguments, (4, 3))
        add(golden, unit, {}, (2, 2, 3))
        add(golden, unit, {}, (5,))
        add(golden, unit, {}, (2, 2, 3, 2))
        add(golden, unit, {"dim": 0}, EDGES[:-3], smooth=False)
    golden.write("crates/nn/tests/golden/activations.safetensors")
