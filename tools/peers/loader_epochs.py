"""Images per second of torchvision in a DataLoader, as a line of JSON: PyTorch's part of `loader.py`."""

import json
import time
from statistics import median

import torch
from PIL import Image
from torch.utils.data import DataLoader, Dataset
from torchvision import transforms

IMAGES = 6000
EPOCHS = 3


class Garments(Dataset):
    """Images that are made up, handed out as `torchvision.datasets.FashionMNIST` does."""

    def __init__(self, transform):
        places = torch.arange(IMAGES * 784)
        self.data = (places * 31 % 251).to(torch.uint8).view(IMAGES, 28, 28)
        self.targets = torch.arange(IMAGES) % 10
        self.transform = transform

    def __len__(self):
        return IMAGES

    def __getitem__(self, index):
        image = Image.fromarray(self.data[index].numpy(), mode="L")
        return self.transform(image), int(self.targets[index])


def images_per_second(steps):
    loader = DataLoader(Garments(transforms.Compose(steps)), batch_size=64, shuffle=True)
    rates = []
    for _ in range(EPOCHS + 1):
        start = time.perf_counter()
        for _batch in loader:
            pass
        rates.append(IMAGES / (time.perf_counter() - start))
    return median(rates[1:])


def main():
    plain = [transforms.ToTensor(), transforms.Normalize((0.5,), (0.5,))]
    random = [transforms.RandomCrop(28, padding=4), transforms.RandomHorizontalFlip(), transforms.RandomErasing()]
    print(json.dumps({"plain": images_per_second(plain), "augmented": images_per_second(plain + random)}))


if __name__ == "__main__":
    main()
