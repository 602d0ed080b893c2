"""Embedding, bilinear, resampling and recurrent layers."""

import warnings

import torch

from golden_file import GoldenFile
from module_case import add


def write():
    warnings.simplefilter("ignore")
    golden = GoldenFile()
    embedding(golden)
    bilinear(golden)
    resampling(golden)
    recurrent(golden)
    golden.write("crates/nn/tests/golden/sequences.safetensors")


def embedding(golden):
    words = torch.tensor([[1, 2, 4, 4], [4, 3, 0, 2]])
    for options in (
        {},
        {"padding_idx": 0},
        {"padding_idx": -1, "scale_grad_by_freq": True},
        {"max_norm": 1.0},
        {"max_norm": 0.5, "norm_type": 1.0},
        {"sparse": True, "padding_idx": 2},
    ):
        # The options scale the rows as they are looked up, or the gradients afterwards.
        add(golden, "Embedding", {"num_embeddings": 5, "embedding_dim": 3, **options}, words, smooth=not options)
    one = torch.tensor(3, dtype=torch.int32)
    add(golden, "Embedding", {"num_embeddings": 5, "embedding_dim": 3}, one)


def bilinear(golden):
    sizes = {"in1_features": 3, "in2_features": 4, "out_features": 2}
    add(golden, "Bilinear", sizes, (5, 3), (5, 4))
    add(golden, "Bilinear", {**sizes, "bias": False}, (2, 2, 3), (2, 2, 4))


def resampling(golden):
    add(golden, "PixelShuffle", {"upscale_factor": 2}, (2, 8, 2, 3))
    add(golden, "PixelShuffle", {"upscale_factor": 3}, (9, 2, 2))
    add(golden, "PixelUnshuffle", {"downscale_factor": 2}, (2, 2, 4, 6))
    for mode, shape in (
        ("nearest", (2, 2, 5)),
        ("nearest", (1, 2, 3, 4)),
        ("nearest", (1, 2, 2, 3, 2)),
        ("linear", (2, 2, 5)),
        ("bilinear", (1, 2, 3, 4)),
        ("bicubic", (1, 2, 3, 4)),
        ("trilinear", (1, 2, 2, 3, 2)),
    ):
        dims = len(shape) - 2
        targets = (
            {"scale_factor": 2.0},
            {"scale_factor": (1.7, 0.8, 2.3)[:dims]},
            {"size": 4},
            {"size": (5, 3, 4)[:dims]},
            {"scale_factor": 1.7, "recompute_scale_factor": True},
        )
        for target in targets:
            # The backward of the nearest pixel rounds other than the forward for some scales, 2.3 among them.
            smooth = mode != "nearest" or not isinstance(target.get("scale_factor"), tuple)
            for corners in (None,) if mode == "nearest" else (False, True):
                arguments = {**target, "mode": mode, "align_corners": corners}
                add(golden, "Upsample", arguments, shape, smooth=smooth)


def recurrent(golden):
    # The number of states, and the options of its own.
    units = {
        "RNN": (1, [{}, {"nonlinearity": "relu"}]),
        "LSTM": (2, [{}, {"proj_size": 2}]),
        "GRU": (1, [{}]),
    }
    shared = (
        {},
        {"bias": False, "batch_first": True},
        {"num_layers": 2, "bidirectional": True},
        {"num_layers": 2, "dropout": 0.4, "batch_first": True},
    )
    for unit, (states, own) in units.items():
        for options in ({**a, **b} for a in shared for b in own):
            arguments = {"input_size": 4, "hidden_size": 3, **options}
            layers = options.get("num_layers", 1) * (2 if options.get("bidirectional") else 1)
            batch = (2, 3, 4) if options.get("batch_first") else (3, 2, 4)
            hidden = options.get("proj_size", 3)
            for shapes in (
                [batch],
                [batch, (layers, 2, hidden), (layers, 2, 3)][: states + 1],
                [(3, 4), (layers, hidden), (layers, 3)][: states + 1],
            ):
                add(golden, unit, arguments, *shapes, call=with_state)


def with_state(module, value, *state):
    """An LSTM takes its two states as one argument, a pair."""
    return module(value, tuple(state) if len(state) > 1 else next(iter(state), None))
