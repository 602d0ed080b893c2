"""The tables in docs/performance.md that a command writes: each lies between two markers."""

from pathlib import Path

PAGE = Path(__file__).resolve().parents[2] / "docs/performance.md"


def write(name, text, page):
    """Replaces what lies between the markers of this name; the rest of the page stays as it is."""
    start, end = f"<!-- {name} -->", f"<!-- end of {name} -->"
    old = page.read_text(encoding="utf-8")
    if old.count(start) != 1 or old.count(end) != 1 or old.index(start) > old.index(end):
        raise SystemExit(f"{page} has to have one line {start!r} and after it one line {end!r}")
    before, rest = old.split(start)
    after = rest.split(end)[1]
    page.write_text(f"{before}{start}\n\n{text}\n\n{end}{after}", encoding="utf-8")
