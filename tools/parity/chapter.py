"""The chapter's program under PyTorch, for the comparison in docs/parity.md.

    python tools/parity/chapter.py --data DIR --seeds 12 > pytorch.jsonl

DIR/FashionMNIST/raw holds the decompressed IDX files. Prints a JSON line per seed and epoch: the mean training
loss that the chapter prints, and the accuracy on the test set. `--save` keeps the last model's state dict.
"""

import argparse
import json
import sys
from pathlib import Path

import torch
from torch import nn, optim
from torch.utils.data import DataLoader
from torchvision import datasets, transforms

# The network is the one whose speed is compared.
sys.path.append(str(Path(__file__).resolve().parents[1] / "peers"))

from contest import BATCH, LEARNING_RATE, FashionNetwork


def loader(data, train):
    transform = transforms.Compose([transforms.ToTensor(), transforms.Normalize((0.5,), (0.5,))])
    return DataLoader(datasets.FashionMNIST(data, train=train, transform=transform), batch_size=BATCH, shuffle=train)


def accuracy(model, test):
    with torch.no_grad():
        right = sum((model(image.flatten(1)).argmax(1) == label).sum().item() for image, label in test)
    return right / len(test.dataset)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", required=True)
    parser.add_argument("--seeds", type=int, default=12)
    parser.add_argument("--first-seed", type=int, default=0)
    parser.add_argument("--epochs", type=int, default=10)
    parser.add_argument("--lr", type=float, default=LEARNING_RATE)
    parser.add_argument("--save")
    options = parser.parse_args()
    train, test = loader(options.data, True), loader(options.data, False)
    for seed in range(options.first_seed, options.first_seed + options.seeds):
        torch.manual_seed(seed)
        model = FashionNetwork()
        criterion = nn.NLLLoss()
        optimizer = optim.Adam(model.parameters(), lr=options.lr)
        for epoch in range(options.epochs):
            running_loss = 0
            for image, label in train:
                optimizer.zero_grad()
                loss = criterion(model(image.view(image.shape[0], -1)), label)
                loss.backward()
                optimizer.step()
                running_loss += loss.item()
            row = {"seed": seed, "epoch": epoch + 1, "loss": running_loss / len(train), "accuracy": accuracy(model, test)}
            print(json.dumps(row), flush=True)
    if options.save:
        torch.save(model.state_dict(), options.save)


if __name__ == "__main__":
    main()
