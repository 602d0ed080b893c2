"""Edge cases of the losses that PyTorch's own database leaves out."""

import torch


def edges(kind, units):
    """Yields (unit, name, options, arguments) for a kind of tensor."""
    generator = torch.Generator().manual_seed(2013)

    def normal(*size, scale=1.0):
        return scale * torch.randn(*size, generator=generator, dtype=torch.float64).to(kind)

    def classes(count, *size):
        return torch.randint(count, size, generator=generator)

    def probabilities(*size):
        return torch.softmax(normal(*size), 1)

    cases = [*classification(kind, normal, classes, probabilities), *regression(kind, normal)]
    for unit, name, options, arguments in cases:
        if unit in units:
            yield unit, f"edge-{name}", options, arguments


def classification(kind, normal, classes, probabilities):
    weight = torch.tensor([0.2, 1.0, 3.0, 0.0], dtype=kind)
    some = torch.tensor([0, -100, 3, 1, -100, 2])
    every = torch.full((6,), -100)
    for reduction in ["mean", "sum", "none"]:
        reduced = {"reduction": reduction}
        logits = normal(6, 4)
        log_probabilities = torch.log_softmax(logits, 1)
        for name, target in {"some": some, "every": every}.items():
            yield "NLLLoss", f"ignore-{name}-{reduction}", reduced, [log_probabilities, target]
            for smoothing in [0.0, 0.3, 1.0]:
                options = {"weight": weight, "label_smoothing": smoothing, **reduced}
                name_ = f"ignore-{name}-smoothing-{smoothing}-{reduction}"
                yield "CrossEntropyLoss", name_, options, [logits, target]
        yield "NLLLoss", f"empty-{reduction}", reduced, [normal(0, 4), classes(4, 0)]
        yield "CrossEntropyLoss", f"empty-{reduction}", reduced, [normal(0, 4), classes(4, 0)]
        extreme = torch.tensor([[1e4, -1e4, 0.0], [-1e30, 1e30, 1e30], [50.0, 50.0, 50.0]], dtype=kind)
        options = {"label_smoothing": 0.1, **reduced}
        yield "CrossEntropyLoss", f"extreme-{reduction}", reduced, [extreme, torch.tensor([0, 2, 1])]
        yield "CrossEntropyLoss", f"extreme-smoothing-{reduction}", options, [extreme, torch.tensor([0, 2, 1])]
        infinite = torch.tensor([[float("-inf"), 0.0, 1.0], [0.0, 1.0, 2.0]], dtype=kind)
        yield "CrossEntropyLoss", f"masked-{reduction}", reduced, [infinite, torch.tensor([2, 0])]
        yield "CrossEntropyLoss", f"impossible-{reduction}", reduced, [infinite, torch.tensor([0, 0])]
        options = {"weight": weight, "label_smoothing": 0.2, **reduced}
        yield "CrossEntropyLoss", f"probabilities-{reduction}", options, [normal(3, 4, 2), probabilities(3, 4, 2)]
    yield "CrossEntropyLoss", "ignore-1", {"ignore_index": 1}, [normal(6, 4), torch.tensor([1, 1, 0, 2, 3, 1])]
    yield "NLLLoss", "one-class", {}, [normal(3, 1), classes(1, 3)]


def regression(kind, normal):
    for reduction in ["mean", "sum", "none"]:
        reduced = {"reduction": reduction}
        far = torch.tensor([1e-30, -1e15, 0.0, 3.0], dtype=kind)
        near = torch.tensor([0.0, 1e15, 0.0, 3.0], dtype=kind)
        for unit in ["MSELoss"]:
            yield unit, f"empty-{reduction}", reduced, [normal(0, 3), normal(0, 3)]
            yield unit, f"extreme-{reduction}", reduced, [far, near]
