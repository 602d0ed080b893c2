"""The pools and the pads, in one, two and three dimensions."""

from golden_file import GoldenFile
from module_case import add

SIZES = {1: (7,), 2: (6, 5), 3: (4, 5, 4)}


def write():
    golden = GoldenFile()
    for dims in (1, 2, 3):
        batch, one = (2, 2, *SIZES[dims]), (2, *SIZES[dims])
        for options in pools(dims):
            add(golden, f"MaxPool{dims}d", {**options, "dilation": 1}, batch)
            add(golden, f"AvgPool{dims}d", options, one)
        add(golden, f"MaxPool{dims}d", {"kernel_size": 2, "stride": 1, "dilation": 2}, one)
        add(golden, f"AvgPool{dims}d", {"kernel_size": 3, "padding": 1, "count_include_pad": False}, batch)
        if dims > 1:
            add(golden, f"AvgPool{dims}d", {"kernel_size": 2, "divisor_override": 3}, batch)
        for options in adaptive(dims):
            for kind in ("Avg", "Max"):
                add(golden, f"Adaptive{kind}Pool{dims}d", options, batch)
        add(golden, f"AdaptiveMaxPool{dims}d", {"output_size": 1}, one)
        pads(golden, dims, batch, one)
    golden.write("crates/nn/tests/golden/pools.safetensors")


def pools(dims):
    each = lambda *sizes: sizes[:dims]
    yield {"kernel_size": 2}
    yield {"kernel_size": 3, "stride": 2, "padding": 1}
    yield {"kernel_size": each(2, 3, 2), "stride": each(1, 2, 2), "padding": each(1, 0, 1)}
    yield {"kernel_size": 2, "stride": 2, "ceil_mode": True}


def adaptive(dims):
    each = lambda *sizes: sizes[:dims]
    yield {"output_size": 3}
    yield {"output_size": each(2, 4, 3)}
    if dims > 1:
        yield {"output_size": each(2, None, 3)}


def pads(golden, dims, batch, one):
    uneven = (1, 2, 0, 1, 2, 1)[: 2 * dims]
    for unit in ("ZeroPad", "ReflectionPad", "ReplicationPad", "CircularPad"):
        add(golden, f"{unit}{dims}d", {"padding": 1}, one)
        add(golden, f"{unit}{dims}d", {"padding": uneven}, batch)
    cut = (-1, 2, 0, -1, 1, 1)[: 2 * dims]
    add(golden, f"ZeroPad{dims}d", {"padding": cut}, batch)
    add(golden, f"ConstantPad{dims}d", {"padding": 1, "value": 3.5}, one)
    add(golden, f"ConstantPad{dims}d", {"padding": cut, "value": -1e-05}, batch)
    add(golden, f"ConstantPad{dims}d", {"padding": 1, "value": 2.0}, SIZES[dims])
