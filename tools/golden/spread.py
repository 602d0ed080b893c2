"""How far PyTorch's own results lie apart on processors with other instructions.

    python tools/golden/spread.py [KIND ...]

Writes the golden files again in a temporary folder, once for each set of instructions that this machine has, and compares
them with the committed ones, case by case where the inputs are the same. On a processor of another maker a preloaded
library makes MKL take its path for Intel, whose sums have another order. The worst of each unit goes into
crates/golden/src/spread.json, where it is more than what is there; the tolerances of the tests follow from it.
"""

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import safetensors
import safetensors.torch
import torch

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
KEPT = ROOT / "crates/golden/src/spread.json"

# Less than a quarter of the tolerance that every unit has needs no entry.
LEAST = {"float32": 2.5e-6, "float64": 2.5e-13}

# The roles of tensors that a unit is given. Without vector instructions the generators round them differently.
GIVEN = {"input", "upstream", "initial", "mask", "argument", "parameter", "cotangent", "before", "batch"}


def variants(folder):
    """The variables of each set of instructions, by name."""
    library = folder / "intel.so"
    source = ROOT / "tools/processors/intel.c"
    subprocess.run(["cc", "-O1", "-shared", "-fPIC", source, "-o", library], check=True)
    intel = {"LD_PRELOAD": str(library)}
    avx2 = {"ATEN_CPU_CAPABILITY": "avx2", "ONEDNN_MAX_CPU_ISA": "AVX2"}
    none = {"ATEN_CPU_CAPABILITY": "default", "ONEDNN_MAX_CPU_ISA": "SSE41"}
    return {
        "as it is": {},
        "MKL for Intel": intel,
        "avx2": avx2,
        "avx2, MKL for Intel": avx2 | intel | {"MKL_ENABLE_INSTRUCTIONS": "AVX2"},
        "no vectors": none,
        "no vectors, MKL for Intel": none | intel | {"MKL_ENABLE_INSTRUCTIONS": "SSE4_2"},
    }


def distance(found, expected):
    """As `assert_close` measures it: against the larger of the value and the mean magnitude of the tensor."""
    if found.shape != expected.shape or not expected.isfinite().any():
        return 0.0
    found, expected = found.double(), expected.double()
    finite = expected.isfinite()
    scale = expected.abs().clamp(min=expected[finite].abs().mean().item())
    difference = (found - expected).abs()
    return torch.where(difference == 0, 0.0, difference / scale)[finite].max().item()


def compare(name, committed, written, spread):
    with safetensors.safe_open(committed, "pt") as file:
        cases = json.loads((file.metadata() or {}).get("cases", "[]"))
    units = {case["name"]: case["unit"] for case in cases}
    if not units:
        return
    expected, found = (safetensors.torch.load_file(file) for file in (committed, written))
    parts = {key: key.rsplit("/", 1) for key in expected.keys() & found.keys()}
    others = {
        case
        for key, (case, role) in parts.items()
        if (role.split(".")[0] in GIVEN or units[case] == "inputs") and not expected[key].equal(found[key])
    }
    if any(units[case] == "inputs" for case in others):
        return
    for key, (case, role) in parts.items():
        dtype = str(expected[key].dtype).removeprefix("torch.")
        if case not in others and dtype in LEAST and expected[key].numel() > 0:
            worst, place = distance(found[key], expected[key]), (committed.stem, units[case], dtype)
            if worst > spread.get(place, (0.0, ""))[0]:
                spread[place] = (worst, f"{key}, {name}")


def main():
    spread = {}
    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder)
        for number, (name, variables) in enumerate(variants(folder).items()):
            root = folder / str(number)
            for tests in ROOT.glob("crates/*/tests/golden"):
                (root / tests.relative_to(ROOT)).mkdir(parents=True)
            environment = os.environ | variables | {"SELVEDGE_GOLDEN_ROOT": str(root)}
            subprocess.run([sys.executable, HERE, *sys.argv[1:]], env=environment, check=True)
            for path in sorted(root.rglob("*.safetensors")):
                compare(name, ROOT / path.relative_to(root), path, spread)
    kept = json.loads(KEPT.read_text()) if KEPT.exists() else {}
    for (kind, unit, dtype), (worst, where) in sorted(spread.items()):
        print(f"{kind} {unit} {dtype}: {worst:.1e} ({where})")
        if worst > max(LEAST[dtype], kept.get(kind, {}).get(unit, {}).get(dtype, 0.0)):
            kept.setdefault(kind, {}).setdefault(unit, {})[dtype] = float(f"{worst:.1e}")
    KEPT.write_text(json.dumps(kept, indent=2, sort_keys=True) + "\n")


if __name__ == "__main__":
    main()
