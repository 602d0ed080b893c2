"""The job of some epochs, its first epoch and a step of the chapter's network in everything that trains it on a CPU."""

import sys
import tempfile
from pathlib import Path
from statistics import mean, median

import garments
import kernels
import rounds
from pythons import Missing, first_with
from versions import locked

HERE = Path(__file__).resolve().parent
OURS, ORDINARY = "Selvedge, compiled steps", "Selvedge, ordinary steps"
FLUSHED = "tuned PyTorch, denormals flushed in every thread"
TUNED, TCH, KERNELS = "tuned PyTorch", "tch, `nn::Adam` and `Iter2`", "the kernels of a step"

# What the mean loss of the first epoch has to be: higher has learnt too little, lower has seen the labels.
PLAUSIBLE = (0.40, 0.60)

# Of those that do not tell it themselves: the lock file and the package.
LOCKED = {
    OURS: ("Cargo.lock", "tch"),
    ORDINARY: ("Cargo.lock", "tch"),
    TCH: ("Cargo.lock", "tch"),
    "burn, flex": ("tools/peers/Cargo.lock", "burn"),
    "candle": ("tools/peers/Cargo.lock", "candle-core"),
}


def compare(arguments):
    """The table, after all rounds."""
    with tempfile.TemporaryDirectory() as folder:
        contenders, left_out = present(arguments, garments.unpack(arguments.data, Path(folder)))
        results = []
        for number in range(arguments.rounds):
            results.append(one_round(contenders, left_out, arguments.epochs))
            rounds.told(number, arguments.rounds)
    return table(results, left_out)


def present(arguments, data):
    """The commands of those that can run, by name, and why the others can not."""
    raw, images, contenders, left_out = data / "FashionMNIST/raw", 60_000, {}, dict(arguments.left_out)

    def python(name, modules, *words):
        try:
            contenders[name] = [first_with(arguments.python, *modules), *words]
        except Missing as missing:
            left_out[name] = str(missing)

    torch, jax = ("torch", "torchvision"), ("jax", "optax", "numpy")
    contenders[OURS] = [arguments.ours / "epoch", raw, "mlp", images, "compiled"]
    contenders[ORDINARY] = [arguments.ours / "epoch", raw, "mlp", images, "ordinary"]
    python("the chapter's PyTorch", torch, HERE / "chapter.py", data, images)
    python(TUNED, torch, HERE / "tuned.py", data, "mlp", images, "eager")
    python(FLUSHED, torch, HERE / "tuned.py", data, "mlp", images, "flushed")
    python("tuned PyTorch, `torch.compile`", torch, HERE / "tuned.py", data, "mlp", images, "compiled")
    contenders[TCH] = [arguments.ours / "tch_native", raw]
    python("JAX, jitted step", jax, HERE / "in_jax.py", raw, "step")
    python("JAX, epoch in `lax.scan`", jax, HERE / "in_jax.py", raw, "scan")
    for name, program in arguments.built:
        contenders[name] = [program, raw]
    try:
        contenders[KERNELS] = kernels.beside_our_step(first_with(arguments.python, "torch"), arguments.ours)
    except Missing as missing:
        left_out[KERNELS] = str(missing)
    return contenders, left_out


def one_round(contenders, left_out, epochs):
    """One that fails is left out from then on."""
    results = {}
    for name, contender in list(contenders.items()):
        try:
            results[name] = contender() if callable(contender) else rounds.of_command(contender, epochs)
        except rounds.Failed as failed:
            left_out[name] = str(failed).splitlines()[-1]
            print(f"{name} failed:\n{failed}", file=sys.stderr, flush=True)
            del contenders[name]
            continue
        if name != KERNELS and not PLAUSIBLE[0] < results[name]["loss"] < PLAUSIBLE[1]:
            sys.exit(f"{name} does not learn: its mean loss is {results[name]['loss']:.3f}")
    return results


def table(results, left_out):
    epochs = len(next(result for name, result in results[-1].items() if name != KERNELS)["epochs_s"])
    lines = [
        f"{rounds.machine()}; {len(results)} rounds of {epochs} epochs each.",
        "",
        "| contender | version | job, s per epoch | × tuned PyTorch | in each round | epochs from first to last, s "
        "| first epoch × tuned PyTorch's | step, µs | × the kernels | mean loss of the first epoch | threads |",
        "| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |",
    ]
    lasted = [name for name in results[-1] if name != KERNELS]
    for name in sorted(lasted, key=lambda name: median(job(result[name]) for result in results)):
        lines.append(row(name, results))
    if KERNELS in results[-1]:
        lines += ["", kernels.sentence([result[KERNELS] for result in results])]
    if left_out:
        lines += ["", "Left out:", "", *(f"- {name}: {reason}" for name, reason in left_out.items())]
    return "\n".join(lines)


def job(result):
    """Seconds per epoch."""
    return mean(result["epochs_s"])


def first(result):
    return result["epochs_s"][0]


def row(name, results):
    of = [result[name] for result in results]
    jobs, firsts, times, each = [], [], [], "–"
    if TUNED in results[-1]:
        jobs, firsts = ([what(result[name]) / what(result[TUNED]) for result in results] for what in (job, first))
        each = ", ".join(f"{ratio:.2f}" for ratio in jobs)
    if KERNELS in results[-1]:
        times = [result[name]["step_us"] / result[KERNELS]["kernels_us"] for result in results]
    version = of[0].get("version") or (locked(*LOCKED[name]) if name in LOCKED else "")
    course = [median(result["epochs_s"][place] for result in of) for place in (0, -1)]
    return (
        f"| {name} | {version} | {median(map(job, of)):.2f} | {shown(jobs)} | {each} | {course[0]:.2f} to {course[1]:.2f} "
        f"| {shown(firsts)} | {median(result['step_us'] for result in of):,.0f} | {shown(times)} "
        f"| {of[0]['loss']:.4f} | {of[0]['threads']} |"
    )


def shown(ratios):
    return f"{median(ratios):.2f}" if ratios else "–"
