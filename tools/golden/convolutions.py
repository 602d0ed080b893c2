"""The convolutions and the transposed convolutions, in one, two and three dimensions."""

from golden_file import GoldenFile
from module_case import add

SIZES = {1: (7,), 2: (6, 5), 3: (4, 3, 4)}
SMALL = {1: (4,), 2: (3, 4), 3: (2, 3, 2)}
MODES = ["reflect", "replicate", "circular"]


def write():
    golden = GoldenFile()
    for dims in (1, 2, 3):
        for options in plain(dims):
            channels = {"in_channels": 2, "out_channels": 4 if "groups" in options else 3}
            add(golden, f"Conv{dims}d", {**channels, "kernel_size": 3, **options}, (2, 2, *SIZES[dims]))
        kernel = (2, 3, 1)[:dims]
        add(golden, f"Conv{dims}d", {"in_channels": 1, "out_channels": 2, "kernel_size": kernel}, (1, *SIZES[dims]))
        for options in transposed(dims):
            channels = {"in_channels": 2, "out_channels": 4 if "groups" in options else 3}
            add(golden, f"ConvTranspose{dims}d", {**channels, "kernel_size": 2, **options}, (2, 2, *SMALL[dims]))
        add(
            golden,
            f"ConvTranspose{dims}d",
            {"in_channels": 1, "out_channels": 2, "kernel_size": kernel},
            (1, *SMALL[dims]),
        )
    golden.write("crates/nn/tests/golden/convolutions.safetensors")


def plain(dims):
    each = lambda *sizes: sizes[:dims]
    yield {}
    yield {"stride": 2, "padding": 1}
    yield {"stride": each(2, 1, 1), "padding": each(1, 0, 1), "bias": False}
    yield {"dilation": 2, "padding": 2, "groups": 2}
    yield {"padding": "same", "dilation": each(1, 2, 1)}
    yield {"padding": "valid"}
    if dims == 3:
        yield {"padding": 1, "padding_mode": "circular"}
        return
    for mode in MODES:
        yield {"padding": each(1, 2, 1), "padding_mode": mode}
    yield {"kernel_size": 2, "padding": "same", "padding_mode": "replicate"}
    yield {"padding": "valid", "padding_mode": "reflect"}


def transposed(dims):
    each = lambda *sizes: sizes[:dims]
    yield {}
    yield {"stride": 2, "padding": 1, "output_padding": 1}
    yield {"stride": each(2, 3, 2), "output_padding": each(1, 2, 0), "bias": False}
    yield {"dilation": 2, "groups": 2, "output_padding": 1}
