"""Make the sample data next to this script: python sample_data/make_sample_data.py

Two runs on one machine give the same bytes. On another machine or with another numpy a reading may
differ by one step of its converter, and gzip may pack the same text differently.
"""

import gzip
from pathlib import Path

import pandas as pd

from signalprep.datasets import simulate_phase_currents, simulate_pmsm


def write_cycles(log: pd.DataFrame, folder: Path, digits: int) -> None:
    """Write each cycle to a file of its own, named as the cycle; same log, same bytes."""
    folder.mkdir(parents=True, exist_ok=True)
    units = {"time": "s", **log.attrs["units"]}
    for name, cycle in log.groupby(level="cycle", sort=False):
        table = cycle.droplevel("cycle").reset_index()
        table.columns = pd.Index([f"{column} [{units[column]}]" for column in table.columns])
        text = table.to_csv(index=False, float_format=f"%.{digits}g", lineterminator="\n")
        packed = gzip.compress(text.encode("utf-8"), compresslevel=9, mtime=0)
        (folder / f"{name}.csv.gz").write_bytes(packed)


def main(folder: Path = Path(__file__).parent) -> None:
    """Write ``drive_cycles/`` and ``phase_currents/`` into the folder."""
    write_cycles(simulate_pmsm(24, rate=5.0, random_state=0), folder / "drive_cycles", 7)
    write_cycles(simulate_phase_currents(random_state=0), folder / "phase_currents", 6)


if __name__ == "__main__":
    main()
