"""Where Fashion-MNIST is, unpacked the way torchvision wants it."""

import gzip
import os
import shutil
import sys
from pathlib import Path

FILES = [
    "train-images-idx3-ubyte",
    "train-labels-idx1-ubyte",
    "t10k-images-idx3-ubyte",
    "t10k-labels-idx1-ubyte",
]


def places():
    """The folders that Selvedge looks in, too."""
    home = Path(os.environ.get("SELVEDGE_CACHE_DIR") or Path.home() / ".cache/selvedge")
    return [home / "data/fashion-mnist", Path("/usr/share/datasets/fashion-mnist")]


def unpack(folder, target):
    """Writes `FashionMNIST/raw/*-ubyte` below `target`, from the packed or unpacked files of a folder."""
    candidates = [folder] if folder else places()
    for place in candidates:
        sources = [source(place, name) for name in FILES]
        if all(sources):
            break
    else:
        sys.exit(f"no Fashion-MNIST in {', '.join(map(str, candidates))}; `cargo xtask setup` fetches it")
    raw = target / "FashionMNIST/raw"
    raw.mkdir(parents=True)
    for name, path in zip(FILES, sources):
        opened = gzip.open(path) if path.suffix == ".gz" else path.open("rb")
        with opened as packed, (raw / name).open("wb") as unpacked:
            shutil.copyfileobj(packed, unpacked)
    return target


def source(place, name):
    return next((path for path in (place / name, place / f"{name}.gz") if path.is_file()), None)
