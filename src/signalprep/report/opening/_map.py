"""Where the model is worst, and where nobody knows."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

import numpy as np
import pandas as pd

from signalprep.metrics import TaskName, main_metric
from signalprep.report._tables import value_text
from signalprep.report.opening._sentence import Sentence, sentence
from signalprep.results import worst_first
from signalprep.wording import WEAK, format_count, format_interval, format_number, place_text

if TYPE_CHECKING:
    from signalprep.report.sections import Found
    from signalprep.results import ClassificationValidation, Validation

__all__ = ["unknown", "worst", "worst_class"]

UNSAID = "where it is worst cannot be said"


def worst(found: Found) -> list[Sentence]:
    """The worst of the cells whose value says something."""
    validation = found.validation
    table, metric = validation.by_regime, main_metric(validation.task)
    if table is None:
        return [sentence(f"{UNSAID}: this validation was made without operating regimes")]
    seen = worst_first(table[table["evidence"]], metric)
    n_known = len(seen) - int(metric.weak_in(seen).sum())
    if not len(seen):
        return [sentence(f"{UNSAID}: no cell was seen by {validation.least_seen} or more")]
    if not n_known:
        cells = format_count(len(seen), "cell with evidence is", "cells with evidence are")
        return [sentence(f"{UNSAID}: {cells} {WEAK}")]
    lead = "it is worst at"
    if n_known < len(table):
        cells = format_count(n_known, "cell", "cells")
        lead = f"of the {cells} of {len(table):,} where that is known well enough, {lead}"
    place = place_text(table.index.names, seen.index[0], validation.units)
    return [sentence(f"{lead} {place}: {_cell(validation, seen.iloc[0])}")]


def _cell(validation: Validation, cell: pd.Series) -> str:
    """Value, interval and evidence of a cell."""
    metric = main_metric(validation.task)
    unit = validation.error_unit
    value, low, high = (float(cell[f"{metric.name}{end}"]) for end in ("", "_low", "_high"))
    interval = format_interval(low, high, 3 if metric.unit == "none" else None)
    said = f"{metric.short_title} {value_text(metric, value, unit)}"
    cycles = format_count(cell["n_cycles"], "cycle", "cycles")
    return f"{said}{f' ({interval})' if interval else ''}, seen by {cycles}"


def worst_class(found: Found) -> list[Sentence]:
    """The class that is found least, of those that enough cycles hold."""
    validation = found.validation
    if validation.task is not TaskName.CLASSIFICATION:
        return []
    validation = cast("ClassificationValidation", validation)
    table = validation.by_class[_held_by(validation) >= validation.min_cycles]
    table = table[table["recall"].notna()].sort_values("recall", kind="stable")
    if len(table) < 2 or table["recall"].nunique() == 1:
        return []
    one = "decision" if validation.decided else "row"
    rows = format_count(table["n"].iloc[0], one, f"{one}s")
    share = format_number(float(table["recall"].iloc[0]), 3)
    return [sentence(f"the class that is found least is {table.index[0]}: recall {share} ({rows})")]


def _held_by(validation: ClassificationValidation) -> np.ndarray:
    """How many cycles, or groups of them, hold each class."""
    cycle = validation.predictions.index.get_level_values("cycle")
    drawn = pd.Series(
        cycle if validation.groups is None else validation.groups.reindex(cycle).to_numpy()
    )
    held = drawn.groupby(validation.predictions["truth"].to_numpy()).nunique()
    return held.reindex(validation.classes, fill_value=0).to_numpy()


def unknown(found: Found) -> list[Sentence]:
    """How many cells have no evidence, and how many of the others are weak."""
    validation, table = found.validation, found.validation.by_regime
    if table is None:
        return []
    known = table["evidence"].to_numpy(dtype=bool)
    visited = (table["n"] > 0).to_numpy()
    weak = int(main_metric(validation.task).weak_in(table[known]).sum())
    never, few = int((~visited).sum()), int((visited & ~known).sum())
    told = [f"every cell of the operating map has evidence ({validation.least_seen} or more)"]
    if never or few:
        cells = format_count(len(table), "cell", "cells")
        lacks = {"never visited": never, f"seen by fewer than {validation.least_seen}": few}
        said = [f"{n:,} {why}" for why, n in lacks.items() if n]
        told = [
            f"nobody knows how well it does in {never + few:,} of {cells} of the operating map: "
            f"{', '.join(said) if len(said) > 1 else said[0].partition(' ')[2]}"
        ]
    if 0 < weak < known.sum():
        told.append(f"of those with evidence {format_count(weak, 'is', 'are')} {WEAK}")
    return [sentence(words) for words in told]
