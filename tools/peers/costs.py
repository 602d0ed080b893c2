"""How the time of a step grows with the batch, the width, the depth and the threads: ours and tuned PyTorch's in turns."""

import sys
from pathlib import Path

import rounds
from dialogue import dialogues, in_turns, ratio, time

HERE = Path(__file__).resolve().parent
THREADS = (1, 2)


def shapes():
    """Batch, width and depth: one of them varies around the chapter's sizes; then some corners."""
    batch, width, depth = 64, 256, 2
    around = [
        *((other, width, depth) for other in (16, 64, 256, 1024, 4096)),
        *((batch, other, depth) for other in (64, 1024, 4096)),
        *((batch, width, other) for other in (1, 4, 8)),
    ]
    corners = [(16, 64, 1), (16, 64, 8), (4096, 64, 8), (16, 4096, 1), (1024, 1024, 2)]
    return [*around, *corners]


def compare(arguments):
    """The table, after all rounds of each cell."""
    commands = {"ours": [arguments.ours / "step_times"], "theirs": [sys.executable, HERE / "step_times.py"]}
    lines = [
        "| batch | hidden layers | " + " | ".join(header(threads) for threads in THREADS) + " |",
        "| --- | --- |" + " --- | --- | --- |" * len(THREADS),
    ]
    with dialogues(commands) as opened:
        for batch, sizes in [(64, (784, 256, 128, 10)), *map(layers, shapes())]:
            cells = [cell(opened, f"{threads} {batch} {joined(sizes)}", arguments.rounds) for threads in THREADS]
            lines.append(f"| {batch} | {hidden(sizes)} | " + " | ".join(cells) + " |")
            print(lines[-1], file=sys.stderr, flush=True)
    return "\n".join([f"{rounds.machine()}; {arguments.rounds} rounds of each cell.", "", *lines])


def header(threads):
    plural = "" if threads == 1 else "s"
    return f"{threads} thread{plural}: ours, µs | PyTorch, µs | ours / PyTorch"


def layers(shape):
    batch, width, depth = shape
    return batch, (784, *[width] * depth, 10)


def joined(sizes):
    return ",".join(map(str, sizes))


def hidden(sizes):
    inner = sizes[1:-1]
    alike = len(inner) > 1 and len(set(inner)) == 1
    return f"{len(inner)} × {inner[0]}" if alike else ", ".join(map(str, inner))


def cell(opened, question, count):
    answers = in_turns(count, {name: (dialogue, question) for name, dialogue in opened.items()})
    return f"{time(answers, 'ours'):,.0f} | {time(answers, 'theirs'):,.0f} | {ratio(answers, 'ours', 'theirs'):.2f}"
