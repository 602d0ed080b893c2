"""Compares this workspace with others on the same machine, in interleaved rounds.

    cargo xtask bench --python PYTHON [epoch | loader | optimizers | costs | inference] [--rounds N]
    cargo xtask bench --peers [--python PYTHON]... [--rounds N]

runs this. The first form wants a Python with torch and torchvision.

- `epoch` (the default): a job of some epochs, loading included, and a step beside its kernels.
- `loader`: images per second of shuffled batches, plain and augmented, against torchvision in a `DataLoader`.
- `optimizers`: a step of each optimizer over the chapter's parameters.
- `costs`: a step over batches, widths, depths and threads; with `--device cuda`, eager and as a CUDA graph.
- `inference`: outputs for one image and for 1024.
- `peers`: the job, its first epoch and a step in PyTorch, JAX, tch, burn and candle.

The tables of the last three go into docs/performance.md, too.
"""

import argparse
import sys
from pathlib import Path

import costs
import epoch
import inference
import loader
import optimizers
import page
import peers

COMPARISONS = {
    "epoch": epoch.compare,
    "loader": loader.compare,
    "optimizers": optimizers.compare,
    "costs": costs.compare,
    "inference": inference.compare,
    "peers": peers.compare,
}
WRITTEN = ("costs", "inference", "peers")


def main():
    parser = argparse.ArgumentParser(
        prog="cargo xtask bench --python PYTHON",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("what", nargs="?", choices=COMPARISONS, default="epoch")
    parser.add_argument("--ours", type=Path, required=True, help="the folder of the built programs (given by xtask)")
    parser.add_argument("--rounds", type=positive, default=5, help="how often every contender runs (default: 5)")
    parser.add_argument("--epochs", type=positive, default=10, help="for `epoch` and `peers`: epochs of the job (default: 10)")
    parser.add_argument("--network", choices=["mlp", "cnn"], default="mlp", help="for `epoch`: the chapter's, or a convolutional one")
    parser.add_argument("--device", choices=costs.COLUMNS, default="cpu", help="for `costs` (default: cpu)")
    parser.add_argument("--images", type=positive, default=60_000, help="for `epoch`: train on the first of them (default: all)")
    parser.add_argument("--data", type=Path, help="the folder of the four Fashion-MNIST files (default: the cache)")
    parser.add_argument("--python", type=Path, action="append", default=[], help="for `peers`: one more Python")
    parser.add_argument("--built", type=pair, action="append", default=[], help="for `peers`: NAME=PROGRAM (given by xtask)")
    parser.add_argument("--left-out", type=pair, action="append", default=[], help="for `peers`: NAME=REASON (given by xtask)")
    parser.add_argument("--page", type=Path, default=page.PAGE, help="where the table goes (default: docs/performance.md)")
    parser.add_argument("--print-only", action="store_true", help="leave the page as it is")
    arguments = parser.parse_args()
    if arguments.images > 60_000:
        parser.error("--images: there are 60000")
    if arguments.device != "cpu" and arguments.what != "costs":
        parser.error("--device: only `costs` runs on another one")
    arguments.python = arguments.python or [Path(sys.executable)]
    table = COMPARISONS[arguments.what](arguments)
    print(table)
    if arguments.what in WRITTEN and not arguments.print_only:
        page.write(name_of(arguments), table, arguments.page)


def name_of(arguments):
    """That of the table in the page."""
    return arguments.what if arguments.device == "cpu" else f"{arguments.what} on {arguments.device}"


def positive(word):
    if int(word) < 1:
        raise argparse.ArgumentTypeError("at least 1")
    return int(word)


def pair(word):
    name, _, value = word.partition("=")
    return name, value


if __name__ == "__main__":
    main()
