"""A step of each optimizer over the chapter's parameters, against PyTorch's fused and foreach forms, or its only one."""

import sys
from pathlib import Path
from statistics import median

import rounds

HERE = Path(__file__).resolve().parent


def compare(arguments):
    """The table, after all rounds."""
    contenders = {
        "ours": [arguments.ours / "optimizer_steps"],
        "theirs": [sys.executable, HERE / "optimizer_steps.py"],
    }
    return table(rounds.interleaved(arguments.rounds, contenders))


def table(results):
    lines = [
        f"{rounds.machine()}; {len(results)} rounds.",
        "",
        "| optimizer | Selvedge, µs | PyTorch fused, µs | PyTorch foreach, or its only form, µs | fused × ours | foreach × ours |",
        "| --- | --- | --- | --- | --- | --- |",
    ]
    for name in results[0]["theirs"]:
        ours = [result["ours"][name] for result in results]
        fused = [result["theirs"][name].get("fused") for result in results]
        foreach = [result["theirs"][name].get("foreach", result["theirs"][name].get("only")) for result in results]
        lines.append(
            f"| {name} | {median(ours):.0f} | {shown(fused, '.0f')} | {shown(foreach, '.0f')} "
            f"| {ratio(fused, ours)} | {ratio(foreach, ours)} |"
        )
    return "\n".join(lines)


def ratio(theirs, ours):
    if None in theirs:
        return "–"
    return shown([their / our for their, our in zip(theirs, ours)], ".2f")


def shown(values, form):
    return "–" if None in values else format(median(values), form)
