"""Image transforms, by torchvision."""

import torch
import torchvision
from torchvision import transforms

from golden_file import GoldenFile

PINNED = "0.28.0"


def write():
    found = torchvision.__version__.split("+")[0]
    assert found == PINNED, f"the golden files are torchvision {PINNED}'s numbers; this is {found}"
    file = GoldenFile()
    for name, options in {
        "half": {"mean": [0.5], "std": [0.5]},
        "fashion": {"mean": [0.2860], "std": [0.3530]},
        "imagenet": {"mean": [0.485, 0.456, 0.406], "std": [0.229, 0.224, 0.225]},
    }.items():
        channels = len(options["mean"])
        # Every byte in every channel; channels differ in their order.
        image = torch.stack([torch.arange(256).roll(37 * c) for c in range(channels)]).to(torch.uint8)
        image = image.reshape(channels, 16, 16)
        scaled = to_tensor(image)
        output = transforms.Normalize(**options)(scaled)
        batch = {"input": image[None], "scaled": scaled[None], "output": output[None]}
        file.add("Normalize", f"normalize/{name}", options, batch)
    file.write("crates/data/tests/golden/transforms.safetensors")


def to_tensor(image):
    """ToTensor takes arrays with the channels last."""
    return transforms.ToTensor()(image.permute(1, 2, 0).numpy())
