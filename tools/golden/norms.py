"""The normalisations."""

from golden_file import GoldenFile
from module_case import add

SIZES = {1: (5,), 2: (3, 4), 3: (2, 3, 2)}


def write():
    golden = GoldenFile()
    for dims in (1, 2, 3):
        for options in running():
            add(golden, f"BatchNorm{dims}d", {"num_features": 3, **options}, (2, 3, *SIZES[dims]))
            if options.get("momentum", 0.1) is not None:
                add(golden, f"InstanceNorm{dims}d", {"num_features": 3, **options}, (2, 3, *SIZES[dims]))
        add(golden, f"InstanceNorm{dims}d", {"num_features": 2, "track_running_stats": True}, (2, *SIZES[dims]))
        add(golden, f"InstanceNorm{dims}d", {"num_features": 2, "affine": True, "bias": False}, (2, *SIZES[dims]))
    add(golden, "BatchNorm1d", {"num_features": 4}, (6, 4))
    layers(golden)
    golden.write("crates/nn/tests/golden/norms.safetensors")


def running():
    yield {}
    yield {"eps": 0.001, "momentum": 0.3, "affine": True, "track_running_stats": True}
    yield {"momentum": None}
    yield {"affine": False}
    yield {"track_running_stats": False}
    yield {"affine": True, "bias": False}


def layers(golden):
    add(golden, "LayerNorm", {"normalized_shape": 5}, (2, 3, 5))
    add(golden, "LayerNorm", {"normalized_shape": (3, 2), "eps": 0.01}, (2, 3, 2))
    add(golden, "LayerNorm", {"normalized_shape": (4,), "bias": False}, (4,))
    add(golden, "LayerNorm", {"normalized_shape": (4,), "elementwise_affine": False}, (3, 4))
    add(golden, "RMSNorm", {"normalized_shape": 5}, (2, 3, 5))
    add(golden, "RMSNorm", {"normalized_shape": (3, 2), "eps": 0.01}, (2, 3, 2))
    add(golden, "RMSNorm", {"normalized_shape": (4,), "elementwise_affine": False}, (3, 4))
    add(golden, "GroupNorm", {"num_groups": 2, "num_channels": 4}, (2, 4, 3))
    add(golden, "GroupNorm", {"num_groups": 1, "num_channels": 4, "eps": 0.1, "bias": False}, (2, 4, 2, 2))
    add(golden, "GroupNorm", {"num_groups": 4, "num_channels": 4, "affine": False}, (2, 4, 3))
    add(golden, "GroupNorm", {"num_groups": 2, "num_channels": 8}, (3, 8))
