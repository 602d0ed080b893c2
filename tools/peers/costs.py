"""How the time of a step grows with the batch, the width, the depth and the threads: ours and tuned PyTorch's in turns.
On a GPU, instead of the threads: ordinary steps and those that are launched as one, a CUDA graph."""

import sys
from pathlib import Path

import rounds
from dialogue import dialogues, in_turns, ratio, time

HERE = Path(__file__).resolve().parent


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
    columns = COLUMNS[arguments.device]
    lines = [
        "| batch | hidden layers | " + " | ".join(f"{title} | PyTorch, µs | ours / PyTorch" for title, _, _ in columns) + " |",
        "| --- | --- |" + " --- | --- | --- |" * len(columns),
    ]
    told = {}
    with dialogues(commands) as opened:
        for batch, sizes in [(64, (784, 256, 128, 10)), *map(layers, shapes())]:
            cells = []
            for _, ours, theirs in columns:
                questions = {
                    "ours": (opened["ours"], f"{ours} {batch} {joined(sizes)}"),
                    "theirs": (opened["theirs"], f"{theirs} {batch} {joined(sizes)}"),
                }
                answers = in_turns(arguments.rounds, questions)
                told = answers[-1]["theirs"]
                cells.append(cell(answers))
            lines.append(f"| {batch} | {hidden(sizes)} | " + " | ".join(cells) + " |")
            print(lines[-1], file=sys.stderr, flush=True)
    where = f"{told['device']}, {told['version']}; {rounds.machine()}" if "device" in told else rounds.machine()
    return "\n".join([f"{where}; {arguments.rounds} rounds of each cell.", "", *lines])


# The columns of a table: a title, and what each of the programs is asked.
COLUMNS = {
    "cpu": [
        ("1 thread: ours, µs", "cpu compiled 1", "cpu eager 1"),
        ("2 threads: ours, µs", "cpu compiled 2", "cpu eager 2"),
    ],
    "cuda": [
        ("eager: ours, µs", "cuda ordinary 0", "cuda eager 0"),
        ("graph: ours, µs", "cuda compiled 0", "cuda graph 0"),
    ],
}


def layers(shape):
    batch, width, depth = shape
    return batch, (784, *[width] * depth, 10)


def joined(sizes):
    return ",".join(map(str, sizes))


def hidden(sizes):
    inner = sizes[1:-1]
    alike = len(inner) > 1 and len(set(inner)) == 1
    return f"{len(inner)} × {inner[0]}" if alike else ", ".join(map(str, inner))


def cell(answers):
    return f"{time(answers, 'ours'):,.0f} | {time(answers, 'theirs'):,.0f} | {ratio(answers, 'ours', 'theirs'):.2f}"
