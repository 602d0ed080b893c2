"""The other end of a dialogue: answers each line of the standard input with a line of JSON."""

import json
import sys
import time
from statistics import median

import torch

PATIENCE = 0.06
CHOICE = torch.get_num_threads()


def answer(reply):
    """`reply` gets the words of a line."""
    for line in sys.stdin:
        print(json.dumps(reply(*line.split())), flush=True)


def set_threads(word):
    """0 is libtorch's own choice."""
    torch.set_num_threads(int(word) or CHOICE)


def median_microseconds(run, patience=PATIENCE):
    """Of runs that are timed one by one for a while, three of them at least: a median leaves out those that the machine
    interrupted."""
    began, times = time.perf_counter(), []
    while len(times) < 3 or time.perf_counter() - began < patience:
        start = time.perf_counter()
        run()
        times.append((time.perf_counter() - start) * 1e6)
    return median(times)
