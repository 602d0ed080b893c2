"""Moves a model between a run folder and PyTorch, and measures it there.

    python tools/parity/models.py measure runs/mlp-1 --data DIR     our model, under PyTorch
    python tools/parity/models.py export model.pt runs/from-pytorch  PyTorch's state dict, as a run folder

`cargo xtask evaluate` then measures the exported folder.
"""

import argparse
import json
from pathlib import Path

import safetensors.torch
import torch

from chapter import FashionNetwork, accuracy, loader


def measure(options):
    model = FashionNetwork()
    model.load_state_dict(safetensors.torch.load_file(options.run / "model.safetensors"), strict=True)
    print(f"test accuracy: {100 * accuracy(model.eval(), loader(options.data, False)):.2f} %")


def export(options):
    options.run.mkdir(parents=True)
    state = torch.load(options.model, weights_only=True)
    safetensors.torch.save_file(state, options.run / "model.safetensors")
    (options.run / "config.json").write_text(json.dumps({"model": "mlp"}) + "\n")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(required=True)
    command = commands.add_parser("measure")
    command.add_argument("run", type=Path)
    command.add_argument("--data", required=True)
    command.set_defaults(do=measure)
    command = commands.add_parser("export")
    command.add_argument("model")
    command.add_argument("run", type=Path)
    command.set_defaults(do=export)
    options = parser.parse_args()
    options.do(options)


if __name__ == "__main__":
    main()
