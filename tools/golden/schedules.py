"""Fifty steps of each schedule: the learning rate and the momentum, or first beta, of two groups."""

import warnings

import torch
from torch.optim import lr_scheduler, swa_utils

from golden_file import ROOT, GoldenFile

STEPS = 50
STATE_STEPS = 7

CASES = {
    "LambdaLR": [{}],
    "MultiplicativeLR": [{}],
    "StepLR": [{"step_size": 3}, {"step_size": 7, "gamma": 0.7}],
    "MultiStepLR": [{"milestones": [4, 9, 9, 30]}, {"milestones": [1, 20], "gamma": 0.5}],
    "ConstantLR": [{}, {"factor": 0.25, "total_iters": 12}, {"total_iters": 0}],
    "LinearLR": [{}, {"start_factor": 0.2, "end_factor": 0.7, "total_iters": 23}, {"start_factor": 1.0, "end_factor": 0.0}],
    "ExponentialLR": [{"gamma": 0.9}],
    "CosineAnnealingLR": [{"T_max": 10}, {"T_max": 17, "eta_min": 0.01}, {"T_max": 60, "eta_min": 0.001}],
    "CosineAnnealingWarmRestarts": [{"T_0": 5}, {"T_0": 3, "T_mult": 2, "eta_min": 0.01}, {"T_0": 60}],
    "PolynomialLR": [{}, {"total_iters": 30, "power": 2.0}, {"total_iters": 20, "power": 0.5}],
    "CyclicLR": [
        {"base_lr": 0.01, "max_lr": 0.1, "step_size_up": 6},
        {"base_lr": [0.01, 0.02], "max_lr": [0.1, 0.3], "step_size_up": 4, "step_size_down": 9, "mode": "triangular2"},
        {
            "base_lr": 0.01,
            "max_lr": 0.1,
            "step_size_up": 5,
            "mode": "exp_range",
            "gamma": 0.95,
            "base_momentum": [0.7, 0.75],
            "max_momentum": 0.95,
        },
        {"base_lr": 0.01, "max_lr": 0.1, "step_size_up": 5, "cycle_momentum": False, "mode": "triangular2"},
    ],
    "OneCycleLR": [
        {"max_lr": 0.1, "total_steps": 51},
        {"max_lr": [0.1, 0.4], "total_steps": 60, "pct_start": 0.2, "anneal_strategy": "linear", "div_factor": 10.0},
        {"max_lr": 0.2, "total_steps": 55, "three_phase": True, "final_div_factor": 100.0, "base_momentum": 0.6},
        {"max_lr": 0.2, "total_steps": 55, "cycle_momentum": False},
    ],
    "SWALR": [
        {"swa_lr": 0.05},
        {"swa_lr": [0.05, 0.7], "anneal_epochs": 20, "anneal_strategy": "linear"},
        {"swa_lr": 0.02, "anneal_epochs": 0},
    ],
    "ReduceLROnPlateau": [
        {},
        {"patience": 2, "factor": 0.5},
        {"mode": "max", "patience": 1, "factor": 0.3, "threshold": 0.05, "threshold_mode": "abs", "cooldown": 3},
        {"patience": 0, "factor": 0.2, "threshold": 0.2, "threshold_mode": "rel", "min_lr": [1e-3, 1e-2], "eps": 1e-4},
        {"mode": "max", "patience": 3, "factor": 0.1, "threshold": 0.01},
    ],
}
# A schedule of schedules: the options hold PyTorch's name and options of each part.
COMPOSITES = {
    "SequentialLR": [
        (["ConstantLR", {"factor": 0.1, "total_iters": 4}], ["ExponentialLR", {"gamma": 0.9}], [5]),
        (["LinearLR", {}], ["CosineAnnealingLR", {"T_max": 20}], ["StepLR", {"step_size": 3}], [7, 30]),
        (["ExponentialLR", {"gamma": 0.9}], ["LinearLR", {"total_iters": 9}], ["PolynomialLR", {"total_iters": 11}], [10, 25]),
        (["StepLR", {"step_size": 2}], ["MultiStepLR", {"milestones": [0, 3]}], ["ConstantLR", {}], [6, 20]),
        (["LinearLR", {}], ["CosineAnnealingWarmRestarts", {"T_0": 4, "T_mult": 2}], [8]),
        (["LambdaLR", {}], ["MultiplicativeLR", {}], ["SWALR", {"swa_lr": 0.01}], [9, 20]),
    ],
    "ChainedScheduler": [
        (["ConstantLR", {"factor": 0.1, "total_iters": 4}], ["ExponentialLR", {"gamma": 0.9}]),
        (["CosineAnnealingLR", {"T_max": 15, "eta_min": 0.02}], ["StepLR", {"step_size": 10}], ["LinearLR", {}]),
        (["MultiplicativeLR", {}], ["PolynomialLR", {"total_iters": 40}]),
    ],
}
# What is combined in pairs: those that write into the groups, and one of each other kind.
PAIRS = [
    ["OneCycleLR", {"max_lr": 0.1, "total_steps": 12, "base_momentum": 0.7}],
    ["OneCycleLR", {"max_lr": [0.6, 0.9], "total_steps": 10, "div_factor": 5.0, "max_momentum": 0.8}],
    ["CyclicLR", {"base_lr": 0.001, "max_lr": 0.2, "step_size_up": 3}],
    ["CyclicLR", {"base_lr": 0.01, "max_lr": 0.3, "step_size_up": 2, "base_momentum": 0.5, "max_momentum": 0.6}],
    ["SWALR", {"swa_lr": 0.05, "anneal_epochs": 4}],
    ["SWALR", {"swa_lr": 0.7, "anneal_epochs": 3, "anneal_strategy": "linear"}],
    ["LambdaLR", {}],
    ["StepLR", {"step_size": 2}],
    ["LinearLR", {}],
    ["CosineAnnealingLR", {"T_max": 5}],
    ["CosineAnnealingWarmRestarts", {"T_0": 3}],
]
PAIR_STEPS = 8
PAIR_MILESTONE = 3


