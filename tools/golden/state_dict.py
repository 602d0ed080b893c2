"""One state dict in both formats, as PyTorch's own tools write them."""

import safetensors.torch
import torch
from torch import nn

from golden_file import ROOT

FOLDER = ROOT / "crates/nn/tests/golden"


def write():
    torch.manual_seed(0)
    model = nn.Sequential(nn.Linear(4, 3), nn.BatchNorm1d(3), nn.Linear(3, 2))
    model(torch.randn(5, 4))
    state = model.state_dict()
    torch.save(state, FOLDER / "state_dict.pt")
    torch.save({"epoch": 3, "model": state}, FOLDER / "checkpoint.pt")
    safetensors.torch.save_file(state, FOLDER / "state_dict.safetensors")
