"""Hold every promise of the statistics against simulations, and write the page of the docs.

python benchmarks/simulations            about fifteen minutes; writes docs/statistics.rst
python benchmarks/simulations --quick    a fifth of the data sets; writes nothing
"""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path

import bands
import differences
import error_intervals
import fitted_models
import next_tests
import pandas as pd
import score_intervals

PARTS = (error_intervals, score_intervals, differences, fitted_models, bands, next_tests)
PAGE = Path(__file__).parents[2] / "docs" / "statistics.rst"
WORDS = Path(__file__).parent / "page.rst"


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--quick", action="store_true")
    quick = parser.parse_args().quick
    tables: dict[str, pd.DataFrame] = {}
    wrong: list[str] = []
    for part in PARTS:
        start = time.perf_counter()
        found = part.run(quick)
        tables |= found
        wrong += part.check(found)
        print(f"{part.__name__}: {time.perf_counter() - start:.0f} s", flush=True)
        for name, table in found.items():
            print(name, table.to_string(), sep="\n", end="\n\n", flush=True)
    if not quick:
        PAGE.write_text(page(tables), encoding="utf-8")
    print("\n".join(wrong) or "everything is as promised")
    return 1 if wrong else 0


def page(tables: dict[str, pd.DataFrame]) -> str:
    """The words of the page with each ``{{ name }}`` replaced by its table."""
    text = WORDS.read_text(encoding="utf-8")
    for name, table in tables.items():
        text = text.replace("{{ " + name + " }}", grid(table))
    return text


def grid(table: pd.DataFrame) -> str:
    """A table as the docs write it."""
    flat = table.reset_index()
    flat.columns = [
        " ".join(str(part) for part in name if part != "").strip()
        if isinstance(name, tuple)
        else str(name)
        for name in flat.columns
    ]
    head = list(flat.columns)
    rows = [[str(value) for value in row] for row in flat.to_numpy(dtype=object)]
    last = [""] * len(head)
    for row in rows:  # a label that the row above has is left out
        for k in range(table.index.nlevels - 1):
            shown = row[k]
            row[k] = "\\" if row[: k + 1] == last[: k + 1] or shown == last[k] else shown
            last[k] = shown
    widths = [max(len(cell) for cell in column) for column in zip(head, *rows, strict=True)]
    rule = "  ".join("=" * width for width in widths)
    lines = [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in (head, *rows)
    ]
    return "\n".join([rule, lines[0], rule, *lines[1:], rule])


if __name__ == "__main__":
    sys.exit(main())
