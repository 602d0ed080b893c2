"""The versions that lock files name."""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def locked(lock, package):
    text = (ROOT / lock).read_text(encoding="utf-8")
    found = re.search(f'name = "{package}"\nversion = "(.*)"', text)
    return f"{package} {found[1]}" if found else package
