"""PyTorch as fast as eager code gets: the set as one float tensor in memory, fused Adam, no `.item()` in a step; and the
same with `torch.compile`, and with denormal numbers flushed to zero in every thread.

Its arguments are the folder of the data set, the network, the number of images, and `eager`, `compiled` or `flushed`.
"""

import sys

import torch
from torch import optim
from torch.nn import functional as F
from torchvision import datasets

from contest import BATCH, LEARNING_RATE, report
from networks import NETWORKS, versions

folder, network, count, way = sys.argv[1:]
if way == "flushed":
    # It sets this thread alone; those of the pool start later and take the setting over.
    torch.set_flush_denormal(True)
torch.manual_seed(0)
dataset = datasets.FashionMNIST(folder, download=False, train=True)
images = dataset.data[: int(count)].reshape(-1, 784).float().div_(255).sub_(0.5).div_(0.5)
labels = dataset.targets[: int(count)]
model = NETWORKS[network]()
optimizer = optim.Adam(model.parameters(), lr=LEARNING_RATE, fused=True)


if way == "flushed":
    assert not (torch.full([1 << 20], 1e-39) * 1.0).any(), "a thread of the pool keeps denormal numbers"


def forward(images, labels):
    return F.nll_loss(model(images), labels)


if way == "compiled":
    forward = torch.compile(forward, dynamic=False)


def step(images, labels):
    loss = forward(images, labels)
    loss.backward()
    optimizer.step()
    optimizer.zero_grad(set_to_none=True)
    return loss.detach()


def train(batches):
    total = torch.zeros(())
    for indices in batches:
        total += step(images[indices], labels[indices])
    return total.item() / len(batches)


def batches():
    return torch.randperm(len(images)).split(BATCH)


def warm_up():
    """With the last batch, too: it may be smaller, which is compiled by itself."""
    first = batches()
    train([*first[:20], first[-1]])


batch = images[:BATCH].clone(), labels[:BATCH].clone()
report(lambda: train(batches()), warm_up, lambda: step(*batch), **versions())
