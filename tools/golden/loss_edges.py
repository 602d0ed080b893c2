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

    cases = [
        *classification(kind, normal, classes, probabilities),
        *binary(kind, normal, probabilities),
        *regression(kind, normal),
        *margins(kind, normal, classes),
        *distances(kind, normal),
        *sequences(kind, normal, classes),
    ]
    for unit, name, options, arguments in cases:
        # The sum adds little to what the mean and the single losses show; one kind is enough.
        if unit in units and not (kind == torch.float32 and options.get("reduction") == "sum"):
            # The names with "smooth" are far from any kink, so that finite differences hold.
            yield unit, name if name.startswith("smooth") else f"edge-{name}", options, arguments


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


def binary(kind, normal, probabilities):
    weight, pos_weight = torch.tensor([0.5, 0.0, 2.0], dtype=kind), torch.tensor([3.0, 1.0, 0.1], dtype=kind)
    certain = torch.tensor([0.0, 1.0, 0.0, 1.0, 1e-30, 0.5], dtype=kind)
    labels = torch.tensor([0.0, 1.0, 1.0, 0.0, 1.0, 0.3], dtype=kind)
    far = torch.tensor([1e4, -1e4, 1e4, -1e4, 0.0, 1e-30], dtype=kind)
    for reduction in ["mean", "sum", "none"]:
        reduced = {"reduction": reduction}
        soft = torch.sigmoid(normal(4, 3))
        weights = {"weight": weight, "pos_weight": pos_weight, **reduced}
        yield "BCELoss", f"certain-{reduction}", reduced, [certain, labels]
        yield "BCELoss", f"smooth-{reduction}", {"weight": weight, **reduced}, [soft, probabilities(4, 3)]
        yield "BCEWithLogitsLoss", f"smooth-{reduction}", weights, [normal(4, 3), soft]
        yield "BCELoss", f"empty-{reduction}", reduced, [normal(0, 3), normal(0, 3)]
        yield "BCEWithLogitsLoss", f"far-{reduction}", reduced, [far, labels]
        yield "BCEWithLogitsLoss", f"empty-{reduction}", weights, [normal(0, 3), normal(0, 3)]
        yield "SoftMarginLoss", f"far-{reduction}", reduced, [far, labels * 2 - 1]
        yield "MultiLabelSoftMarginLoss", f"far-{reduction}", reduced, [far.reshape(2, 3), labels.reshape(2, 3)]
        options = {"weight": weight, **reduced}
        yield "MultiLabelSoftMarginLoss", f"weight-{reduction}", options, [normal(2, 4, 3), soft[:2, None].expand(2, 4, 3)]
    zero = torch.tensor([[0.0, 0.25, 0.75], [1.0, 0.0, 0.0]], dtype=kind)
    for reduction in ["mean", "sum", "none", "batchmean"]:
        options = {"reduction": reduction}
        yield "KLDivLoss", f"zeros-{reduction}", options, [torch.log(probabilities(2, 3)), zero]
        options = {"reduction": reduction, "log_target": True}
        yield "KLDivLoss", f"log-zeros-{reduction}", options, [torch.log(probabilities(2, 3)), torch.log(zero)]


def regression(kind, normal):
    far = torch.tensor([1e-30, -1e15, 0.0, 3.0, 2.0, -1.0], dtype=kind)
    near = torch.tensor([0.0, 1e15, 0.0, 3.0, 3.0, 1.0], dtype=kind)
    plain = [("L1Loss", {}), ("MSELoss", {}), ("SmoothL1Loss", {}), ("HuberLoss", {})]
    kinks = [("SmoothL1Loss", {"beta": beta}) for beta in [0.0, 0.3, 2.0]]
    kinks += [("HuberLoss", {"delta": delta}) for delta in [0.3, 2.0]]
    for reduction in ["mean", "sum", "none"]:
        for unit, options in plain + kinks:
            options = {**options, "reduction": reduction}
            number = options.get("beta", options.get("delta", ""))
            yield unit, f"empty-{number}-{reduction}", options, [normal(0, 3), normal(0, 3)]
            yield unit, f"extreme-{number}-{reduction}", options, [far, near]
        counts = torch.tensor([0.0, 1.0, 2.0, 7.0, 1e6], dtype=kind)
        rates = torch.tensor([0.0, 0.5, 2.0, 7.0, 14.0], dtype=kind)
        for log_input in [True, False]:
            options = {"log_input": log_input, "full": True, "eps": 1e-4, "reduction": reduction}
            yield "PoissonNLLLoss", f"full-{log_input}-{reduction}", options, [rates, counts]
            smooth = [normal(4, 3).exp(), normal(4, 3).exp()]
            yield "PoissonNLLLoss", f"smooth-{log_input}-{reduction}", options, smooth
        variance = torch.tensor([0.0, 1e-9, 1.0, 4.0], dtype=kind)
        options = {"full": True, "eps": 1e-3, "reduction": reduction}
        yield "GaussianNLLLoss", f"clamped-{reduction}", options, [normal(4), normal(4), variance]
        yield "GaussianNLLLoss", f"row-{reduction}", options, [normal(4, 3), normal(4, 3), variance]
        yield "GaussianNLLLoss", f"same-{reduction}", options, [normal(2, 3), normal(2, 3), normal(2, 3).abs()]


