"""Runs contenders in turn, A B C A B C, so that what slows the machine down slows all of them."""

import json
import os
import platform
import subprocess
import sys
from pathlib import Path


class Failed(Exception):
    """A contender that ended with an error."""


def interleaved(count, contenders, epochs=1):
    """What each contender gave in each round: a list of dicts by name. A contender is a command whose last line is
    JSON, or a function."""
    rounds = []
    for number in range(count):
        rounds.append({name: run(name, contender, epochs) for name, contender in contenders.items()})
        told(number, count)
    return rounds


def told(number, count):
    print(f"round {number + 1} of {count}, load {os.getloadavg()[0]:.1f}", file=sys.stderr, flush=True)


def run(name, contender, epochs=1):
    try:
        return contender() if callable(contender) else of_command(contender, epochs)
    except Failed as failed:
        sys.exit(f"{name} failed:\n{failed}")


def of_command(command, epochs=1):
    environment = os.environ | {"EPOCHS": str(epochs)}
    done = subprocess.run([str(word) for word in command], capture_output=True, text=True, env=environment)
    if done.returncode != 0:
        raise Failed(done.stderr.strip() or f"it ended with {done.returncode}")
    return json.loads(done.stdout.splitlines()[-1])


def machine():
    return f"{processor()}, {os.cpu_count()} cores; load when it ended {os.getloadavg()[0]:.1f}"


def processor():
    """Its name, and what tells generations with one name apart."""
    try:
        lines = [line.partition(":") for line in Path("/proc/cpuinfo").read_text().splitlines()]
    except OSError:
        lines = []
    told = {key.strip(): value.strip() for key, _, value in reversed(lines)}
    name = told.get("model name") or platform.processor() or platform.machine()
    return f"{name} (family {told['cpu family']}, model {told['model']})" if "cpu family" in told else name
