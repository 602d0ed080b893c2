"""Microseconds of PyTorch's outputs, without gradients. The questions are those of the program of the same name in
`benches/`, with its own ways: `2 1 mlp eager`, `2 1 mlp compiled`."""

import torch

from answers import answer, median_microseconds, set_threads
from networks import NETWORKS

torch.manual_seed(0)
eager = {name: network().eval() for name, network in NETWORKS.items()}
ways = {
    "eager": eager,
    "compiled": {name: torch.compile(network, dynamic=False) for name, network in eager.items()},
}


@torch.inference_mode()
def reply(threads, count, network, way):
    set_threads(threads)
    model, images = ways[way][network], torch.randn(int(count), 784)
    for _ in range(3):
        model(images)
    return {"us": median_microseconds(lambda: model(images))}


answer(reply)
