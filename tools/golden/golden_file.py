"""A golden file: one safetensors file per kind of unit, whose metadata lists the cases."""

import json
from pathlib import Path

import safetensors.torch
import torch

ROOT = Path(__file__).resolve().parents[2]


class GoldenFile:
    """Collects cases and writes them; `crates/golden` reads them back."""

    def __init__(self):
        self.cases = []
        self.tensors = {}

    def add(self, unit, name, options, tensors):
        """Adds a case: PyTorch's name of the unit, a name unique in the file, the arguments given to PyTorch,
        and the tensors by role (`input`, `output`, `gradient.weight`, ...)."""
        assert all(case["name"] != name for case in self.cases), f"{name} is there twice"
        self.cases.append({"name": name, "unit": unit, "options": options})
        for role, tensor in tensors.items():
            assert "/" not in role, role
            if tensor is not None:
                self.tensors[f"{name}/{role}"] = tensor.detach().clone().contiguous()

    def write(self, path):
        """Writes the file to a path below the repository's root."""
        path = ROOT / path
        path.parent.mkdir(parents=True, exist_ok=True)
        metadata = {"torch": torch.__version__.split("+")[0], "cases": json.dumps(self.cases)}
        safetensors.torch.save_file(self.tensors, path, metadata)
        print(f"{path.relative_to(ROOT)}: {len(self.cases)} cases, {path.stat().st_size / 1024:.0f} KiB")
