"""Microseconds of a step of PyTorch's optimizers over the chapter's parameters: fused, foreach, or the only form there is.

Prints a line of JSON: `{"Adam": {"fused": 80.1, "foreach": 260.3}, ..., "Muon": {"only": 9000.0}}`.
"""

import json
import statistics
import time

import torch
from torch import optim
from torch.nn import functional as F

from networks import FashionNetwork

OPTIONS = {"SGD": {"lr": 1e-3, "momentum": 0.9}}
FUSED = ["SGD", "Adam", "AdamW", "Adagrad"]
FOREACH = [*FUSED, "Adafactor", "Adamax", "NAdam", "RAdam", "Adadelta", "RMSprop", "Rprop", "ASGD"]
STEPS = 100
# For those whose steps take milliseconds.
FEW_STEPS = 2
REPEATS = 9


def network():
    parameters = list(FashionNetwork().parameters())
    for parameter in parameters:
        parameter.grad = torch.randn_like(parameter)
    return parameters


def embedding():
    """10,000 rows of 64 values, of which a batch of 64 has a gradient."""
    weight = torch.randn(10_000, 64, requires_grad=True)
    rows = F.embedding(torch.randint(10_000, (64,)), weight, sparse=True)
    (torch.randn_like(rows) * rows).sum().backward()
    return weight


def microseconds(parameters, name, steps=STEPS, **form):
    optimizer = getattr(optim, name)(parameters, **OPTIONS.get(name, {}), **form)
    return median([timed(steps, optimizer.step) for _ in range(REPEATS + 1)])


def lbfgs():
    """A step is 20 iterations here, and each calls for the gradients; so the loss is as cheap as one can be that has a
    curvature. Each run starts anew, far from the end."""
    runs = []
    for _ in range(REPEATS + 1):
        parameters = list(FashionNetwork().parameters())
        curvatures = [torch.rand_like(parameter) * 10.0 for parameter in parameters]
        optimizer = optim.LBFGS(parameters)

        def closure():
            optimizer.zero_grad()
            loss = sum((at.square() * curvature).sum() for at, curvature in zip(parameters, curvatures))
            loss.backward()
            return loss

        runs.append(timed(FEW_STEPS, lambda: optimizer.step(closure)))
    return median(runs)


def timed(steps, step):
    """Microseconds for each step."""
    start = time.perf_counter()
    for _ in range(steps):
        step()
    return (time.perf_counter() - start) / steps * 1e6


def median(runs):
    """Without the first, which is the warm-up."""
    return statistics.median(runs[1:])


torch.manual_seed(0)
times = {name: {"foreach": microseconds(network(), name, foreach=True)} for name in FOREACH}
for name in FUSED:
    times[name]["fused"] = microseconds(network(), name, fused=True)
matrices = [parameter for parameter in network() if parameter.dim() == 2]
times["Muon"] = {"only": microseconds(matrices, "Muon", FEW_STEPS)}
times["SparseAdam"] = {"only": microseconds([embedding()], "SparseAdam")}
times["LBFGS"] = {"only": lbfgs()}
print(json.dumps(times))
