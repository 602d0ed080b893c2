"""The losses: PyTorch's own cases from its module database, and edge cases of ours."""

import math

import torch
from torch.testing._internal.common_modules import module_db

from golden_file import GoldenFile
from loss_edges import edges

PATH = "crates/train/tests/golden/losses.safetensors"
KINDS = {"f32": torch.float32, "f64": torch.float64}

# The losses, and which of their arguments get a gradient.
UNITS = {
    "NLLLoss": [0],
    "MSELoss": [0],
    "CrossEntropyLoss": [0],
}


def write():
    golden = GoldenFile()
    for short, kind in KINDS.items():
        for unit, name, options, arguments in [*database(kind), *edges(kind, UNITS)]:
            add(golden, unit, f"{unit}/{name}/{short}", options, arguments)
    golden.write(PATH)


def database(kind):
    """The cases of `module_db`, without those that only repeat others."""
    for info in module_db:
        unit = info.name.removeprefix("nn.")
        if unit not in UNITS:
            continue
        torch.manual_seed(0)
        inputs = info.module_inputs_func(
            info, device="cpu", dtype=kind, requires_grad=False, training=True
        )
        for index, case in enumerate(inputs):
            arguments, options = case.forward_input.args, case.constructor_input.kwargs
            scalar_weight = any(isinstance(value, torch.Tensor) and value.dim() == 0 for value in options.values())
            large = sum(a.numel() for a in arguments if isinstance(a, torch.Tensor)) > 200
            # A few large ones are enough.
            if scalar_weight or (large and (kind == torch.float32 or index % 3 > 0)):
                continue
            yield unit, f"{index}", options, arguments


def add(golden, unit, name, options, arguments):
    """Runs the loss and its backward, and adds the case."""
    arguments = [a if isinstance(a, torch.Tensor) else torch.tensor(a) for a in arguments]
    arguments = [a.detach().clone() for a in arguments]
    for index in UNITS[unit]:
        arguments[index].requires_grad_()
    output = getattr(torch.nn, unit)(**options)(*arguments)
    cotangent = torch.linspace(0.5, 1.5, output.numel(), dtype=output.dtype).reshape(output.shape)
    output.backward(cotangent)
    tensors = {f"argument.{index}": argument for index, argument in enumerate(arguments)}
    tensors |= {f"gradient.{index}": arguments[index].grad for index in UNITS[unit]}
    golden.add(unit, name, plain(options), tensors | {"output": output, "cotangent": cotangent})


def plain(options):
    """The options as JSON has them: tensors as lists of numbers, all of them finite."""
    options = {
        key: value.tolist() if isinstance(value, torch.Tensor) else value for key, value in options.items()
    }
    numbers = [number for value in options.values() if isinstance(value, list) for number in value]
    assert all(map(math.isfinite, numbers)), options
    return options
