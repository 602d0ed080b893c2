"""Ten steps of each optimizer, with the option sets of PyTorch's own tests and a case with two groups.

The parameters and gradients are the same for all optimizers of a kind, so they are stored once, as the cases
`inputs/...`. PyTorch runs its default implementation for the CPU.
"""

import torch
import torch.nn.functional as F
from torch.testing._internal.common_optimizers import optim_db

from golden_file import ROOT, GoldenFile

STEPS = 10
# Parameter 1 has no gradient on these steps: neither at the start nor later.
MISSING = [0, 5]
SHAPES = {
    "dense": [(3, 2), (4,), (2, 2, 2)],
    "matrices": [(3, 2), (2, 4), (3, 3)],
    "sparse": [(5, 3)],
}
IMPLEMENTATION = {"foreach", "capturable", "differentiable", "fused"}
# An option set for the second group; the first has the defaults.
SECOND = {
    "SparseAdam": {"lr": 0.02},
    "Rprop": {"lr": 0.02, "etas": (0.4, 1.3)},
    "Muon": {"lr": 0.02, "momentum": 0.9},
}
EXTRA = {
    "SGD": [
        {"lr": 0.1, "momentum": 0.9, "nesterov": True, "maximize": True},
        {"lr": 0.1, "momentum": 0.8, "dampening": 0.3, "weight_decay": 0.05},
    ],
    "Adam": [
        {"lr": 0.05, "betas": (0.8, 0.95), "eps": 1e-3},
        {"weight_decay": 0.1, "decoupled_weight_decay": True, "amsgrad": True, "maximize": True},
    ],
    "Adagrad": [{"lr": 0.1, "lr_decay": 0.2, "initial_accumulator_value": 0.3, "weight_decay": 0.01}],
    "Adafactor": [{"lr": 0.5, "d": 2.0, "eps": (1e-4, 1e-2)}],
    "ASGD": [{"lr": 0.1, "lambd": 0.01, "alpha": 0.6, "t0": 3.0}],
    "RAdam": [{"lr": 0.1, "betas": (0.8, 0.5)}, {"lr": 0.1, "betas": (0.8, 0.9)}],
    "Rprop": [{"lr": 0.1, "step_sizes": (0.05, 0.15)}],
    "RMSprop": [{"lr": 0.1, "alpha": 0.8, "momentum": 0.9}],
    "Muon": [{"lr": 0.1, "nesterov": False, "adjust_lr_fn": "match_rms_adamw"}],
    "LBFGS": [
        {"line_search_fn": "strong_wolfe"},
        {"lr": 0.5, "max_iter": 3, "history_size": 2},
        {"lr": 0.5, "max_iter": 6, "max_eval": 9, "history_size": 3, "line_search_fn": "strong_wolfe"},
    ],
}


def inputs(shapes, dtype):
    generator = torch.Generator().manual_seed(7)
    tensors = {}
    for i, shape in enumerate(shapes):
        draw = lambda *size: torch.randn(size, generator=generator, dtype=torch.float64).to(dtype)
        tensors[f"parameter.{i}"] = draw(*shape)
        tensors[f"gradient.{i}"] = draw(STEPS, *shape)
    # For sparse gradients: rows of an embedding, one of them twice.
    rows = torch.stack([(torch.arange(3) * (step + 1)) % 5 for step in range(STEPS)])
    return tensors, rows


def kind_of(name):
    return {"SparseAdam": "sparse", "Muon": "matrices"}.get(name, "dense")


def plain(value):
    """A number where PyTorch's tests have a tensor of one."""
    return value.item() if isinstance(value, torch.Tensor) else value


def state_of(optimizer):
    tensors, numbers = {}, {}

    def put(name, value):
        if isinstance(value, torch.Tensor):
            tensors[name] = value
        elif isinstance(value, list):
            # Of equal shapes, so one tensor does.
            tensors[name] = torch.stack(value)
        elif value is not None:
            numbers[name] = value

    dict = optimizer.state_dict()
    for index, entries in dict["state"].items():
        for name, value in entries.items():
            if name != "al":  # scratch of L-BFGS
                put(f"state.{index}.{name}", value)
    groups = [{key: plain(value) for key, value in group.items()} for group in dict["param_groups"]]
    return tensors, {"numbers": numbers, "param_groups": groups}


