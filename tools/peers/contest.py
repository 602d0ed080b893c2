"""What the contenders in Python share: the chapter's sizes, and how an epoch and a step are timed."""

import json
import time
from statistics import median

BATCH = 64
LEARNING_RATE = 3e-3
SIZES = (784, 256, 128, 10)

# Steps on one batch, whose median counts.
STEPS = 301


def report(epoch, warm_up, step, many=1, **more):
    """Times one epoch and a step after twenty steps that are not timed; `epoch` returns the mean loss, `step` returns
    when it is done, after `many` steps."""
    warm_up()
    start = time.perf_counter()
    loss = epoch()
    seconds = time.perf_counter() - start
    steps = [microseconds(step) / many for _ in range(STEPS // many)]
    print(json.dumps({"epoch_s": seconds, "loss": loss, "step_us": median(steps), **more}))


def microseconds(run):
    start = time.perf_counter()
    run()
    return (time.perf_counter() - start) * 1e6
