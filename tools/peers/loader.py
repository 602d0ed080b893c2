"""Images per second of shuffled batches of 64, against torchvision in a DataLoader."""

import sys
from pathlib import Path
from statistics import median

import rounds

HERE = Path(__file__).resolve().parent
PATHS = {"plain": "ToTensor, Normalize", "augmented": "and RandomCrop, RandomHorizontalFlip, RandomErasing"}


def compare(arguments):
    """The table, after all rounds."""
    contenders = {
        "ours": [arguments.ours / "loader_epochs"],
        "theirs": [sys.executable, HERE / "loader_epochs.py"],
    }
    return table(rounds.interleaved(arguments.rounds, contenders))


def table(results):
    lines = [
        f"{rounds.machine()}; {len(results)} rounds.",
        "",
        "| images per second | Selvedge | torchvision | ours × theirs | in each round |",
        "| --- | --- | --- | --- | --- |",
    ]
    for path, what in PATHS.items():
        ours = [result["ours"][path] for result in results]
        theirs = [result["theirs"][path] for result in results]
        ratios = [our / their for our, their in zip(ours, theirs)]
        each = ", ".join(f"{ratio:.0f}" for ratio in ratios)
        lines.append(f"| {what} | {median(ours):,.0f} | {median(theirs):,.0f} | {median(ratios):.0f} | {each} |")
    return "\n".join(lines)
