"""Dropout: what each layer draws after `torch.manual_seed`, and the state that it leaves the generator in."""

import torch

from golden_file import GoldenFile

SHAPES = {
    "Dropout": [(5, 7), (3,)],
    "Dropout1d": [(3, 4, 5), (4, 5)],
    "Dropout2d": [(2, 4, 3, 2), (2, 4, 3)],
    "Dropout3d": [(2, 3, 2, 2, 2), (3, 2, 2, 2)],
    "AlphaDropout": [(5, 7), (2, 3, 4)],
    "FeatureAlphaDropout": [(2, 4, 3), (6, 5)],
}


def write():
    golden = GoldenFile()
    for unit, shapes in SHAPES.items():
        for index, (shape, p, kind) in enumerate(
            (shape, p, kind)
            for shape in shapes
            for p in (0.0, 0.25, 0.5, 1.0)
            for kind in (torch.float32, torch.float64)
        ):
            seed = 100 + index
            torch.manual_seed(seed)
            tensor = torch.randn(shape, dtype=kind).requires_grad_()
            cotangent = torch.randn(shape, dtype=kind)
            module = getattr(torch.nn, unit)(p)
            torch.manual_seed(seed)
            output = module(tensor)
            after = torch.rand(4)
            output.backward(cotangent)
            golden.add(
                unit,
                f"{unit}/{index}",
                {"p": p, "seed": seed, "repr": repr(module)},
                {
                    "input": tensor,
                    "cotangent": cotangent,
                    "output": output,
                    "after": after,
                    "gradient": tensor.grad,
                },
            )
    golden.write("crates/nn/tests/golden/dropout.safetensors")
