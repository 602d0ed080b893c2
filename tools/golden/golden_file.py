"""A golden file: one safetensors file per kind of unit, whose metadata lists the cases."""

import json
import os
from pathlib import Path

import safetensors.torch
import torch

# Another one for `spread.py`, which leaves the committed files as they are.
ROOT = Path(os.environ.get("SELVEDGE_GOLDEN_ROOT") or Path(__file__).resolve().parents[2])


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
        path.write_bytes(ordered(safetensors.torch.save(self.tensors, metadata)))
        print(f"{path.relative_to(ROOT)}: {len(self.cases)} cases, {path.stat().st_size / 1024:.0f} KiB")


def ordered(file):
    """The file with its metadata in order: the library writes them in another one each time."""
    length = int.from_bytes(file[:8], "little")
    header = json.loads(file[8 : 8 + length])
    header["__metadata__"] = dict(sorted(header["__metadata__"].items()))
    # The library pads the header, so that the tensors behind it begin at a multiple of eight bytes.
    text = json.dumps(header, separators=(",", ":"), ensure_ascii=False).encode()
    text += b" " * (-len(text) % 8)
    return len(text).to_bytes(8, "little") + text + file[8 + length :]
