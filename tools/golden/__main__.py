"""Writes the golden files: the numbers of PyTorch that the tests compare with.

    python3 -m venv target/golden
    target/golden/bin/pip install -r tools/golden/requirements.txt
    target/golden/bin/python tools/golden [KIND ...]

Each module beside this one that has a function `write()` is a kind.
"""

import importlib
import sys
from pathlib import Path

import torch

PINNED = "2.13.0"
NOT_KINDS = {"__main__", "golden_file", "loss_edges", "module_case", "spread"}


def main():
    found = torch.__version__.split("+")[0]
    if found != PINNED:
        sys.exit(f"the golden files are PyTorch {PINNED}'s numbers; this is PyTorch {found}")
    here = Path(__file__).parent
    kinds = sorted(path.stem for path in here.glob("*.py") if path.stem not in NOT_KINDS)
    wanted = sys.argv[1:] or kinds
    unknown = sorted(set(wanted) - set(kinds))
    if unknown:
        sys.exit(f"no such kind: {', '.join(unknown)}; there are {', '.join(kinds)}")
    torch.set_num_threads(1)
    for kind in wanted:
        importlib.import_module(kind).write()


if __name__ == "__main__":
    main()
