"""The networks in PyTorch."""

import torch
from torch import nn
from torch.nn import functional as F


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


class ConvolutionalNetwork(nn.Module):
    """The small convolutional network of this workspace."""

    def __init__(self):
        super().__init__()
        self.convolution1 = nn.Conv2d(1, 32, 3, padding=1)
        self.convolution2 = nn.Conv2d(32, 64, 3, padding=1)
        self.hidden = nn.Linear(7 * 7 * 64, 128)
        self.drop = nn.Dropout(0.25)
        self.output = nn.Linear(128, 10)

    def forward(self, x):
        x = x.view(-1, 1, 28, 28)
        x = F.max_pool2d(F.relu(self.convolution1(x)), 2)
        x = F.max_pool2d(F.relu(self.convolution2(x)), 2)
        x = self.drop(F.relu(self.hidden(x.flatten(1))))
        return F.log_softmax(self.output(x), dim=1)


NETWORKS = {"mlp": FashionNetwork, "cnn": ConvolutionalNetwork}


def connected(sizes):
    """Fully connected layers of these sizes, ReLU between them, log softmax at the end."""
    layers = []
    for inputs, outputs in zip(sizes, sizes[1:]):
        layers += [nn.Linear(inputs, outputs), nn.ReLU()]
    return nn.Sequential(*layers[:-1], nn.LogSoftmax(dim=1))


def versions():
    return {"version": f"torch {torch.__version__}", "threads": torch.get_num_threads()}
