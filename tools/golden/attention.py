"""Attention: initial parameters, outputs, weights and gradients; see sequences.py."""

import warnings

import torch

from sequences import Recorder

LENGTH, SOURCES, BATCH, HEADS = 3, 4, 2, 2


def causal(length, sources):
    return torch.full((length, sources), float("-inf")).triu(1)


def multihead_attention(record):
    unit = "MultiheadAttention"
    query, key = (LENGTH, BATCH, 4), (SOURCES, BATCH, 4)
    padding = torch.tensor([[False, False, True, False], [False, True, False, True]])
    pairs = torch.zeros(LENGTH, SOURCES, dtype=torch.bool)
    pairs[0, 2:] = pairs[1, 0] = True
    scores = torch.linspace(-1, 1, BATCH * HEADS * LENGTH * SOURCES).reshape(-1, LENGTH, SOURCES)
    per_head, none = {"average_attn_weights": False}, {"need_weights": False}
    # Self-attention, whose three inputs are one.
    record.case(unit, [4, HEADS], {}, [query], train=True)
    record.case(unit, [4, HEADS], {"bias": False}, [query], call=none)
    record.case(unit, [4, 1], {"batch_first": True}, [(BATCH, LENGTH, 4)], masks={"attn_mask": causal(3, 3)})
    record.case(unit, [4, HEADS], {"dropout": 0.3}, [query], train=True)
    record.case(unit, [4, HEADS], {"dropout": 0.3}, [query], train=True, call=none)
    # Three inputs.
    for call in ({}, per_head, none):
        record.case(unit, [4, HEADS], {}, [query, key, key], call=call, masks={"key_padding_mask": padding})
    both = {"attn_mask": pairs, "key_padding_mask": padding}
    for kwargs in ({}, {"add_bias_kv": True, "add_zero_attn": True}):
        record.case(unit, [4, HEADS], kwargs, [query, key, key], masks=both)
        record.case(unit, [4, HEADS], kwargs, [query, key, key], masks={"attn_mask": scores}, call=none)
    other = {"kdim": 3, "vdim": 5, "batch_first": True}
    sequences = [(BATCH, LENGTH, 4), (BATCH, SOURCES, 3), (BATCH, SOURCES, 5)]
    record.case(unit, [4, HEADS], other, sequences, call=per_head)
    record.case(unit, [4, HEADS], other | {"bias": False, "add_bias_kv": True}, sequences, call=none)
    record.case(unit, [4, HEADS], other, [(LENGTH, 4), (SOURCES, 3), (SOURCES, 5)], masks={"attn_mask": pairs})
    record.case(unit, [4, HEADS], {"add_zero_attn": True}, [(LENGTH, 4), (SOURCES, 4), (SOURCES, 4)], call=per_head)
    one = {"attn_mask": scores[:HEADS], "key_padding_mask": torch.linspace(-1, 1, SOURCES)}
    record.case(unit, [4, HEADS], {}, [(LENGTH, 4), (SOURCES, 4), (SOURCES, 4)], masks=one, call=none)


def transformer(record):
    padding = torch.tensor([[False, False, True], [False, True, True]])
    small = {"dim_feedforward": 5}
    first = {**small, "batch_first": True, "dropout": 0.0}
    cases = (
        ({**small}, (LENGTH, BATCH, 4), {}, True),
        ({**small, "activation": "gelu", "norm_first": True}, (LENGTH, BATCH, 4), {}, True),
        ({**first, "layer_norm_eps": 1e-3}, (BATCH, LENGTH, 4), {"src_mask": causal(LENGTH, LENGTH)}, False),
        ({**first, "norm_first": True}, (BATCH, LENGTH, 4), {"src_key_padding_mask": padding}, False),
        ({**first, "bias": False}, (LENGTH, 4), {}, False),
    )
    for kwargs, shape, masks, train in cases:
        record.case("TransformerEncoderLayer", [4, HEADS], kwargs, [shape], masks=masks, train=train)
        encoder_masks = {name.replace("src_mask", "mask"): mask for name, mask in masks.items()}
        for layers, norm in ((2, False), (1, True)):
            record.case(
                "TransformerEncoder",
                [4, HEADS, layers, norm],
                kwargs,
                [shape],
                masks=encoder_masks,
                train=train,
                build=lambda: torch.nn.TransformerEncoder(
                    torch.nn.TransformerEncoderLayer(4, HEADS, **kwargs),
                    layers,
                    torch.nn.LayerNorm(4) if norm else None,
                ),
            )


def write():
    warnings.simplefilter("ignore")
    record = Recorder()
    multihead_attention(record)
    transformer(record)
    record.golden.write("crates/nn/tests/golden/attention.safetensors")
