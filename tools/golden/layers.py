"""The layers that map a tensor to a tensor without weights, or with a plain linear map, and the containers."""

from collections import OrderedDict

from torch import nn

from golden_file import GoldenFile
from module_case import add


def write():
    golden = GoldenFile()
    linear(golden)
    shapes(golden)
    containers(golden)
    dropouts(golden)
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


def containers(golden):
    """The argument `of` is the name that the test's table has for the contents."""
    for unit, of, make in [
        ("Sequential", "nothing", nn.Sequential),
        ("Sequential", "unnamed", lambda: nn.Sequential(nn.Linear(4, 3), nn.ReLU(), nn.Linear(3, 4))),
        ("Sequential", "named", named),
        ("Sequential", "nested", lambda: nn.Sequential(named(), nn.Sequential(nn.Tanh(), nn.Linear(4, 4)))),
        ("ModuleList", "nothing", nn.ModuleList),
        ("ModuleList", "equal", lambda: nn.ModuleList([nn.Linear(4, 4), nn.Linear(4, 4), nn.Linear(4, 4)])),
        ("ModuleList", "mixed", lambda: nn.ModuleList([nn.ReLU(), nn.Linear(4, 4), nn.Linear(4, 4), named()])),
        ("ModuleDict", "nothing", nn.ModuleDict),
        ("ModuleDict", "mixed", lambda: nn.ModuleDict({"first": nn.Linear(4, 4), "last": named()})),
    ]:
        add(golden, unit, {"of": of}, (2, 4), make=make, call=in_order)


def dropouts(golden):
    """What they draw is in dropout.py; here they are differentiated."""
    add(golden, "Dropout", {"p": 0.4}, (3, 4))
    add(golden, "AlphaDropout", {"p": 0.4}, (3, 4))
    add(golden, "FeatureAlphaDropout", {"p": 0.4}, (2, 3, 2))
    for dims in (1, 2, 3):
        add(golden, f"Dropout{dims}d", {"p": 0.4}, (2, 3, *[2] * dims))


def named():
    return nn.Sequential(OrderedDict(hidden=nn.Linear(4, 3), activation=nn.Sigmoid(), output=nn.Linear(3, 4)))


def in_order(module, value):
    parts = module.values() if isinstance(module, nn.ModuleDict) else module
    for part in parts:
        value = part(value)
    return value.clone() if len(parts) == 0 else value
