"""Outputs of the networks for one image and for 1024: our plan and our forward, PyTorch eager and compiled, in turns."""

import sys
from pathlib import Path

import rounds
from dialogue import dialogues, in_turns, ratio, time

HERE = Path(__file__).resolve().parent
OURS = {"Selvedge, planned": "planned", "Selvedge, forward": "forward"}
THEIRS = {"PyTorch, eager": "eager", "PyTorch, torch.compile": "compiled"}
NETWORKS = {"mlp": "the chapter's", "cnn": "convolutional"}


def compare(arguments):
    """The table, after all rounds."""
    commands = {"ours": [arguments.ours / "output_times"], "theirs": [sys.executable, HERE / "output_times.py"]}
    lines = [
        "| network | images | way | µs | images per second | PyTorch eager's time / this |",
        "| --- | --- | --- | --- | --- | --- |",
    ]
    with dialogues(commands) as opened:
        for network, title in NETWORKS.items():
            for count in (1, 1024):
                lines += rows(opened, network, title, count, arguments.rounds)
    return "\n".join([f"{rounds.machine()}; {arguments.rounds} rounds.", "", *lines])


def rows(opened, network, title, count, number):
    ways = {name: (opened["ours"], f"0 {count} {network} {way}") for name, way in OURS.items()}
    ways |= {name: (opened["theirs"], f"0 {count} {network} {way}") for name, way in THEIRS.items()}
    answers = in_turns(number, ways)
    for name in ways:
        taken = time(answers, name)
        faster = ratio(answers, "PyTorch, eager", name)
        yield f"| {title} | {count:,} | {name} | {taken:,.0f} | {count / taken * 1e6:,.0f} | {faster:.2f} |"
