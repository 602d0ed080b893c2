"""Embedding, recurrent, attention and resampling layers: initial parameters, outputs and gradients.

A layer is built after `torch.manual_seed(seed)` and run after `torch.manual_seed(seed + 1)`, so that the test can
do the same and compare the initial parameters and the dropped values, too.
"""

import warnings

import torch

from golden_file import GoldenFile

KINDS = {"float32": torch.float32, "float64": torch.float64}


class Recorder:
    """Runs a layer and records what went in and what came out."""

    def __init__(self):
        self.golden = GoldenFile()
        self.counts = {}

    def case(self, unit, args, kwargs, inputs, *, call=None, masks=None, train=False, build=None):
        """`inputs` are shapes, or tensors of integers; `call` are further arguments of the call; `masks` tensors
        that it takes by name; `build` makes the module where `unit` with `args` and `kwargs` does not."""
        for kind, dtype in KINDS.items():
            index = self.counts[unit] = self.counts.get(unit, -1) + 1
            seed = 1000 + index
            torch.manual_seed(seed)
            module = build() if build else getattr(torch.nn, unit)(*args, **kwargs)
            initial = {f"parameter.{name}": value.clone() for name, value in module.named_parameters()}
            module.to(dtype).train(train)
            generator = torch.Generator().manual_seed(seed)
            given = [
                item if isinstance(item, torch.Tensor) else torch.randn(item, dtype=dtype, generator=generator)
                for item in inputs
            ]
            floating = {i: t.requires_grad_() for i, t in enumerate(given) if t.is_floating_point()}
            masks_in_kind = {
                name: mask.to(dtype) if mask.is_floating_point() else mask for name, mask in (masks or {}).items()
            }
            torch.manual_seed(seed + 1)
            outputs = list(flat(self.run(module, given, masks_in_kind, call or {})))
            cotangents = [torch.randn(o.shape, dtype=dtype, generator=generator) for o in outputs]
            sum((o * c).sum() for o, c in zip(outputs, cotangents)).backward()
            tensors = dict(initial)
            tensors |= {f"input.{i}": t for i, t in enumerate(given)}
            tensors |= {f"mask.{name}": mask for name, mask in masks_in_kind.items()}
            tensors |= {f"output.{i}": t for i, t in enumerate(outputs)}
            tensors |= {f"cotangent.{i}": t for i, t in enumerate(cotangents)}
            tensors |= {f"gradient.input.{i}": t.grad for i, t in floating.items()}
            tensors |= {
                f"gradient.parameter.{name}": dense(p.grad) for name, p in module.named_parameters() if p.grad is not None
            }
            options = {
                "args": args,
                "options": kwargs,
                "call": call or {},
                "train": train,
                "seed": seed,
                "repr": repr(module),
                "kind": kind,
            }
            self.golden.add(unit, f"{unit}/{index}", options, tensors)

    @staticmethod
    def run(module, inputs, masks, call):
        if isinstance(module, torch.nn.MultiheadAttention) and len(inputs) == 1:
            inputs = inputs * 3
        if isinstance(module, torch.nn.LSTM) and len(inputs) == 3:
            return module(inputs[0], (inputs[1], inputs[2]))
        return module(*inputs, **masks, **call)


def flat(output):
    if isinstance(output, torch.Tensor):
        yield output
    elif output is not None:
        for part in output:
            yield from flat(part)


def dense(gradient):
    return gradient.to_dense() if gradient.is_sparse else gradient


def embedding(record):
    words = torch.tensor([[1, 2, 4, 4], [4, 3, 0, 2]])
    for kwargs in (
        {},
        {"padding_idx": 0},
        {"padding_idx": -1, "scale_grad_by_freq": True},
        {"max_norm": 1.0},
        {"max_norm": 0.5, "norm_type": 1.0},
        {"sparse": True, "padding_idx": 2},
    ):
        record.case("Embedding", [5, 3], kwargs, [words])
    record.case("Embedding", [5, 3], {}, [torch.tensor(3, dtype=torch.int32)])


def bilinear(record):
    record.case("Bilinear", [3, 4, 2], {}, [(5, 3), (5, 4)])
    record.case("Bilinear", [3, 4, 2], {"bias": False}, [(2, 2, 3), (2, 2, 4)])


def resampling(record):
    record.case("PixelShuffle", [2], {}, [(2, 8, 2, 3)])
    record.case("PixelShuffle", [3], {}, [(9, 2, 2)])
    record.case("PixelUnshuffle", [2], {}, [(2, 2, 4, 6)])
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
            for corners in (None,) if mode == "nearest" else (False, True):
                record.case("Upsample", [], {**target, "mode": mode, "align_corners": corners}, [shape])


def recurrent(record):
    # The number of states, and of the options of its own.
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
        for kwargs in ({**a, **b} for a in shared for b in own):
            first = kwargs.get("batch_first", False)
            layers = kwargs.get("num_layers", 1) * (2 if kwargs.get("bidirectional") else 1)
            batch = (2, 3, 4) if first else (3, 2, 4)
            hidden = kwargs.get("proj_size", 3)
            record.case(unit, [4, 3], kwargs, [batch], train=True)
            record.case(unit, [4, 3], kwargs, [batch, (layers, 2, hidden), (layers, 2, 3)][: states + 1])
            record.case(unit, [4, 3], kwargs, [(3, 4), (layers, hidden), (layers, 3)][: states + 1])


def write():
    warnings.simplefilter("ignore")
    record = Recorder()
    embedding(record)
    bilinear(record)
    resampling(record)
    recurrent(record)
    record.golden.write("crates/nn/tests/golden/sequences.safetensors")
