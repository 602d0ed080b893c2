"""Reads the event files of a run with TensorBoard itself, and compares them with what the run wrote down.

    python3 -m venv target/tensorboard
    target/tensorboard/bin/pip install -r tools/tensorboard/requirements.txt
    target/tensorboard/bin/python tools/tensorboard/check.py runs/mlp-1
"""

import json
import math
import struct
import sys
from pathlib import Path

from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

STEPS = {"step/loss": "loss", "step/lr": "lr", "step/images_per_second": "images_per_second"}
EPOCHS = {"epoch/train_loss": "train_loss", "epoch/seconds": "seconds"}
HELD_OUT = ["test_loss", "test_accuracy", "validation_loss", "validation_accuracy"]


def single(number):
    """The nearest number of 32 bits, which is what a scalar of TensorBoard holds; NaN for none."""
    return math.nan if number is None else struct.unpack("f", struct.pack("f", number))[0]


def same(left, right):
    return left == right or math.isnan(left) and math.isnan(right)


def main(folder):
    events = EventAccumulator(str(folder / "tensorboard"), size_guidance={"scalars": 0, "histograms": 0, "images": 0})
    events.Reload()
    tags = events.Tags()
    compared = 0
    for name, wanted in [("steps.jsonl", STEPS), ("metrics.jsonl", EPOCHS)]:
        rows = [json.loads(line) for line in (folder / name).read_text().splitlines()]
        wanted = wanted | {f"epoch/{key}": key for key in HELD_OUT if key in rows[-1]}
        for tag, key in wanted.items():
            found = [(event.step, event.value) for event in events.Scalars(tag)]
            expected = [(row["step"], single(row[key])) for row in rows]
            assert len(found) == len(expected), f"{tag}: {len(found)} values, expected {len(expected)}"
            for left, right in zip(found, expected):
                assert left[0] == right[0] and same(left[1], right[1]), f"{tag}: {left}, expected {right}"
            compared += len(found)
    for tag in tags["histograms"]:
        for event in events.Histograms(tag):
            value = event.histogram_value
            assert value.num == sum(value.bucket), f"{tag}: {value.num} values, {sum(value.bucket)} in buckets"
    for tag in tags["images"]:
        for event in events.Images(tag):
            assert event.encoded_image_string.startswith(b"\x89PNG"), f"{tag}: no PNG"
    histograms, images = len(tags["histograms"]), len(tags["images"])
    assert histograms and images, "no histograms or images"
    print(f"{compared} scalars are equal; {histograms} histograms and {images} images can be read")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
