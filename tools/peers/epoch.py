"""A job of some epochs, loading included."""

import sys
import tempfile
from pathlib import Path
from statistics import mean, median

import garments
import kernels
import rounds

HERE = Path(__file__).resolve().parent
KERNELS = "the kernels of a step"


def compare(arguments):
    """The table, after all rounds."""
    with tempfile.TemporaryDirectory() as folder:
        data = garments.unpack(arguments.data, Path(folder))
        network, images = arguments.network, arguments.images
        ours = [arguments.ours / "epoch", data / "FashionMNIST/raw", network, images]
        contenders = {
            "Selvedge": [*ours, "compiled"],
            "Selvedge, ordinary steps": [*ours, "ordinary"],
            "tuned PyTorch": [sys.executable, HERE / "tuned.py", data, network, images, "eager"],
        }
        if network == "mlp":
            contenders["the chapter's PyTorch"] = [sys.executable, HERE / "chapter.py", data, images]
            contenders[KERNELS] = kernels.beside_our_step(sys.executable, arguments.ours)
        return table(images, rounds.interleaved(arguments.rounds, contenders, arguments.epochs))


def table(images, results):
    lines = [
        f"{rounds.machine()}; {images:,} images, {len(results)} rounds of {len(epochs(results))} epochs each.",
        "",
        "| contender | s per epoch (median) | × Selvedge's time (median) | in each round | mean loss | threads |",
        "| --- | --- | --- | --- | --- | --- |",
    ]
    for name, first in results[0].items():
        if name == KERNELS:
            continue
        seconds = median(mean(result[name]["epochs_s"]) for result in results)
        ratios = [sum(result[name]["epochs_s"]) / sum(result["Selvedge"]["epochs_s"]) for result in results]
        each = ", ".join(f"{ratio:.2f}" for ratio in ratios)
        lines.append(
            f"| {name} | {seconds:.2f} | {median(ratios):.2f} | {each} | {first['loss']:.4f} | {first['threads']} |"
        )
    if KERNELS in results[0]:
        lines += ["", kernels.sentence([result[KERNELS] for result in results])]
    return "\n".join(lines)


def epochs(results):
    return results[0]["Selvedge"]["epochs_s"]
