"""The layers that map a tensor to a tensor."""

from golden_file import GoldenFile
from module_case import add


def write():
    golden = GoldenFile()
    linear(golden)
    shapes(golden)
    golden.write("crates/nn/tests/golden/layers.safetensors")


def linear(golden):
    add(golden, "Linear", {"in_features": 5, "out_features": 3}, (4, 5))
    add(golden, "Linear", {"in_features": 5, "out_features": 3, "bias": False}, (2, 3, 5))
    add(golden, "Linear", {"in_features": 1, "out_features": 1}, (1,))


def shapes(golden):
    add(golden, "Identity", {}, (2, 3))
    add(golden, "Flatten", {}, (2, 3, 2))
    add(golden, "Flatten", {"start_dim": 0, "end_dim": 1}, (2, 3, 2))
    add(golden, "Unflatten", {"dim": 1, "unflattened_size": (2, 3)}, (2, 6))
    add(golden, "Unflatten", {"dim": -1, "unflattened_size": (-1, 3)}, (2, 6))
