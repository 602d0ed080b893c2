"""One state dict in both formats, as PyTorch's own tools write them."""

import safetensors.torch
import torch
from torch import nn

from golden_file import ROOT

FOLDER = ROOT / "crates/nn/tests/golden"

# Kinds that tch has, and those that it does not have.
KINDS = {
    "kinds": [
        torch.float8_e4m3fn, torch.float8_e5m2, torch.float8_e4m3fnuz, torch.float8_e5m2fnuz, torch.bfloat16,
        torch.float16, torch.float32, torch.float64, torch.complex64, torch.uint8, torch.int8, torch.int16,
        torch.int32, torch.int64, torch.bool,
    ],
    "uint16": [torch.uint16],
    "uint32": [torch.uint32],
    "uint64": [torch.uint64],
    "float8_e8m0": [torch.float8_e8m0fnu],
}  # fmt: skip


def write():
    torch.manual_seed(0)
    model = nn.Sequential(nn.Linear(4, 3), nn.BatchNorm1d(3), nn.Linear(3, 2))
    model(torch.randn(5, 4))
    state = model.state_dict()
    torch.save(state, FOLDER / "state_dict.pt")
    torch.save({"epoch": 3, "model": state}, FOLDER / "checkpoint.pt")
    safetensors.torch.save_file(state, FOLDER / "state_dict.safetensors")
    torch.save(state, FOLDER / "legacy.pt", _use_new_zipfile_serialization=False)
    for name, kinds in KINDS.items():
        tensors = {str(kind): torch.tensor([1.0, 2.0, 0.5]).to(kind) for kind in kinds}
        safetensors.torch.save_file(tensors, FOLDER / f"{name}.safetensors")
