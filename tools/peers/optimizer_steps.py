"""Microseconds of a step of PyTorch's optimizers, fused and foreach, over the chapter's parameters.

Prints a line of JSON: `{"Adam": {"fused": 80.1, "foreach": 260.3}, ...}`.
"""

import json
import statistics
import time

import torch
from torch import optim

from contest import FashionNetwork

OPTIONS = {"SGD": {"lr": 1e-3, "momentum": 0.9}}
FUSED = ["SGD", "Adam", "AdamW", "Adagrad"]
FOREACH = [*FUSED, "Adafactor", "Adamax", "NAdam", "RAdam", "Adadelta", "RMSprop", "Rprop", "ASGD"]
STEPS = 100
REPEATS = 9


def microseconds(name, form):
    parameters = list(FashionNetwork().parameters())
    for parameter in parameters:
        parameter.grad = torch.randn_like(parameter)
    optimizer = getattr(optim, name)(parameters, **OPTIONS.get(name, {}), **{form: True})
    times = []
    for _ in range(REPEATS + 1):
        start = time.perf_counter()
        for _ in range(STEPS):
            optimizer.step()
        times.append((time.perf_counter() - start) / STEPS * 1e6)
    # The first is the warm-up.
    return statistics.median(times[1:])


torch.manual_seed(0)
times = {name: {"foreach": microseconds(name, "foreach")} for name in FOREACH}
for name in FUSED:
    times[name]["fused"] = microseconds(name, "fused")
print(json.dumps(times))
