"""The kernels of a step of the chapter's network and nothing else: its eight matrix products into memory laid out
before, fused Adam over all parameters in one row, and what works value by value. Called from Python, so with the
microsecond or so that a call takes.

A question is the number of threads; the answer has the sum and its parts.
"""

import torch

from answers import PATIENCE, answer, median_microseconds, set_threads

BATCH, SIZES = 64, (784, 256, 128, 10)


def products():
    """Operands and results: forward, then the gradients of the weights and, but for the first layer, of the inputs."""
    for index, (inputs, outputs) in enumerate(zip(SIZES, SIZES[1:])):
        value, weight, gradient = (
            torch.randn(BATCH, inputs),
            torch.randn(inputs, outputs),
            torch.randn(BATCH, outputs),
        )
        yield value, weight, torch.empty(BATCH, outputs)
        yield value.t(), gradient, torch.empty(inputs, outputs)
        if index > 0:
            yield gradient, weight.t(), torch.empty(BATCH, inputs)


def adam():
    count = sum(inputs * outputs + outputs for inputs, outputs in zip(SIZES, SIZES[1:]))
    parameter, gradient = torch.randn(count), torch.randn(count) * 0.01
    average, square, step = torch.zeros(count), torch.zeros(count), torch.tensor(5.0)
    options = {"lr": 3e-3, "beta1": 0.9, "beta2": 0.999, "weight_decay": 0.0, "eps": 1e-8}
    return lambda: torch._fused_adam_(
        [parameter], [gradient], [average], [square], [], [step], amsgrad=False, maximize=False, **options
    )


def by_value():
    hidden = [torch.randn(BATCH, size) for size in SIZES[1:]]
    gradients = [torch.randn(BATCH, size) for size in SIZES[1:]]
    output, target = torch.empty(BATCH, SIZES[-1]), torch.randint(0, SIZES[-1], (BATCH,))
    aten = torch.ops.aten

    def run():
        for value in hidden[:-1]:
            torch.relu_(value)
        aten._log_softmax.out(hidden[-1], 1, False, out=output)
        aten.nll_loss_forward(output, target, None, 1, -100)
        for value, gradient in zip(hidden[:-1], gradients):
            aten.threshold_backward(gradient, value, 0.0)
        for gradient in gradients:
            gradient.sum(0)

    return run


def multiply(operands):
    for first, second, result in operands:
        torch.mm(first, second, out=result)


def main():
    torch.manual_seed(0)
    operands = list(products())
    kernels = {"products": lambda: multiply(operands), "adam": adam(), "by_value": by_value()}

    def reply(threads):
        set_threads(threads)
        times = {name: median_microseconds(run, PATIENCE / len(kernels)) for name, run in kernels.items()}
        return {"us": sum(times.values()), **times}

    answer(reply)


if __name__ == "__main__":
    main()
