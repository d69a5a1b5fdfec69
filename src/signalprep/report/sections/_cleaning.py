"""What filters touched, and which target samples were left out, by channel and by cell."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from signalprep.metrics import main_metric
from signalprep.report._json_tables import records
from signalprep.report._tables import (
    Column,
    address_columns,
    as_table,
    count_column,
    number_column,
    text_column,
    value_text,
)
from signalprep.report.sections._section import Found, Section
from signalprep.results import Cleaning, Validation
from signalprep.wording import decimals_for, format_count, format_number, with_unit

MOST_ROWS = 20


def _facts(found: Found) -> dict[str, Any]:
    """Tables by channel and by cell, and a number for the head."""
    validation = found.validation
    cleaning = _cleaning(validation)
    facts: dict[str, Any] = {"touched": None, "touched_cells": None, "omitted": None, "cards": []}
    if len(cleaning.touched):
        facts["n_touched"] = format_count(cleaning.touched["n"].sum(), "sample", "samples")
        facts["touched"] = as_table([*_keys(cleaning.touched.index), *_counts(cleaning.touched)])
    cells = cleaning.touched_by_regime
    if cells is not None and len(cells):
        most = cells.sort_values("n", ascending=False, kind="stable").iloc[:MOST_ROWS]
        address = address_columns(_cells(most.index), validation.units)
        facts["touched_cells"] = as_table([*address, *_keys(most.index), *_counts(most)])
        facts["n_cells"], facts["n_shown"] = len(cells), len(most)
    if cleaning.omitted is not None:
        facts |= _omitted(validation, cleaning)
    return facts


def omitted_words(validation: Validation) -> tuple[str, str] | None:
    """How many rows were left out, and what of them; None where none was."""
    told = None if validation.cleaning is None else validation.cleaning.omitted
    if told is None:
        return None
    metric = main_metric(validation.task)
    within = value_text(metric, float(told[f"{metric.name}_all"]), validation.error_unit)
    text = (
        f"left out of fits and scores ({_share(told)}), as their target is not to be believed; "
        f"with them the {metric.short_title} is {within}"
    )
    return format_count(told["n"], "row", "rows"), text


def _share(told: pd.Series) -> str:
    return with_unit(format_number(100.0 * float(told["share"])), "%")


def _omitted(validation: Validation, cleaning: Cleaning) -> dict[str, Any]:
    """The target samples left out, over all and by cell."""
    told, table = cleaning.omitted, cleaning.omitted_by_regime
    assert told is not None
    metric, unit = main_metric(validation.task), validation.error_unit
    suffix = metric.unit_text(unit)
    without, within = (
        value_text(metric, float(told[f"{metric.name}{end}"]), unit) for end in ("", "_all")
    )
    words = omitted_words(validation)
    assert words is not None
    rows, text = words
    found: dict[str, Any] = {
        "omitted": {"rows": rows, "share": _share(told), "metric": metric.short_title},
        "cards": [{"value": rows, "text": text, "warn": False}],
    }
    found["omitted"] |= {"without": without, "with": within, "table": None}
    if table is not None:
        seen = table[(table["n"] > 0).to_numpy()].iloc[:MOST_ROWS]
        head = f"{metric.short_title} [{suffix}]" if suffix else metric.short_title
        values = [
            number_column(title, seen[f"{metric.name}{end}"] * metric.factor)
            for title, end in ((head, ""), (f"{head} with them", "_all"))
        ]
        address = address_columns(seen.index, validation.units)
        found["omitted"]["table"] = as_table([*address, *_counts(seen), *values])
    return found


def _cells(index: pd.Index) -> pd.MultiIndex:
    """The levels before filter and channel."""
    levels = [index.get_level_values(k) for k in range(index.nlevels - 2)]
    return pd.MultiIndex.from_arrays(levels, names=index.names[:-2])


def _keys(index: pd.Index) -> list[Column]:
    """Filter and channel."""
    return [
        text_column(title, index.get_level_values(k))
        for title, k in (("filter", -2), ("channel", -1))
    ]


def _counts(table: pd.DataFrame) -> list[Column]:
    """Samples and their share."""
    shares = [100.0 * float(share) for share in table["share"]]
    decimals = decimals_for(shares)
    return [
        count_column("samples", table["n"]),
        Column("share [%]", [format_number(share, decimals) for share in shares]),
    ]


def _cleaning(validation: Validation) -> Cleaning:
    assert validation.cleaning is not None
    return validation.cleaning


def _content(found: Found) -> dict[str, Any]:
    cleaning = _cleaning(found.validation)
    omitted = cleaning.omitted
    over_all = [] if omitted is None else _entries(omitted.to_frame().T)
    return {
        "cleaning": {
            "touched": _entries(cleaning.touched, ["step", "channel"]),
            "touched_by_regime": _by_cell(cleaning.touched_by_regime, ["step", "channel"]),
            "omitted": over_all[0] if over_all else None,
            "omitted_by_regime": _by_cell(cleaning.omitted_by_regime),
        }
    }


def _by_cell(table: pd.DataFrame | None, keys: Sequence[str] = ()) -> list[dict[str, Any]] | None:
    """One object a row, with its cell as ``regime``."""
    if table is None:
        return None
    names = [str(name) for name in table.index.names]
    n = len(names) - len(keys)
    entries: list[dict[str, Any]] = []
    for key, entry in zip(table.index, _entries(table, keys), strict=True):
        labels = [str(label) for label in (key if isinstance(key, tuple) else (key,))]
        entries.append({"regime": dict(zip(names[:n], labels[:n], strict=True)), **entry})
    return entries


def _entries(table: pd.DataFrame, keys: Sequence[str] = ()) -> list[dict[str, Any]]:
    """One object a row, after the last levels of its index under these keys."""
    table = table.astype({"n": np.int64})
    levels = [table.index.get_level_values(k - len(keys)).map(str) for k in range(len(keys))]
    addresses = [dict(zip(keys, names, strict=True)) for names in zip(*levels, strict=True)]
    rows = records(table)
    return [a | row for a, row in zip(addresses or [{}] * len(rows), rows, strict=True)]


SECTION = Section(
    "cleaning",
    "details",
    _facts,
    _content,
    applies=lambda found: found.validation.cleaning is not None,
)