def run(name, optimizer, parameters, tensors, rows):
    """Ten steps; the parameters after each, stacked."""
    after = [[] for _ in parameters]
    for step in range(STEPS):
        optimizer.zero_grad()
        for i, parameter in enumerate(parameters):
            if i == 1 and step in MISSING:
                continue
            gradient = tensors[f"gradient.{i}"][step]
            if kind_of(name) == "sparse":
                F.embedding(rows[step], parameter, sparse=True).backward(gradient[: rows.shape[1]])
            else:
                parameter.grad = gradient.clone()
        optimizer.step()
        for i, parameter in enumerate(parameters):
            after[i].append(parameter.detach().clone())
    return {f"after.{i}": torch.stack(values) for i, values in enumerate(after)}


def minimize(optimizer, parameters):
    """Ten steps towards a target that moves with each; `tests/optimizers.rs` has the same function."""
    after, losses = [[] for _ in parameters], []
    for step in range(STEPS):

        def closure():
            optimizer.zero_grad()
            flat = torch.cat([parameter.flatten() for parameter in parameters])
            weight = torch.arange(1, flat.numel() + 1, dtype=flat.dtype) * 0.3
            error = flat - 0.1 * step
            loss = (error.square() * weight).sum() + 0.5 * error.cos().sum() + 0.1 * flat.sum().square()
            loss.backward()
            return loss

        losses.append(optimizer.step(closure).detach())
        for i, parameter in enumerate(parameters):
            after[i].append(parameter.detach().clone())
    return {"loss": torch.stack(losses)} | {f"after.{i}": torch.stack(values) for i, values in enumerate(after)}


def option_sets(info, dtype):
    sets = [input.kwargs for input in info.optim_inputs_func(device="cpu")] + EXTRA.get(info.name, [])
    if info.name == "LBFGS" and dtype == torch.float32:
        # A search amplifies rounding, which no two processors share.
        return []
    kept = []
    for options in sets:
        options = {key: plain(value) for key, value in options.items() if key not in IMPLEMENTATION}
        if options not in kept:
            kept.append(options)
    return kept


def write():
    file = GoldenFile()
    for dtype in (torch.float32, torch.float64):
        dtype_name = str(dtype).removeprefix("torch.")
        for kind, shapes in SHAPES.items():
            tensors, rows = inputs(shapes, dtype)
            file.add("inputs", f"inputs/{kind}/{dtype_name}", {"missing": MISSING}, tensors | {"rows": rows})
        for info in optim_db:
            tensors, rows = inputs(SHAPES[kind_of(info.name)], dtype)
            cases = [(options, None) for options in option_sets(info, dtype)]
            if info.supports_param_groups and kind_of(info.name) != "sparse":
                cases.append(({}, SECOND.get(info.name, {"lr": 0.02, "weight_decay": 0.1})))
            for index, (options, second) in enumerate(cases):
                parameters = [
                    torch.nn.Parameter(tensor.clone()) for role, tensor in tensors.items() if role.startswith("parameter")
                ]
                groups = [{"params": parameters[:1]}, {"params": parameters[1:]} | second] if second else parameters
                optimizer = info.optim_cls(groups, **options)
                if info.name == "LBFGS":
                    outputs = minimize(optimizer, parameters)
                else:
                    outputs = run(info.name, optimizer, parameters, tensors, rows)
                state, described = state_of(optimizer)
                if info.name == "Adam" and second and dtype == torch.float32:
                    torch.save(optimizer.state_dict(), ROOT / "crates/train/tests/golden/adam.pt")
                if info.name == "LBFGS" and "max_iter" not in options:
                    # It has converged, and what is left of directions is rounding.
                    state, described["numbers"] = {}, None
                described |= {"options": options, "second": second, "inputs": f"inputs/{kind_of(info.name)}/{dtype_name}"}
                file.add(info.name, f"{info.name}/{dtype_name}/{index}", described, outputs | state)
    file.write("crates/train/tests/golden/optimizers.safetensors")
