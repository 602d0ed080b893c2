"""One training epoch of the chapter's network, loading included."""

import sys
import tempfile
from pathlib import Path
from statistics import median

import garments
import rounds

HERE = Path(__file__).resolve().parent


def compare(arguments):
    """The table, after all rounds."""
    with tempfile.TemporaryDirectory() as folder:
        data = garments.unpack(arguments.data, Path(folder))
        contenders = {
            "Selvedge": [arguments.ours / "epoch", data / "FashionMNIST/raw"],
            "the chapter's PyTorch": [sys.executable, HERE / "chapter.py", data],
            "tuned PyTorch": [sys.executable, HERE / "tuned.py", data],
        }
        return table(rounds.interleaved(arguments.rounds, contenders))


def table(results):
    lines = [
        f"{rounds.machine()}; {len(results)} rounds.",
        "",
        "| contender | epoch, s (median) | × Selvedge's time (median) | in each round | mean loss | threads |",
        "| --- | --- | --- | --- | --- | --- |",
    ]
    for name, first in results[0].items():
        seconds = median(result[name]["epoch_s"] for result in results)
        ratios = [result[name]["epoch_s"] / result["Selvedge"]["epoch_s"] for result in results]
        each = ", ".join(f"{ratio:.2f}" for ratio in ratios)
        lines.append(
            f"| {name} | {seconds:.2f} | {median(ratios):.2f} | {each} | {first['loss']:.4f} | {first['threads']} |"
        )
    return "\n".join(lines)
