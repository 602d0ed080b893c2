"""Asks TensorBoard for a run as its page does, and compares what it answers with what the run wrote down.

    python3 -m venv target/tensorboard
    target/tensorboard/bin/pip install -r tools/tensorboard/requirements.txt
    target/tensorboard/bin/python tools/tensorboard/check.py runs/mlp-1
"""

import json
import math
import struct
import sys
import time
import urllib.parse
import urllib.request
from pathlib import Path

from tensorboard import program

STEPS = {"step/loss": "loss", "step/lr": "lr", "step/images_per_second": "images_per_second"}
EPOCHS = {"epoch/train_loss": "train_loss", "epoch/seconds": "seconds"}
HELD_OUT = ["test_loss", "test_accuracy", "validation_loss", "validation_accuracy"]
# It has two readers: one in its server of data, and one in Python, where that server is not there.
READERS = {"the server of data": "true", "Python": "false"}
PATIENCE = 20


def launch(folder, reader):
    """A TensorBoard on this machine alone; its address."""
    board = program.TensorBoard()
    # More than there are: it draws some of them by default.
    samples = "scalars=1000000,images=1000000,histograms=1000000"
    board.configure(
        argv=["", "--logdir", str(folder), "--host", "127.0.0.1", "--port", "0", "--load_fast", reader]
        + ["--samples_per_plugin", samples]
    )
    return board.launch()


def ask(address, path, **query):
    """The bytes of an answer about the one run."""
    query = urllib.parse.urlencode(query)
    with urllib.request.urlopen(f"{address}data/plugin/{path}?{query}", timeout=PATIENCE) as answer:
        return answer.read()


def series(address, plugin, tag):
    return json.loads(ask(address, f"{plugin}/{plugin}", run=".", tag=tag, sample=0))


def tags(address, plugin):
    return sorted(json.loads(ask(address, f"{plugin}/tags")).get(".", {}))


def single(number):
    """The nearest number of 32 bits, which is what a scalar of TensorBoard holds; NaN for none."""
    return math.nan if number is None else struct.unpack("f", struct.pack("f", number))[0]


def same(left, right):
    return left == right or math.isnan(left) and math.isnan(right)


def written(folder):
    """The steps and values of each scalar, as the run wrote them down."""
    scalars = {}
    for name, wanted in [("steps.jsonl", STEPS), ("metrics.jsonl", EPOCHS)]:
        rows = [json.loads(line) for line in (folder / name).read_text().splitlines()]
        wanted = wanted | {f"epoch/{key}": key for key in HELD_OUT if key in rows[-1]}
        for tag, key in wanted.items():
            scalars[tag] = [(row["step"], single(row[key])) for row in rows]
    return scalars


def compare(folder, address):
    expected = written(folder)
    for tag, values in expected.items():
        found = [(step, float(value)) for _, step, value in series(address, "scalars", tag)]
        assert len(found) == len(values), f"{tag}: {len(found)} values, expected {len(values)}"
        for left, right in zip(found, values):
            assert left[0] == right[0] and same(left[1], right[1]), f"{tag}: {left}, expected {right}"
    histograms, images = tags(address, "histograms"), tags(address, "images")
    assert histograms and images, "no histograms or images"
    counts = [sum(bucket[2] for bucket in series(address, "histograms", tag)[-1][2]) for tag in histograms]
    parameters = json.loads((folder / "about.json").read_text())["parameters"]
    assert round(sum(counts)) == parameters, f"{sum(counts)} values in histograms, expected {parameters}"
    for tag in images:
        for image in series(address, "images", tag):
            query = dict(urllib.parse.parse_qsl(image["query"]))
            assert ask(address, "images/individualImage", **query).startswith(b"\x89PNG"), f"{tag}: no PNG"
    scalars = sum(map(len, expected.values()))
    return f"{scalars} scalars are equal; {len(histograms)} histograms and {len(images)} images are there"


def compare_in_time(folder, address):
    """It reads while it answers, so that not all may be there at once."""
    began = time.monotonic()
    while True:
        try:
            return compare(folder, address)
        except (AssertionError, LookupError, OSError):
            if time.monotonic() - began > PATIENCE:
                raise
            time.sleep(0.5)


def main(folder):
    for name, reader in READERS.items():
        print(f"{name}: {compare_in_time(folder, launch(folder / 'tensorboard', reader))}")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