def metric(step):
    """Falls and rises in steps, with plateaus; `tests/schedules.rs` has the same values as a tensor."""
    return [1.0, 0.8, 0.8, 0.79, 0.5, 0.5, 0.5, 0.51, 0.7, 0.9][step % 10] * (1.0 - step / 100)


def make(unit, options, optimizer):
    if unit == "LambdaLR":
        return lr_scheduler.LambdaLR(optimizer, [lambda epoch: 0.95**epoch, lambda epoch: 1 / (epoch + 1)])
    if unit == "MultiplicativeLR":
        return lr_scheduler.MultiplicativeLR(optimizer, lambda epoch: 1 - 1 / (epoch + 10))
    return getattr(swa_utils if unit == "SWALR" else lr_scheduler, unit)(optimizer, **options)


def rates(optimizer):
    lrs = [group["lr"] for group in optimizer.param_groups]
    momenta = [group["betas"][0] if "betas" in group else group["momentum"] for group in optimizer.param_groups]
    return lrs, momenta


def run(optimizer, scheduler, unit, steps=STEPS):
    seen = [rates(optimizer)]
    for step in range(steps):
        optimizer.step()
        scheduler.step(metric(step)) if unit == "ReduceLROnPlateau" else scheduler.step()
        seen.append(rates(optimizer))
    lrs, momenta = zip(*seen)
    return {
        "lr": torch.tensor(lrs, dtype=torch.float64),
        "momentum": torch.tensor(momenta, dtype=torch.float64),
        "metric": torch.tensor([metric(step) for step in range(steps)], dtype=torch.float64),
    }


def optimizers():
    for name in ("SGD", "Adam"):
        parameters = [torch.nn.Parameter(torch.zeros(1)) for _ in range(2)]
        groups = [{"params": [parameters[0]], "lr": 0.1}, {"params": [parameters[1]], "lr": 0.5}]
        momentum = {"momentum": 0.9} if name == "SGD" else {}
        yield name, getattr(torch.optim, name)(groups, **momentum)