def margins(kind, normal, classes):
    ties = torch.tensor([[1.0, 2.0, 1.0, 0.0], [0.0, 0.0, 0.0, 0.0]], dtype=kind)
    for reduction in ["mean", "sum", "none"]:
        reduced = {"reduction": reduction}
        for p in [1, 2]:
            weight = torch.tensor([0.5, 1.0, -2.0, 0.0], dtype=kind)
            options = {"p": p, "margin": 0.7, "weight": weight, **reduced}
            yield "MultiMarginLoss", f"weight-{p}-{reduction}", options, [normal(5, 4), classes(4, 5)]
            yield "MultiMarginLoss", f"one-{p}-{reduction}", options, [normal(4), torch.tensor(2)]
            options = {"p": p, **reduced}
            yield "MultiMarginLoss", f"ties-{p}-{reduction}", options, [ties, torch.tensor([1, 3])]
        none = torch.tensor([[-1, 2, 3, 1], [0, 3, -1, 2]])
        yield "MultiLabelMarginLoss", f"none-{reduction}", reduced, [ties, none]
        signs = torch.tensor([1.0, -1.0, 1.0, -1.0], dtype=kind)
        at_margin = torch.tensor([1.0, 1.0, -0.5, 2.0], dtype=kind)
        yield "HingeEmbeddingLoss", f"at-margin-{reduction}", reduced, [at_margin, signs]
        yield "MarginRankingLoss", f"equal-{reduction}", reduced, [ties[0], ties[0], signs]
        yield "MarginRankingLoss", f"empty-{reduction}", reduced, [normal(0), normal(0), normal(0)]


def distances(kind, normal):
    signs = torch.tensor([1.0, -1.0, 1.0], dtype=kind)
    for reduction in ["mean", "sum", "none"]:
        reduced = {"reduction": reduction}
        zero = torch.zeros(3, 4, dtype=kind)
        yield "CosineEmbeddingLoss", f"zero-{reduction}", reduced, [zero, normal(3, 4), signs]
        options = {"margin": -0.9, **reduced}
        yield "CosineEmbeddingLoss", f"smooth-{reduction}", options, [normal(3, 4), normal(3, 4), signs]
        yield "CosineEmbeddingLoss", f"one-{reduction}", options, [normal(4), normal(4), signs[1]]
        for swap in [False, True]:
            points = [normal(3, 4), normal(3, 4), normal(3, 4)]
            for p in [1.0, 2.0, 3.0]:
                options = {"margin": 1.5, "p": p, "eps": 1e-3, "swap": swap, **reduced}
                yield "TripletMarginLoss", f"smooth-{p}-{swap}-{reduction}", options, points
            same = [points[0], points[0], points[0]]
            yield "TripletMarginLoss", f"same-{swap}-{reduction}", {"swap": swap, **reduced}, same
            one = [point[0] for point in points]
            yield "TripletMarginLoss", f"one-{swap}-{reduction}", {"swap": swap, **reduced}, one
            for distance in ["l1", "cosine", None]:
                options = {"margin": 2.5, "swap": swap, **reduced}
                if distance:
                    options["distance_function"] = distance
                yield "TripletMarginWithDistanceLoss", f"smooth-{distance}-{swap}-{reduction}", options, points


def sequences(kind, normal, classes):
    log_probabilities = torch.log_softmax(normal(5, 3, 4), 2)
    padded = torch.tensor([[1, 2, 0], [3, 3, 1], [2, -1, 7]])
    for reduction in ["mean", "sum", "none"]:
        for zero_infinity in [False, True]:
            options = {"reduction": reduction, "zero_infinity": zero_infinity}
            name = f"{zero_infinity}-{reduction}"
            # The second target repeats a label, and so needs one step more than its two.
            impossible = [log_probabilities, padded, [5, 2, 4], [2, 2, 1]]
            yield "CTCLoss", f"impossible-{name}", options, impossible
            yield "CTCLoss", f"nothing-{name}", options, [log_probabilities, padded, [5, 4, 3], [0, 3, 0]]
            one = [log_probabilities[:, 0], torch.tensor([1, 2]), 5, 2]
            yield "CTCLoss", f"one-{name}", options, one
        options = {"reduction": reduction, "blank": 3}
        joined = [log_probabilities, torch.tensor([0, 1, 2, 2, 1]), [5, 4, 5], [2, 1, 2]]
        yield "CTCLoss", f"smooth-joined-{reduction}", options, joined
