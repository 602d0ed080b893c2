"""The chapter's training loop: DataLoader over torchvision's FashionMNIST, Adam, `loss.item()` in each step.

Its arguments are the folder of the data set and the number of images.
"""

import itertools
import sys

import torch
from torch import nn, optim
from torch.utils.data import DataLoader, Subset
from torchvision import datasets, transforms

from contest import BATCH, LEARNING_RATE, report
from networks import FashionNetwork, versions

torch.manual_seed(0)
transform = transforms.Compose([transforms.ToTensor(), transforms.Normalize((0.5,), (0.5,))])
dataset = datasets.FashionMNIST(sys.argv[1], download=False, train=True, transform=transform)
count = int(sys.argv[2])
if count < len(dataset):
    dataset = Subset(dataset, range(count))
loader = DataLoader(dataset, batch_size=BATCH, shuffle=True)
model = FashionNetwork()
criterion = nn.NLLLoss()
optimizer = optim.Adam(model.parameters(), lr=LEARNING_RATE)


def train(batches):
    running_loss = 0
    for images, labels in batches:
        optimizer.zero_grad()
        loss = criterion(model(images.view(images.shape[0], -1)), labels)
        loss.backward()
        optimizer.step()
        running_loss += loss.item()
    return running_loss / len(loader)


batch = next(iter(loader))
report(
    lambda: train(loader),
    lambda: train(itertools.islice(loader, 20)),
    lambda: train([batch]),
    **versions(),
)
