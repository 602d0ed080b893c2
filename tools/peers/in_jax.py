"""The chapter's network in JAX: a jitted step, or a whole epoch in `lax.scan`.

Its arguments are the folder of the unpacked files and `step` or `scan`.
"""

import os
import sys
from functools import partial
from pathlib import Path

os.environ.setdefault("JAX_PLATFORMS", "cpu")

import jax
import jax.numpy as jnp
import numpy as np
import optax

from contest import BATCH, LEARNING_RATE, SIZES, report

# Steps in one scan, where a step is timed.
MANY = 32

adam = optax.adam(LEARNING_RATE)


def read(folder):
    pixels = np.fromfile(folder / "train-images-idx3-ubyte", dtype=np.uint8)[16:].reshape(-1, SIZES[0])
    labels = np.fromfile(folder / "train-labels-idx1-ubyte", dtype=np.uint8)[8:]
    return jnp.asarray((pixels.astype(np.float32) / 255 - 0.5) / 0.5), jnp.asarray(labels.astype(np.int32))


def first_parameters(key):
    """As PyTorch draws them."""
    parameters = []
    for inputs, outputs in zip(SIZES, SIZES[1:]):
        key, weight, bias = jax.random.split(key, 3)
        draw = partial(jax.random.uniform, minval=-(inputs**-0.5), maxval=inputs**-0.5)
        parameters.append((draw(weight, (inputs, outputs)), draw(bias, (outputs,))))
    return parameters


def loss(parameters, images, labels):
    value = images
    for weight, bias in parameters[:-1]:
        value = jax.nn.relu(value @ weight + bias)
    weight, bias = parameters[-1]
    output = jax.nn.log_softmax(value @ weight + bias)
    return -jnp.take_along_axis(output, labels[:, None], axis=1).mean()


def update(state, images, labels):
    parameters, moments = state
    value, gradients = jax.value_and_grad(loss)(parameters, images, labels)
    changes, moments = adam.update(gradients, moments)
    return (optax.apply_updates(parameters, changes), moments), value


@partial(jax.jit, donate_argnums=0)
def step(state, images, labels, places):
    return update(state, images[places], labels[places])


@partial(jax.jit, donate_argnums=0)
def scan(state, images, labels, batches):
    return jax.lax.scan(lambda state, places: update(state, images[places], labels[places]), state, batches)


def batches(generator, count):
    """All whole batches, and what is left over."""
    order = generator.permutation(count).astype(np.int32)
    whole = count - count % BATCH
    return order[:whole].reshape(-1, BATCH), order[whole:]


def epoch_of_steps(state, images, labels, batches):
    whole, rest = batches
    total = jnp.zeros(())
    for places in (*whole, rest):
        state, value = step(state, images, labels, places)
        total += value
    return state, float(total) / (len(whole) + 1)


def epoch_in_scan(state, images, labels, batches):
    whole, rest = batches
    state, values = scan(state, images, labels, whole)
    state, value = step(state, images, labels, rest)
    return state, float(values.sum() + value) / (len(whole) + 1)


def main():
    images, labels = read(Path(sys.argv[1]))
    scanned = sys.argv[2] == "scan"
    run = epoch_in_scan if scanned else epoch_of_steps
    generator = np.random.default_rng(0)
    parameters = first_parameters(jax.random.key(0))
    now = {"state": (parameters, adam.init(parameters))}
    batch = jnp.asarray(batches(generator, len(images))[0][0])
    same = jnp.tile(batch, (MANY, 1))

    def epoch():
        now["state"], mean = run(now["state"], images, labels, batches(generator, len(images)))
        return mean

    def warm_up():
        """An epoch with a copy, which compiles all that is timed; then the steps that the others take, too."""
        order = batches(generator, len(images))
        run(jax.tree.map(jnp.copy, now["state"]), images, labels, order)
        for places in order[0][:20]:
            now["state"], _ = step(now["state"], images, labels, places)

    def one_step():
        now["state"], _ = step(now["state"], images, labels, batch)
        jax.block_until_ready(now["state"])

    def many_steps():
        now["state"], _ = scan(now["state"], images, labels, same)
        jax.block_until_ready(now["state"])

    timed = (many_steps, MANY) if scanned else (one_step, 1)
    report(epoch, warm_up, *timed, version=f"jax {jax.__version__}", threads=os.cpu_count())


if __name__ == "__main__":
    main()
