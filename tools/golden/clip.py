"""Gradient clipping: `clip_grad_norm_` and `clip_grad_value_`."""

import math

import torch
from torch.nn.utils import clip_grad_norm_, clip_grad_value_

from golden_file import GoldenFile

PATH = "crates/train/tests/golden/clip.safetensors"
KINDS = {"f32": [torch.float32], "f64": [torch.float64], "mixed": [torch.float32, torch.float64]}


def write():
    golden = GoldenFile()
    for short, kinds in KINDS.items():
        for size in ["small", "large", "infinite", "nan"]:
            for norm_type in [1.0, 2.0, 3.5, math.inf]:
                options = {"max_norm": 0.8, "norm_type": "inf" if norm_type == math.inf else norm_type}
                name = f"{short}-{size}-{norm_type}"
                run(golden, "clip_grad_norm_", name, options, gradients(kinds, size), clip_norm(0.8, norm_type))
            options = {"clip_value": 0.3}
            run(golden, "clip_grad_value_", f"{short}-{size}", options, gradients(kinds, size), clip_value(0.3))
        options = {"max_norm": 0.0}
        run(golden, "clip_grad_norm_", f"{short}-zero", options, gradients(kinds, "large"), clip_norm(0.0, 2.0))
    golden.write(PATH)


def clip_norm(max_norm, norm_type):
    return lambda parameters: clip_grad_norm_(parameters, max_norm, norm_type)


def clip_value(value):
    return lambda parameters: clip_grad_value_(parameters, value)


def gradients(kinds, size):
    generator = torch.Generator().manual_seed(5)
    scale = 1e-3 if size == "small" else 2.0
    found = []
    for index, shape in enumerate([(3, 4), (5,), (), (2, 1, 2)]):
        values = scale * torch.randn(shape, generator=generator, dtype=torch.float64)
        found.append(values.to(kinds[index % len(kinds)]))
    if size in ["infinite", "nan"]:
        found[1][2] = math.inf if size == "infinite" else math.nan
    return found


def run(golden, unit, name, options, before, clip):
    parameters = [torch.zeros_like(gradient).requires_grad_() for gradient in before]
    for parameter, gradient in zip(parameters, before):
        parameter.grad = gradient.clone()
    # One without a gradient in between.
    parameters.insert(1, torch.zeros(2, requires_grad=True))
    norm = clip(parameters)
    after = [parameter.grad for parameter in parameters if parameter.grad is not None]
    tensors = {f"before.{index}": gradient for index, gradient in enumerate(before)}
    tensors |= {f"after.{index}": gradient for index, gradient in enumerate(after)}
    golden.add(unit, f"{unit}/{name}", options, tensors | {"norm": norm})
