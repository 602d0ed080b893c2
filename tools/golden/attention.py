"""Attention and the transformer's encoder."""

import torch

from golden_file import GoldenFile
from module_case import add

LENGTH, SOURCES, BATCH, HEADS = 3, 4, 2, 2


def write():
    golden = GoldenFile()
    multihead_attention(golden)
    transformer(golden)
    golden.write("crates/nn/tests/golden/attention.safetensors")


def causal(length, sources):
    return torch.full((length, sources), float("-inf")).triu(1)


def multihead_attention(golden):
    def case(shapes, options=None, call=None, masks=None, heads=HEADS):
        arguments = {"embed_dim": 4, "num_heads": heads, **(options or {})}
        add(golden, "MultiheadAttention", arguments, *shapes, call=attend, masks=masks, options=call)

    query, key = (LENGTH, BATCH, 4), (SOURCES, BATCH, 4)
    padding = torch.tensor([[False, False, True, False], [False, True, False, True]])
    pairs = torch.zeros(LENGTH, SOURCES, dtype=torch.bool)
    pairs[0, 2:] = pairs[1, 0] = True
    scores = torch.linspace(-1, 1, BATCH * HEADS * LENGTH * SOURCES).reshape(-1, LENGTH, SOURCES)
    per_head, none = {"average_attn_weights": False}, {"need_weights": False}
    # Self-attention, whose three inputs are one.
    case([query])
    case([query], {"bias": False}, none)
    case([(BATCH, LENGTH, 4)], {"batch_first": True}, masks={"attn_mask": causal(3, 3)}, heads=1)
    case([query], {"dropout": 0.3})
    case([query], {"dropout": 0.3}, none)
    # Three inputs.
    for call in ({}, per_head, none):
        case([query, key, key], {}, call, {"key_padding_mask": padding})
    both = {"attn_mask": pairs, "key_padding_mask": padding}
    for options in ({}, {"add_bias_kv": True, "add_zero_attn": True}):
        case([query, key, key], options, masks=both)
        case([query, key, key], options, none, {"attn_mask": scores})
    other = {"kdim": 3, "vdim": 5, "batch_first": True}
    sequences = [(BATCH, LENGTH, 4), (BATCH, SOURCES, 3), (BATCH, SOURCES, 5)]
    case(sequences, other, per_head)
    case(sequences, other | {"bias": False, "add_bias_kv": True}, none)
    case([(LENGTH, 4), (SOURCES, 3), (SOURCES, 5)], other, masks={"attn_mask": pairs})
    case([(LENGTH, 4), (SOURCES, 4), (SOURCES, 4)], {"add_zero_attn": True}, per_head)
    one = {"attn_mask": scores[:HEADS], "key_padding_mask": torch.linspace(-1, 1, SOURCES)}
    case([(LENGTH, 4), (SOURCES, 4), (SOURCES, 4)], {}, none, one)


def attend(module, *inputs, **masks):
    return module(*(inputs if len(inputs) == 3 else inputs * 3), **masks)


def transformer(golden):
    padding = torch.tensor([[False, False, True], [False, True, True]])
    small = {"dim_feedforward": 5}
    first = {**small, "batch_first": True, "dropout": 0.0}
    for options, shape, masks in (
        (small, (LENGTH, BATCH, 4), {}),
        ({**small, "activation": "gelu", "norm_first": True}, (LENGTH, BATCH, 4), {}),
        ({**first, "layer_norm_eps": 1e-3}, (BATCH, LENGTH, 4), {"src_mask": causal(LENGTH, LENGTH)}),
        ({**first, "norm_first": True}, (BATCH, LENGTH, 4), {"src_key_padding_mask": padding}),
        ({**first, "bias": False}, (LENGTH, 4), {}),
    ):
        layer = {"d_model": 4, "nhead": HEADS, **options}
        add(golden, "TransformerEncoderLayer", layer, shape, masks=masks)
        masks = {name.replace("src_mask", "mask"): mask for name, mask in masks.items()}
        for layers, norm in ((2, False), (1, True)):
            add_encoder(golden, layer, layers, norm, shape, masks=masks)


def add_encoder(golden, layer, num_layers, norm, *inputs, **keywords):
    """A case of an encoder, whose arguments are those of its layers: PyTorch is given a layer and a normalisation."""

    def make():
        made = torch.nn.TransformerEncoderLayer(**layer)
        return torch.nn.TransformerEncoder(made, num_layers, torch.nn.LayerNorm(layer["d_model"]) if norm else None)

    arguments = {"encoder_layer": layer, "num_layers": num_layers, "norm": norm}
    add(golden, "TransformerEncoder", arguments, *inputs, make=make, **keywords)
