"""Initialisation: what each function of torch.nn.init writes after `torch.manual_seed`."""

import math

import torch
from torch.nn import init

from golden_file import GoldenFile

# Fewer than 16 values and more take different ways through PyTorch's normal draw.
CASES = {
    "uniform_": [((3, 4), {"a": 0.0, "b": 1.0}), ((5, 7), {"a": -0.3, "b": 0.2})],
    "normal_": [((3, 4), {"mean": 0.0, "std": 1.0}), ((5, 7), {"mean": 1.5, "std": 0.25})],
    "trunc_normal_": [
        ((5, 7), {"mean": 0.0, "std": 1.0, "a": -2.0, "b": 2.0}),
        ((3, 4), {"mean": 0.0, "std": 0.02, "a": -0.03, "b": 0.02}),
        ((5, 7), {"mean": 0.0, "std": 1.0, "a": 0.9, "b": 2.0}),
        ((6, 6), {"mean": 0.5, "std": 2.0, "a": -3.0, "b": -1.5}),
        ((3, 3), {"mean": 0.0, "std": 1.0, "a": 0.25, "b": 0.25}),
    ],
    "constant_": [((3, 4), {"val": 0.3})],
    "ones_": [((3, 4), {})],
    "zeros_": [((3, 4), {})],
    "eye_": [((3, 5), {}), ((5, 3), {})],
    "dirac_": [
        ((3, 4, 5), {"groups": 1}),
        ((4, 2, 3, 4), {"groups": 2}),
        ((6, 1, 2, 3, 3), {"groups": 3}),
    ],
    "xavier_uniform_": [((3, 5), {"gain": 1.0}), ((4, 3, 2, 2), {"gain": 5 / 3})],
    "xavier_normal_": [((3, 5), {"gain": 1.0}), ((4, 3, 2, 2), {"gain": 5 / 3})],
    "kaiming_uniform_": [
        ((3, 5), {"a": 0.0, "mode": "fan_in", "nonlinearity": "leaky_relu"}),
        ((3, 5), {"a": math.sqrt(5), "mode": "fan_in", "nonlinearity": "leaky_relu"}),
        ((4, 3, 2, 2), {"a": 0.0, "mode": "fan_out", "nonlinearity": "relu"}),
        ((4, 3, 3), {"a": 0.0, "mode": "fan_in", "nonlinearity": "tanh"}),
    ],
    "kaiming_normal_": [
        ((3, 5), {"a": 0.0, "mode": "fan_in", "nonlinearity": "leaky_relu"}),
        ((3, 7), {"a": 0.2, "mode": "fan_out", "nonlinearity": "leaky_relu"}),
        ((4, 3, 2, 2), {"a": 0.0, "mode": "fan_out", "nonlinearity": "selu"}),
        ((4, 5), {"a": 0.0, "mode": "fan_in", "nonlinearity": "linear"}),
        ((4, 5), {"a": 0.0, "mode": "fan_in", "nonlinearity": "sigmoid"}),
    ],
    "orthogonal_": [
        ((3, 5), {"gain": 1.0}),
        ((6, 4), {"gain": 2.5}),
        ((4, 3, 2, 2), {"gain": math.sqrt(2)}),
        ((4, 4), {"gain": 1.0}),
    ],
    "sparse_": [((5, 4), {"sparsity": 0.3, "std": 0.01}), ((3, 7), {"sparsity": 0.5, "std": 1.0})],
}

GAINS = [
    ("linear", None),
    ("sigmoid", None),
    ("tanh", None),
    ("relu", None),
    ("leaky_relu", 0.01),
    ("leaky_relu", 0.2),
    ("leaky_relu", math.sqrt(5)),
    ("selu", None),
]


def write():
    golden = GoldenFile()
    for unit, cases in CASES.items():
        for index, (shape, options) in enumerate(cases):
            for kind in (torch.float32, torch.float64):
                name = f"{unit}/{index}.{str(kind).removeprefix('torch.')}"
                seed = 10 + index
                tensor = torch.full(shape, 7.0, dtype=kind)
                torch.manual_seed(seed)
                getattr(init, unit)(tensor, **options)
                tensors = {"output": tensor, "after": torch.rand(4)}
                golden.add(unit, name, {**options, "seed": seed}, tensors)
    for index, (nonlinearity, slope) in enumerate(GAINS):
        gain = init.calculate_gain(nonlinearity, slope)
        options = {"nonlinearity": nonlinearity, "a": slope}
        output = torch.tensor(gain, dtype=torch.float64)
        golden.add("calculate_gain", f"calculate_gain/{index}", options, {"output": output})
    golden.write("crates/nn/tests/golden/init.safetensors")
