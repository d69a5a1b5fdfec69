"""What a verdict says of each cell of the map."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from signalprep.metrics import METRICS

if TYPE_CHECKING:
    from signalprep.results import Verdict

MARKS = {"fail": "fail", "underpowered": "open"}
WORDS = {
    "fail": "fails the limit of {}",
    "underpowered": "cannot tell yet about {}",
    "pass": "keeps the limit of {}",
}


def cell_marks(verdict: Verdict | None, n_cells: int) -> tuple[list[str], list[str]]:
    """For each cell of the map its mark ("fail", "open" or none) and what the verdict says."""
    if verdict is None or verdict.by_regime is None or verdict.by_cell is None:
        return [""] * n_cells, [""] * n_cells
    marks = [MARKS.get(str(status), "") for status in verdict.by_cell]
    judged = verdict.by_regime
    place = {cell: k for k, cell in enumerate(verdict.by_cell.index)}
    said: list[dict[str, list[str]]] = [{} for _ in range(n_cells)]
    for key, status in zip(judged.index, judged["status"], strict=True):
        cell = key[:-1] if len(key) > 2 else key[0]
        if status in WORDS:
            said[place[cell]].setdefault(str(status), []).append(METRICS[key[-1]].short_title)
    lines = [
        "; ".join(
            WORDS[status].format(" and ".join(each[status])) for status in WORDS if status in each
        )
        for each in said
    ]
    return marks, lines


def cell_statuses(verdict: Verdict) -> list[str]:
    """For each cell of the map its status, with the metrics that fail."""
    if verdict.by_regime is None or verdict.by_cell is None:
        return []
    failed: dict[Any, list[str]] = {}
    judged = verdict.by_regime["status"]
    for key in judged.index[(judged == "fail").to_numpy()]:
        cell = key[:-1] if len(key) > 2 else key[0]
        failed.setdefault(cell, []).append(METRICS[key[-1]].short_title)
    words = ["–" if pd.isna(status) else str(status) for status in verdict.by_cell]
    return [
        f"fail ({', '.join(failed[cell])})" if cell in failed else word
        for cell, word in zip(verdict.by_cell.index, words, strict=True)
    ]
