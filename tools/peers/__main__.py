"""Compares this workspace with PyTorch on the same machine, in interleaved rounds.

    cargo xtask bench --python PYTHON [epoch | loader | optimizers] [--network mlp | cnn] [--rounds N]

runs this with a Python that has torch and torchvision.

- `epoch` (the default): one training epoch of the chapter's network, loading included, and a step beside its kernels.
- `loader`: images per second of shuffled batches, plain and augmented, against torchvision in a `DataLoader`.
- `optimizers`: a step of each optimizer over the chapter's parameters.
"""

import argparse
from pathlib import Path

import epoch
import loader
import optimizers

COMPARISONS = {"epoch": epoch.compare, "loader": loader.compare, "optimizers": optimizers.compare}


def main():
    parser = argparse.ArgumentParser(
        prog="cargo xtask bench --python PYTHON",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("what", nargs="?", choices=COMPARISONS, default="epoch")
    parser.add_argument("--ours", type=Path, required=True, help="the folder of the built programs (given by xtask)")
    parser.add_argument("--rounds", type=int, default=5, help="how often every contender runs (default: 5)")
    parser.add_argument("--network", choices=["mlp", "cnn"], default="mlp", help="for `epoch`: the chapter's, or a convolutional one")
    parser.add_argument("--data", type=Path, help="the folder of the four Fashion-MNIST files (default: the cache)")
    arguments = parser.parse_args()
    if arguments.rounds < 1:
        parser.error("--rounds: at least 1")
    print(COMPARISONS[arguments.what](arguments))


if __name__ == "__main__":
    main()
