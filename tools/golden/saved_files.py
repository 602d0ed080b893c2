"""Files of `torch.save` for the tests of reading them."""

import io
import tarfile
import tempfile
from pathlib import Path

import torch

from golden_file import ROOT

FOLDER = ROOT / "crates/torch/tests/golden"


def write():
    """Writes each file of `files` with `torch.save`."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name, value in files().items():
        path = FOLDER / f"{name}.pt"
        torch.save(value, path)
        print(f"{path.relative_to(ROOT)}: {path.stat().st_size / 1024:.0f} KiB")
    write_names(FOLDER / "names.tar.xz")


def write_names(path):
    """Writes an archive of files whose names have 1 to 80 characters, with one tensor, and of files with 1 to 70
    tensors. Where the entries of a zip file lie follows from both. The name inside of a file is its own, without
    the ending."""
    saved = {"a" * length: 1 for length in range(1, 81)} | {f"of{count}": count for count in range(1, 71)}
    with tempfile.TemporaryDirectory() as folder, tarfile.open(path, "w:xz") as archive:
        for name, count in saved.items():
            file = Path(folder) / f"{name}.pt"
            torch.save({f"w{index}": torch.full((2,), float(index)) for index in range(count)}, file)
            content = file.read_bytes()
            entry = tarfile.TarInfo(file.name)
            entry.size = len(content)
            archive.addfile(entry, io.BytesIO(content))
    print(f"{path.relative_to(ROOT)}: {len(saved)} files, {path.stat().st_size / 1024:.0f} KiB")


def lazy():
    """Views whose memory holds other values than they have, and those values."""
    base = torch.tensor([[1 + 2j, 3 - 4j], [-5 + 6j, 7j]])
    views = {
        "conj": base.conj(),
        # Of other memory, since a file has each memory with one kind of values.
        "neg": torch.tensor([1 + 2j, 3 - 4j]).conj().imag,
        "both": torch._neg_view(base.conj()),
        "row": base.conj()[1],
        "adjoint": base.mH,
        "expanded": base[0].conj().expand(3, 2),
    }
    values = {f"{name} values": view.clone().resolve_conj().resolve_neg() for name, view in views.items()}
    return {"base": base} | views | values


def files():
    """What the tests expect to read."""
    torch.manual_seed(0)
    network = torch.nn.Sequential(torch.nn.Linear(3, 4), torch.nn.ReLU(), torch.nn.Linear(4, 2))
    optimizer = torch.optim.Adam(network.parameters(), lr=3e-3)
    network(torch.ones(5, 3)).sum().backward()
    optimizer.step()
    base = torch.arange(12, dtype=torch.float32).reshape(3, 4)
    kinds = [
        torch.float32, torch.float64, torch.float16, torch.bfloat16, torch.int64, torch.int32, torch.int16,
        torch.int8, torch.uint8, torch.bool, torch.complex64, torch.complex128,
    ]  # fmt: skip
    return {
        "checkpoint": {"model": network.state_dict(), "optimizer": optimizer.state_dict(), "epoch": 3},
        "kinds": {str(kind): torch.tensor([[0, 1], [1, 0]]).to(kind) for kind in kinds},
        "views": {
            "base": base,
            "transposed": base.t(),
            "column": base[:, 1],
            "empty": torch.zeros(0, 5),
            "scalar": torch.tensor(2.5),
            "parameter": torch.nn.Parameter(torch.ones(2)),
        },
        "lazy": lazy(),
        "plain": {
            "none": None,
            "yes": True,
            "no": False,
            "small": 7,
            "medium": 40_000,
            "negative": -5,
            "large": 2**40,
            "float": 0.1,
            "infinite": float("-inf"),
            "text": "Strümpfe",
            "list": [1, [2.0, "three"], ()],
            "pair": (1, 2),
            "triple": (1, 2, 3),
            "quadruple": (1, 2, 3, 4),
            "size": torch.Size([3, 4]),
            "device": torch.device("cpu"),
            5: "a number for a key",
        },
    }
