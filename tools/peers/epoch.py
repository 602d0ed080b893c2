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
        network, ours = arguments.network, [arguments.ours / "epoch", data / "FashionMNIST/raw", arguments.network]
        contenders = {
            "Selvedge": [*ours, "compiled"],
            "Selvedge, ordinary steps": [*ours, "ordinary"],
            "tuned PyTorch": [sys.executable, HERE / "tuned.py", data, network],
        }
        if network == "mlp":
            contenders["the chapter's PyTorch"] = [sys.executable, HERE / "chapter.py", data]
            contenders[KERNELS] = [sys.executable, HERE / "floor.py"]
        return table(rounds.interleaved(arguments.rounds, contenders))


KERNELS = "the kernels of a step"


def table(results):
    lines = [
        f"{rounds.machine()}; {len(results)} rounds.",
        "",
        "| contender | epoch, s (median) | × Selvedge's time (median) | in each round | mean loss | threads |",
        "| --- | --- | --- | --- | --- | --- |",
    ]
    for name, first in results[0].items():
        if name == KERNELS:
            continue
        seconds = median(result[name]["epoch_s"] for result in results)
        ratios = [result[name]["epoch_s"] / result["Selvedge"]["epoch_s"] for result in results]
        each = ", ".join(f"{ratio:.2f}" for ratio in ratios)
        lines.append(
            f"| {name} | {seconds:.2f} | {median(ratios):.2f} | {each} | {first['loss']:.4f} | {first['threads']} |"
        )
    if KERNELS in results[0]:
        steps = [result["Selvedge"]["step_us"] for result in results]
        kernels = [result[KERNELS]["step_us"] for result in results]
        ratios = [step / kernel for step, kernel in zip(steps, kernels)]
        each = ", ".join(f"{ratio:.2f}" for ratio in ratios)
        lines += [
            "",
            f"A step of Selvedge takes {median(steps):.0f} µs, the kernels of one alone {median(kernels):.0f} µs: "
            f"{median(ratios):.2f} times as long ({each}).",
        ]
    return "\n".join(lines)