def write():
    warnings.simplefilter("ignore")
    file = GoldenFile()
    for unit, sets in CASES.items():
        for index, options in enumerate(sets):
            for name, optimizer in optimizers():
                tensors = run(optimizer, make(unit, options, optimizer), unit)
                described = {"optimizer": name, "options": options}
                file.add(unit, f"{unit}/{index}/{name}", described, tensors)
    for unit, sets in COMPOSITES.items():
        for index, entries in enumerate(sets):
            parts = [entry for entry in entries if isinstance(entry[0], str)]
            milestones = {"milestones": entries[-1]} if len(parts) < len(entries) else {}
            for name, optimizer in optimizers():
                schedulers = [make(part, options, optimizer) for part, options in parts]
                if unit == "SequentialLR":
                    scheduler = lr_scheduler.SequentialLR(optimizer, schedulers, **milestones)
                else:
                    scheduler = lr_scheduler.ChainedScheduler(schedulers, optimizer)
                described = {"optimizer": name, "parts": parts} | milestones
                file.add(unit, f"{unit}/{index}/{name}", described, run(optimizer, scheduler, unit))
    file.write("crates/train/tests/golden/schedules.safetensors")
    write_pairs()
    write_states()


def write_states():
    """The state dict of the scheduler of each case with SGD, after some steps."""
    states = {}

    def keep(name, unit, scheduler, optimizer):
        for step in range(STATE_STEPS):
            optimizer.step()
            scheduler.step(metric(step)) if unit == "ReduceLROnPlateau" else scheduler.step()
        state = scheduler.state_dict()
        # Plain values in place of a Counter.
        for part in [state, *state.get("_schedulers", [])]:
            if "milestones" in part:
                part["milestones"] = dict(part["milestones"])
        states[name] = state

    for unit, sets in CASES.items():
        for index, options in enumerate(sets):
            _, optimizer = next(optimizers())
            keep(f"{unit}/{index}/SGD", unit, make(unit, options, optimizer), optimizer)
    for unit, sets in COMPOSITES.items():
        for index, entries in enumerate(sets):
            _, optimizer = next(optimizers())
            parts = [make(*entry, optimizer) for entry in entries if isinstance(entry[0], str)]
            if unit == "SequentialLR":
                scheduler = lr_scheduler.SequentialLR(optimizer, parts, milestones=entries[-1])
            else:
                scheduler = lr_scheduler.ChainedScheduler(parts, optimizer)
            keep(f"{unit}/{index}/SGD", unit, scheduler, optimizer)
    path = ROOT / "crates/train/tests/golden/schedulers.pt"
    torch.save(states, path)
    print(f"{path.relative_to(ROOT)}: {path.stat().st_size / 1024:.0f} KiB")


def write_pairs():
    """Each schedule with each other: one after the other, both at every step, and as two schedulers of one optimizer of
    which the first is stepped."""
    file = GoldenFile()
    for index, first in enumerate(PAIRS):
        for other, second in enumerate(PAIRS):
            for unit in ("SequentialLR", "ChainedScheduler", "First"):
                _, optimizer = next(optimizers())
                parts = [make(part, options, optimizer) for part, options in (first, second)]
                if unit == "SequentialLR":
                    scheduler = lr_scheduler.SequentialLR(optimizer, parts, milestones=[PAIR_MILESTONE])
                elif unit == "ChainedScheduler":
                    scheduler = lr_scheduler.ChainedScheduler(parts, optimizer)
                else:
                    scheduler = parts[0]
                tensors = run(optimizer, scheduler, unit, PAIR_STEPS)
                tensors.pop("metric")
                described = {"parts": [first, second], "milestones": [PAIR_MILESTONE]}
                file.add(unit, f"{unit}/{index}/{other}", described, tensors)
    file.write("crates/train/tests/golden/schedule_pairs.safetensors")
