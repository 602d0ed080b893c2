"""Averages of a model's parameters and buffers over five updates, and the statistics of batch normalisations."""

import torch
from torch import nn
from torch.optim import swa_utils

from golden_file import GoldenFile

UPDATES = 5
PATH = "crates/train/tests/golden/averaging.safetensors"

# By the name of the case: the unit, its options, and what PyTorch is given.
AVERAGES = {
    "default": ("SWA", {}, {}),
    "avg_fn": ("SWA", {}, {"avg_fn": swa_utils.get_swa_avg_fn()}),
    "multi_avg_fn": ("SWA", {}, {"multi_avg_fn": swa_utils.get_swa_multi_avg_fn()}),
    "use_buffers": ("SWA", {"use_buffers": True}, {"avg_fn": swa_utils.get_swa_avg_fn()}),
    "ema_avg_fn": ("EMA", {"decay": 0.8}, {"avg_fn": swa_utils.get_ema_avg_fn(0.8)}),
    "ema_multi_avg_fn": ("EMA", {"decay": 0.8}, {"multi_avg_fn": swa_utils.get_ema_multi_avg_fn(0.8)}),
    "ema_use_buffers": (
        "EMA",
        {"decay": 0.8, "use_buffers": True},
        {"multi_avg_fn": swa_utils.get_ema_multi_avg_fn(0.8)},
    ),
}


def write():
    file = GoldenFile()
    for short, dtype in {"f32": torch.float32, "f64": torch.float64}.items():
        for name, (unit, options, keywords) in AVERAGES.items():
            # This form computes 1 / (n + 1) in single precision, whatever the parameters are.
            if name == "multi_avg_fn" and dtype == torch.float64:
                continue
            average(file, unit, f"{name}/{short}", options, keywords, dtype)
        batch_norm(file, f"update_bn/{short}", dtype)
    file.write(PATH)


def average(file, unit, name, options, keywords, dtype):
    """A batch normalisation has parameters, buffers and an integer."""
    generator = torch.Generator().manual_seed(3)
    model = nn.BatchNorm1d(3).to(dtype)
    averaged = swa_utils.AveragedModel(model, use_buffers=options.get("use_buffers", False), **keywords)
    updates = []
    for update in range(UPDATES):
        for value in model.state_dict().values():
            drawn = torch.rand(value.shape, generator=generator, dtype=torch.float64) * 4 - 2
            value.copy_(drawn if value.is_floating_point() else torch.tensor(update * update + 1))
        averaged.update_parameters(model)
        states = {"value": model.state_dict(), "after": averaged.state_dict()}
        updates.append({f"{role}.{key}": v.clone() for role, state in states.items() for key, v in state.items()})
    file.add(unit, name, options, {role: torch.stack([update[role] for update in updates]) for role in updates[0]})


def batch_norm(file, name, dtype):
    """Two layers, one of which runs twice in a pass, over batches of other sizes."""
    generator = torch.Generator().manual_seed(4)
    torch.manual_seed(4)
    model = TwoNorms().to(dtype)
    state = {f"state.{key}": value.clone() for key, value in model.state_dict().items()}
    batches = [torch.randn(size, 3, generator=generator).to(dtype) * size for size in (4, 4, 2)]
    swa_utils.update_bn(batches, model)
    tensors = state | {f"batch.{index}": batch for index, batch in enumerate(batches)}
    tensors |= {f"after.{key}": value for key, value in model.state_dict().items()}
    file.add("update_bn", name, {}, tensors)


class TwoNorms(nn.Module):
    def __init__(self):
        super().__init__()
        self.first = nn.BatchNorm1d(3, momentum=0.3)
        self.linear = nn.Linear(3, 3)
        self.shared = nn.BatchNorm1d(3, momentum=0.0)

    def forward(self, value):
        value = self.shared(self.linear(self.first(value)))
        return self.shared(value * 2 + 1)
