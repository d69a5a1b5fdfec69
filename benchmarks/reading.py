"""Reading text tables against pandas: the same file, all of `read_log`'s checks included.

A table of 1e6 rows and 6 columns: plain CSV, semicolons with decimal commas, ISO stamps. The peer
reads the file and nothing more (separator, decimal mark and column of dates are told to it);
`read_log` finds these out, checks rows, time and rate, and makes a log. Median over rounds in which
every contender runs once; "times pandas" is what a log costs more than a frame.

    python benchmarks/reading.py            1e6 rows
    python benchmarks/reading.py --quick    2e5 rows: to try
    python benchmarks/reading.py --slow     the reader that is used where pyarrow is not installed
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from round_robin import median_times

import signalprep as sp
from signalprep.io.formats import _fast_table

LINE = "{:<34} {:>10} {:>10} {:>13} {:>8}"
ALLOWED = {"plain": 2.0, "semicolons, decimal commas": 1.5, "ISO stamps": 2.5}


def write(folder: Path, n_rows: int) -> dict[str, tuple[Path, dict[str, Any]]]:
    """The files, and what pandas must be told of each."""
    rng = np.random.default_rng(0)
    table = pd.DataFrame({f"c{k}": np.round(100.0 * rng.normal(size=n_rows), 3) for k in range(5)})
    table.insert(0, "time", np.round(np.arange(n_rows) / 1000.0, 3))
    table.to_csv(folder / "plain.csv", index=False)
    table.to_csv(folder / "commas.csv", index=False, sep=";", decimal=",")
    stamps = pd.Timestamp("2024-05-01") + pd.to_timedelta(np.arange(n_rows), unit="ms")
    table["time"] = stamps.strftime("%Y-%m-%dT%H:%M:%S.%f")
    table.to_csv(folder / "iso.csv", index=False)
    return {
        "plain": (folder / "plain.csv", {}),
        "semicolons, decimal commas": (folder / "commas.csv", {"sep": ";", "decimal": ","}),
        "ISO stamps": (folder / "iso.csv", {"parse_dates": ["time"]}),
    }


def contenders(path: Path, told: dict[str, Any]) -> dict[str, Callable[[], Any]]:
    return {
        "pandas": lambda: pd.read_csv(path, **told),
        "signalprep": lambda: sp.read_log(path),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="a fifth of the rows")
    parser.add_argument("--slow", action="store_true", help="as without pyarrow")
    parser.add_argument("--rounds", type=int, default=7)
    options = parser.parse_args()
    if options.slow:
        _fast_table.SMALL = 1 << 62
    print(LINE.format("file", "pandas ms", "ours ms", "times pandas", "allowed"))
    with tempfile.TemporaryDirectory() as folder:
        files = write(Path(folder), 200_000 if options.quick else 1_000_000)
        for name, (path, told) in files.items():
            runs = contenders(path, told)
            for run in runs.values():
                run()
            times = median_times(runs, options.rounds)
            ratio = times["signalprep"] / times["pandas"]
            print(
                LINE.format(
                    name,
                    f"{times['pandas']:.0f}",
                    f"{times['signalprep']:.0f}",
                    f"{ratio:.2f}",
                    f"{ALLOWED[name]:.1f}",
                ),
                flush=True,
            )


if __name__ == "__main__":
    main()
