"""Drives and rows that come again on the other side of a fold: copies, repeats, means of drives."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd

from signalprep.leaks._finding import Finding
from signalprep.leaks._hand_in_hand import hand_in_hand
from signalprep.leaks._mixed_cycles import mixed_cycles
from signalprep.leaks._repeated_rows import repeated_row_findings
from signalprep.log import cycles, shown
from signalprep.model_selection import group_near_duplicates, listed
from signalprep.trial import Case


def duplicate_findings(case: Case) -> Iterator[Finding]:
    """Copies of drives or rows, and drives on one course, on both sides of a fold."""
    if not any(pd.api.types.is_numeric_dtype(dtype) for dtype in case.X.dtypes):
        return
    channels = case.X.select_dtypes("number")
    channels = channels.set_axis(range(channels.shape[1]), axis=1)
    found = group_near_duplicates(channels.assign(target=case.numbers()))
    if len(found.unjudged):
        yield Finding(
            "note",
            "not_probed",
            "cv",
            "",
            float(len(found.unjudged)),
            "cycles",
            f"In {listed(found.unjudged)} too little moves, or for too short a time, to tell "
            "whether they are copies of others.",
        )
    place = {cycle: k for k, cycle in enumerate(cycles(case.X))}
    apart = parted_cycles(case)
    copies = False
    for same in ("drive", "course"):
        parted: list[dict[Any, Any]] = [
            pair
            for pair in found.pairs[found.pairs["same"].eq(same)].to_dict("records")
            if apart[place[pair["cycle"]], place[pair["other"]]]
        ]
        if parted:
            copies |= same == "drive"
            yield _of_pairs(parted, same)
    if not copies:
        yield from repeated_row_findings(case)
        yield from _of_rows_beside(case, apart)
        yield from _of_mixed(case, apart)


def _of_pairs(parted: list[dict[Any, Any]], same: str) -> Finding:
    first = parted[0]
    similarity, lag = float(first["similarity"]), float(first["lag"])
    also = f"; {len(parted)} such pairs" if len(parted) > 1 else ""
    are = "are the same drive" if same == "drive" else "follow the same course or programme"
    return Finding(
        "leak" if same == "drive" else "warning",
        "duplicate_cycles" if same == "drive" else "same_course",
        "cv",
        "",
        similarity,
        "similarity",
        f"Cycles {shown(first['cycle'])} and {shown(first['other'])} {are} "
        f"(similarity {similarity:.4f}, {lag:g} s apart) and lie on both sides of a fold{also}."
        + ("" if same == "drive" else " The error is that on a course which training knows."),
    )


def _of_rows_beside(case: Case, apart: np.ndarray) -> Iterator[Finding]:
    """Rows of one recording dealt out, or copies too short to be told by likeness."""
    pairs = hand_in_hand(case, apart)
    if not pairs:
        return
    ids, (a, b, n) = cycles(case.X), pairs[0]
    also = f"; {len(pairs)} such pairs" if len(pairs) > 1 else ""
    yield Finding(
        "leak",
        "duplicate_cycles",
        "cv",
        "",
        float(len(pairs)),
        "pairs",
        f"Each row of cycle {shown(ids[b])} lies beside a row of cycle {shown(ids[a])}, no farther "
        f"than the next row does, in all of {n} channels: rows of one recording dealt out, or a "
        f"copy. They lie on both sides of a fold{also}.",
    )


def _of_mixed(case: Case, apart: np.ndarray) -> Iterator[Finding]:
    """Cycles that are weighted means of two others."""
    mixed = mixed_cycles(case, apart)
    if mixed:
        ids = cycles(case.X)
        cycle, one, other = (shown(ids[k]) for k in mixed[0])
        also = f"; {len(mixed)} such cycles" if len(mixed) > 1 else ""
        yield Finding(
            "leak",
            "duplicate_cycles",
            "cv",
            "",
            float(len(mixed)),
            "cycles",
            f"Cycle {cycle} is a mean of cycles {one} and {other}, row by row and in all "
            f"channels, and does not lie with both on one side of a fold{also}.",
        )


def parted_cycles(case: Case) -> np.ndarray:
    """Pairs of cycles of which some fold trains on one and tests the other."""
    cycle_of_row = case.cycle_of_row()
    n = int(cycle_of_row[-1]) + 1
    apart = np.zeros((n, n), dtype=bool)
    for train, test in case.whole:
        a, b = np.unique(cycle_of_row[train]), np.unique(cycle_of_row[test])
        apart[np.ix_(a, b)] = True
        apart[np.ix_(b, a)] = True
    return apart
