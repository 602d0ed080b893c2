"""`torch.amp.GradScaler`: the scale and the gradients, step by step."""

import math

import torch

from golden_file import GoldenFile

PATH = "crates/train/tests/golden/grad_scaler.safetensors"
STEPS = 12
OVERFLOWS = {"never": [], "now-and-then": [2, 5, 6], "at-once": [0, 1, 2, 3]}
OPTIONS = {
    "default": {},
    "eager": {"scale": 3.0, "growth_factor": 3.7, "backoff_factor": 0.3, "growth_interval": 2},
    "highest": {"scale": 2.0**126, "growth_interval": 1},
}


def write():
    golden = GoldenFile()
    for short, options in OPTIONS.items():
        for name, overflows in OVERFLOWS.items():
            golden.add("GradScaler", f"{short}-{name}", options, run(options, overflows))
    golden.write(PATH)


def run(options, overflows):
    arguments = {("init_scale" if name == "scale" else name): value for name, value in options.items()}
    scaler = torch.amp.GradScaler("cpu", **arguments)
    weight = torch.tensor([3.0, -2.0, 0.5], requires_grad=True)
    other = torch.tensor([1.0], requires_grad=True)
    optimizer = torch.optim.SGD([weight, other], lr=0.1)
    generator = torch.Generator().manual_seed(1)
    before, after, scales, trackers = [], [], [], []
    for step in range(STEPS):
        scaler.scale(torch.tensor(1.0))
        gradient = 1000 * torch.randn(3, generator=generator)
        if step in overflows:
            gradient[step % 3] = [math.inf, -math.inf, math.nan][step % 3]
        before.append(gradient.clone())
        weight.grad = gradient
        other.grad = torch.ones(1)
        scaler.unscale_(optimizer)
        after.append(weight.grad.clone())
        scaler.step(optimizer)
        scaler.update()
        scales.append(scaler.state_dict()["scale"])
        trackers.append(scaler.state_dict()["_growth_tracker"])
    scales, trackers = torch.tensor(scales, dtype=torch.float64), torch.tensor(trackers)
    return {"before": torch.stack(before), "after": torch.stack(after), "scales": scales, "trackers": trackers}
