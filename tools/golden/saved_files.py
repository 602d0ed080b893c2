"""Files of `torch.save` for the tests of reading them."""

import collections
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
        torch.load(path, weights_only=True)
        print(f"{path.relative_to(ROOT)}: {path.stat().st_size / 1024:.0f} KiB")
    old = {"weight": torch.ones(2)}
    torch.save(old, FOLDER / "legacy.pt", _use_new_zipfile_serialization=False)
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


def allowed():
    """One of each kind of value that `torch.load(weights_only=True)` reads."""
    tagged = torch.ones(2)
    tagged.tag = "an attribute makes it an object"
    tagged_parameter = torch.nn.Parameter(torch.ones(2))
    tagged_parameter.tag = "likewise"
    small = [torch.complex32, torch.float8_e5m2, torch.float8_e4m3fn, torch.float8_e5m2fnuz, torch.float8_e4m3fnuz]
    other = [torch.uint16, torch.uint32, torch.uint64, torch.float8_e8m0fnu]
    return (
        {
            "weight": torch.ones(2),
            "counter": collections.Counter({3: 2, 7: 1}),
            "ordered": collections.OrderedDict(a=1, b=2),
            "bytes": b"ab\xff\x00",
            "bytearray": bytearray(b"xyz"),
            "set": {5},
            "empty set": set(),
            "complex": 1 - 2j,
            "dtype": torch.bfloat16,
            "dtype of no tensor": torch.uint4,
            "scheme": torch.per_tensor_affine,
            "layout": torch.strided,
            "size": torch.Size([2, 3]),
            "device": torch.device("cuda", 1),
            "tagged": tagged,
            "tagged parameter": tagged_parameter,
            "long": -(2**63),
            "longer": 2**64 - 1,
            "longest": 2**200,
            "surrogate": "\ud800",
            "class": torch.FloatStorage,
            "storage": torch.arange(3).untyped_storage(),
            "sparse": torch.eye(2).to_sparse(),
            "csr": torch.eye(2).to_sparse_csr(),
            "quantized": torch.quantize_per_tensor(torch.ones(2), 0.1, 0, torch.quint8),
            "meta": torch.zeros(2, device="meta"),
            "nested": torch.nested.nested_tensor([torch.ones(1), torch.ones(2)]),
        }
        | {str(kind): torch.tensor([1.0, -2.0, 0.5]).to(kind) for kind in small}
        | {str(kind): torch.tensor([1.0, 2.0, 0.5]).to(kind) for kind in other}
    )


def multistep():
    """A checkpoint with the state of a schedule that keeps a `Counter`."""
    network = torch.nn.Linear(3, 2)
    optimizer = torch.optim.SGD(network.parameters(), lr=0.1)
    schedule = torch.optim.lr_scheduler.MultiStepLR(optimizer, [3, 3, 7])
    return {"model": network.state_dict(), "scheduler": schedule.state_dict()}


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
        "allowed": allowed(),
        "multistep": multistep(),
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
