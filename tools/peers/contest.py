"""What the contenders in Python share: the chapter's sizes, and how an epoch and a step are timed."""

import json
import os
import time
from statistics import median

BATCH = 64
LEARNING_RATE = 3e-3
SIZES = (784, 256, 128, 10)

# Steps on one batch, whose median counts.
STEPS = 301


# Epochs of the job.
EPOCHS = int(os.environ.get("EPOCHS", "1"))


def report(epoch, warm_up, step, many=1, **more):
    """Times each epoch of the job and then a step, after twenty steps that are not timed; `epoch` returns the mean loss,
    which is reported of the first one, `step` returns when it is done, after `many` steps."""
    warm_up()
    seconds, losses = [], []
    for _ in range(EPOCHS):
        start = time.perf_counter()
        losses.append(epoch())
        seconds.append(time.perf_counter() - start)
    steps = [microseconds(step) / many for _ in range(STEPS // many)]
    print(json.dumps({"epochs_s": seconds, "loss": losses[0], "step_us": median(steps), **more}))


def microseconds(run):
    start = time.perf_counter()
    run()
    return (time.perf_counter() - start) * 1e6
