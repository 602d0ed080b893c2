"""Microseconds of a step of tuned PyTorch: fused Adam, the batch in the device's memory. The questions are those of the
program of the same name in `benches/`, with its own ways: `cpu eager 2 64 784,256,128,10`, `cuda graph 0 64 784,10`."""

import gc

import torch
from torch import optim
from torch.nn import functional as F

from answers import answer, median_microseconds, set_threads
from contest import LEARNING_RATE
from networks import connected, versions

last = {}

# A GPU is waited for after so many steps.
STEPS = 20


def reply(device, way, threads, count, sizes):
    set_threads(threads)
    if last.get("asked") != (device, way, count, sizes):
        # What the last one holds is given back first.
        last.clear()
        gc.collect()
        step = WAYS[way](device, int(count), [int(size) for size in sizes.split(",")])
        last.update(asked=(device, way, count, sizes), step=step)
        last["step"]()
    if device == "cpu":
        return {"us": median_microseconds(last["step"])}
    taken = median_microseconds(lambda: steps(last["step"]))
    return {"us": taken / STEPS, "device": torch.cuda.get_device_name(device), **versions()}


def steps(step):
    for _ in range(STEPS):
        step()
    torch.cuda.synchronize()


def eager(device, count, sizes):
    step, images, labels = training(device, count, sizes)
    return lambda: step(images, labels)


def graph(device, count, sizes):
    """The whole step as one CUDA graph, recorded as PyTorch's documentation says, with a batch copied in each time."""
    step, images, labels = training(device, count, sizes, capturable=True)
    kept_images, kept_labels = images.clone(), labels.clone()
    side = torch.cuda.Stream()
    side.wait_stream(torch.cuda.current_stream())
    with torch.cuda.stream(side):
        for _ in range(3):
            step(kept_images, kept_labels)
    torch.cuda.current_stream().wait_stream(side)
    recorded = torch.cuda.CUDAGraph()
    with torch.cuda.graph(recorded):
        loss = step(kept_images, kept_labels)

    def replay():
        kept_images.copy_(images)
        kept_labels.copy_(labels)
        recorded.replay()
        return loss

    return replay


WAYS = {"eager": eager, "graph": graph}


def training(device, count, sizes, **options):
    model = connected(sizes).to(device)
    optimizer = optim.Adam(model.parameters(), lr=LEARNING_RATE, fused=True, **options)
    images = torch.randn(count, sizes[0], device=device)
    labels = torch.randint(0, sizes[-1], (count,), device=device)

    def step(images, labels):
        loss = F.nll_loss(model(images), labels)
        loss.backward()
        optimizer.step()
        optimizer.zero_grad(set_to_none=True)
        return loss.detach()

    return step, images, labels


torch.manual_seed(0)
answer(reply)
