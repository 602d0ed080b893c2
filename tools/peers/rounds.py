"""Runs contenders in turn, A B C A B C, so that what slows the machine down slows all of them."""

import json
import os
import platform
import subprocess
import sys
from pathlib import Path


def interleaved(count, contenders):
    """What each contender printed in each round: a list of dicts by name. A contender is a command whose last
    line is JSON."""
    rounds = []
    for number in range(count):
        results = {}
        for name, command in contenders.items():
            results[name] = run(name, command)
        rounds.append(results)
        print(f"round {number + 1} of {count}, load {os.getloadavg()[0]:.1f}", file=sys.stderr, flush=True)
    return rounds


def run(name, command):
    done = subprocess.run([str(word) for word in command], capture_output=True, text=True)
    if done.returncode != 0:
        sys.exit(f"{name} failed:\n{done.stderr}")
    return json.loads(done.stdout.splitlines()[-1])


def machine():
    return f"{processor()}, {os.cpu_count()} cores; load when it ended {os.getloadavg()[0]:.1f}"


def processor():
    try:
        for line in Path("/proc/cpuinfo").read_text().splitlines():
            if line.startswith("model name"):
                return line.split(":", 1)[1].strip()
    except OSError:
        pass
    return platform.processor() or platform.machine()
