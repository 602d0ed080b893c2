"""Prints the tables of docs/parity.md.

    python tools/parity/table.py pytorch.jsonl RUN...

`pytorch.jsonl` is what chapter.py printed; each RUN is a run folder of `cargo xtask train` with another seed.
"""

import json
import sys
from pathlib import Path


def rows(lines):
    return [json.loads(line) for line in lines if line.strip()]


def spread(values, digits, scale=1.0):
    values = [scale * value for value in values]
    mean = sum(values) / len(values)
    return f"{min(values):.{digits}f} – {max(values):.{digits}f}", mean, (min(values), max(values))


def main():
    pytorch = rows(Path(sys.argv[1]).read_text().splitlines())
    ours = []
    for run in map(Path, sys.argv[2:]):
        for row in rows((run / "metrics.jsonl").read_text().splitlines()):
            ours.append({"epoch": row["epoch"], "loss": row["train_loss"], "accuracy": row["test_accuracy"]})
    for title, key, digits, scale in [("Training loss", "loss", 4, 1.0), ("Test accuracy, %", "accuracy", 2, 100.0)]:
        print(f"| epoch | PyTorch, {title.lower()} | mean | Selvedge, mean | within | Selvedge, spread |")
        print("| --- | --- | --- | --- | --- | --- |")
        for epoch in sorted({row["epoch"] for row in pytorch}):
            of = lambda source: [row[key] for row in source if row["epoch"] == epoch]
            span, mean, (low, high) = spread(of(pytorch), digits, scale)
            our_span, our_mean, _ = spread(of(ours), digits, scale)
            within = "yes" if low <= our_mean <= high else "no"
            print(f"| {epoch} | {span} | {mean:.{digits}f} | {our_mean:.{digits}f} | {within} | {our_span} |")
        print()


if __name__ == "__main__":
    main()
