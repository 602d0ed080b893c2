"""Which of the Pythons that were given has what a contender needs."""

import subprocess

LACKING = "import importlib.util, sys; print(*(name for name in sys.argv[1:] if importlib.util.find_spec(name) is None))"


class Missing(Exception):
    """No Python has the modules."""


def first_with(pythons, *modules):
    """The first that has them all."""
    reasons = []
    for python in pythons:
        lacking = lacks(python, modules)
        if not lacking:
            return python
        reasons.append(f"{python} {lacking}")
    raise Missing("; ".join(reasons))


def lacks(python, modules):
    try:
        done = subprocess.run([str(python), "-c", LACKING, *modules], capture_output=True, text=True)
    except OSError as error:
        return f"does not start: {error.strerror}"
    if done.returncode != 0:
        return f"ended with {done.returncode}"
    return done.stdout.strip() and f"has no {', '.join(done.stdout.split())}"
