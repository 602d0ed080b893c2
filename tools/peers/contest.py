"""What the PyTorch contenders share: the chapter's network, and how an epoch is timed."""

import json
import time

import torch
from torch import nn

BATCH = 64
LEARNING_RATE = 3e-3


class FashionNetwork(nn.Module):
    """The chapter's network: 784, 256, 128, 10 with ReLU and a log softmax."""

    def __init__(self):
        super().__init__()
        self.hidden1 = nn.Linear(784, 256)
        self.hidden2 = nn.Linear(256, 128)
        self.output = nn.Linear(128, 10)
        self.log_softmax = nn.LogSoftmax(dim=1)
        self.activation = nn.ReLU()

    def forward(self, x):
        x = self.activation(self.hidden1(x))
        x = self.activation(self.hidden2(x))
        return self.log_softmax(self.output(x))


def report(epoch, warm_up):
    """Times one epoch after a few steps that are not timed; `epoch` returns the mean loss."""
    warm_up()
    start = time.perf_counter()
    loss = epoch()
    seconds = time.perf_counter() - start
    print(json.dumps({"epoch_s": seconds, "loss": loss, "threads": torch.get_num_threads()}))
