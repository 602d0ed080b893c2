"""The loss of each of the first 100 steps of the chapter's training, on the real images.

`FASHION_MNIST` names the folder that holds `FashionMNIST/raw` with the decompressed IDX files.
"""

import os

import torch
from torch import nn
from torchvision import datasets, transforms

from golden_file import GoldenFile

STEPS = 100
BATCH = 64

# At 3e-3 rounding grows, so that processors differ by a thousandth after 100 steps; at 3e-4 by two of 100,000 at times.
LEARNING_RATE = 1e-4


class FashionNetwork(nn.Module):
    def __init__(self, dropout):
        super().__init__()
        self.hidden1 = nn.Linear(784, 256)
        self.hidden2 = nn.Linear(256, 128)
        self.output = nn.Linear(128, 10)
        self.drop = nn.Dropout(dropout)

    def forward(self, input):
        hidden = self.drop(torch.relu(self.hidden1(input)))
        hidden = self.drop(torch.relu(self.hidden2(hidden)))
        return torch.log_softmax(self.output(hidden), 1)


def write():
    transform = transforms.Compose([transforms.ToTensor(), transforms.Normalize((0.5,), (0.5,))])
    images = datasets.FashionMNIST(os.environ["FASHION_MNIST"], train=True, transform=transform)
    order = torch.randperm(len(images), generator=torch.Generator().manual_seed(7))[: STEPS * BATCH]
    batches = [
        (torch.stack([images[i][0] for i in rows]).flatten(1), torch.tensor([images[i][1] for i in rows]))
        for rows in order.split(BATCH)
    ]
    golden = GoldenFile()
    for name, dropout in [("log_softmax", 0.0), ("dropout", 0.25)]:
        torch.manual_seed(0)
        model = FashionNetwork(dropout)
        # A few values of each initial parameter: the rest follows from the seed.
        tensors = {f"initial.{path}": value.flatten()[:16].clone() for path, value in model.state_dict().items()}
        optimizer = torch.optim.Adam(model.parameters(), lr=LEARNING_RATE)
        losses = []
        for image, label in batches:
            optimizer.zero_grad()
            loss = nn.functional.nll_loss(model(image), label)
            loss.backward()
            optimizer.step()
            losses.append(loss.item())
        tensors["order"] = order.to(torch.int32)
        tensors["loss"] = torch.tensor(losses, dtype=torch.float64)
        golden.add("FashionNetwork", name, {"seed": 0, "lr": LEARNING_RATE, "batch_size": BATCH}, tensors)
    golden.write("crates/recipes/tests/golden/steps.safetensors")
