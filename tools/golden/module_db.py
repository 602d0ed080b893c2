"""PyTorch's own cases of its modules, from `torch.testing._internal.common_modules.module_db`."""

import inspect
import warnings

import torch
from torch import nn
from torch.testing._internal.common_modules import module_db

from attention import add_encoder, attend
from golden_file import GoldenFile
from module_case import KINDS, add
from sequences import with_state

# The modules of the database that Selvedge does not have, beside the losses, which losses.py takes.
OTHERS = [
    *(f"Lazy{unit}{dims}d" for unit in ("Conv", "ConvTranspose") for dims in (1, 2, 3)),
    *(f"LPPool{dims}d" for dims in (1, 2, 3)),
    *(f"FractionalMaxPool{dims}d" for dims in (2, 3)),
    *(f"{unit}Cell" for unit in ("RNN", "GRU", "LSTM")),
    *("LocalResponseNorm", "Transformer", "TransformerDecoderLayer"),
]

# Cases with more values than these are large, and too large for a small file.
LARGE, TOO_LARGE = 150, 800

# How to call those that take their inputs in another form.
CALLS = {"RNN": with_state, "GRU": with_state, "LSTM": with_state, "MultiheadAttention": attend}


def write():
    warnings.simplefilter("ignore")
    golden = GoldenFile()
    for info in module_db:
        unit = info.name.removeprefix("nn.")
        if unit in OTHERS or unit.endswith("Loss"):
            continue
        torch.manual_seed(0)
        cases = info.module_inputs_func(info, device="cpu", dtype=torch.float32, requires_grad=False, training=True)
        for index, case in enumerate(some(cases)):
            # The numbers of single precision differ by rounding alone, so one case of a unit has them.
            database(golden, unit, case, KINDS if index == 0 else ["f64"])
    golden.write("crates/nn/tests/golden/module_db.safetensors")


def some(cases):
    """Every third of the large ones, and every fifth where the cases are a product of many options: an option has two
    values, so both occur."""
    small = [case for case in cases if values(case) <= LARGE]
    large = [case for case in cases if LARGE < values(case) <= TOO_LARGE]
    return (small[::5] if len(small) > 20 else small) + large[::3]


def values(case):
    return sum(tensor.numel() for tensor in tensors(case.forward_input.args))


def tensors(arguments):
    for argument in arguments:
        if isinstance(argument, torch.Tensor):
            yield argument
        elif isinstance(argument, tuple):
            yield from argument


def database(golden, unit, case, kinds):
    inputs = list(tensors(case.forward_input.args))
    masks = {name: mask for name, mask in case.forward_input.kwargs.items() if mask is not None}
    if "input" in masks:
        inputs.append(masks.pop("input"))
    if unit == "TransformerEncoder":
        layer, num_layers = case.constructor_input.args
        add_encoder(golden, encoder_layer(layer), num_layers, False, *inputs, masks=masks, kinds=kinds)
    else:
        arguments = named(getattr(nn, unit), case.constructor_input)
        add(golden, unit, arguments, *inputs, call=CALLS.get(unit), masks=masks, kinds=kinds)


def named(kind, given):
    """The arguments of a constructor by their names."""
    signature = inspect.signature(kind)
    bound = signature.bind(*given.args, **given.kwargs).arguments
    arguments = bound | bound.pop("kwargs", {})
    for name, value in arguments.items():
        if callable(value):
            arguments[name] = value.__name__
        elif isinstance(value, int) and name in signature.parameters and signature.parameters[name].annotation is float:
            # Python prints a number as it was given; ours is a real one.
            arguments[name] = float(value)
    return arguments


def encoder_layer(layer):
    """The arguments that a layer was made with."""
    return {
        "d_model": layer.self_attn.embed_dim,
        "nhead": layer.self_attn.num_heads,
        "dim_feedforward": layer.linear1.out_features,
        "dropout": layer.dropout.p,
        "activation": layer.activation.__name__,
        "layer_norm_eps": layer.norm1.eps,
        "batch_first": layer.self_attn.batch_first,
        "norm_first": layer.norm_first,
        "bias": layer.linear1.bias is not None,
    }
