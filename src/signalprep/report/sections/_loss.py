"""What quantization costs: errors of the reference and of the quantized model, side by side."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from signalprep.metrics import METRICS, WEIGHTS
from signalprep.report._json_tables import cells, plain, records
from signalprep.report._loss_map import loss_map_facts
from signalprep.report._tables import (
    Column,
    address_columns,
    as_table,
    confidence_text,
    count_column,
    seen_columns,
    text_column,
)
from signalprep.report._verdict_marks import cell_statuses
from signalprep.report.sections._section import Found, Section, Study
from signalprep.report.sections._verdict import judged_cells, limits_content
from signalprep.wording import format_count, format_number, interval_text, with_unit

if TYPE_CHECKING:
    from signalprep.results import RegimeLoss

MOST_ROWS = 10
"""Of the tables of cells and of what saturates."""


def _facts(found: Found) -> dict[str, Any]:
    """Sentence, verdict, map and tables."""
    loss: RegimeLoss = found.studies["loss"]
    worst, verdict = loss.worst(), loss.verdict
    where = loss.saturation if loss.saturation_by_regime is None else loss.saturation_by_regime
    return {
        "cards": [_card(loss)],
        "headline": _headline(loss),
        "answer": "" if verdict is None else loss.answer,
        "sentence": loss.sentence,
        "limits": [] if verdict is None else [verdict.limit_text(name) for name in verdict.limits],
        "confidence": confidence_text(loss.quantized),
        "resampled": loss.quantized.resampled,
        "min_cycles": loss.quantized.least_seen,
        "weighed": WEIGHTS[loss.quantized.weight],
        "maps": loss_map_facts(loss),
        "overall": _overall(loss),
        "metric": METRICS[loss.main_metric].short_title,
        "worst": None if loss.by_regime is None else _worst(loss, worst.iloc[:MOST_ROWS]),
        "n_worst": min(len(worst), MOST_ROWS),
        "n_weak": int(worst["weak"].sum()),
        "n_sparse": 0 if loss.by_regime is None else int((~loss.table()["evidence"]).sum()),
        "known": where is not None,
        "saturated": None if where is None or not len(where) else _saturated(loss, where),
        "n_places": 0 if where is None else len(where),
        "n_shown": MOST_ROWS,
        "trained_on": format_count(len(loss.trained_on), "cycle was", "cycles were")
        if len(loss.trained_on)
        else "",
    }


def _main(loss: RegimeLoss) -> tuple[pd.Series, str]:
    """The main metric over all rows as text, and its unit."""
    text = loss.comparison.as_text(loss.comparison.overall.to_frame().T, loss.main_metric).iloc[0]
    return text, METRICS[loss.main_metric].unit_text(loss.error_unit)


def _card(loss: RegimeLoss) -> dict[str, Any]:
    text, unit = _main(loss)
    name = METRICS[loss.main_metric].short_title
    said = f"{name} of the quantized model minus that of its reference"
    judged = "" if loss.verdict is None else f"; limits: {loss.answer}"
    value = with_unit(str(text["difference"]), unit)
    return {"value": value, "text": said + judged, "warn": loss.answer == "fail"}


def _headline(loss: RegimeLoss) -> str:
    text, unit = _main(loss)
    row = loss.overall.to_dict("index")[loss.main_metric]
    between = with_unit(format_number(float(row["between"])), unit)
    known = not pd.isna(row["low"])
    interval = f", interval {with_unit(_ends(text), unit)}" if known else ""
    cycles = format_count(row["n_cycles"], "cycle", "cycles")
    return (
        f"Over {cycles} the quantized model has {METRICS[loss.main_metric].short_title} "
        f"{with_unit(str(text['a']), unit)}, its reference {with_unit(str(text['b']), unit)}: "
        f"{with_unit(str(text['difference']), unit)}{interval} ({row['outcome']}). "
        f"One against the other it is {between}."
    )


def _ends(text: pd.Series) -> str:
    return f"{text['low']} to {text['high']}"


def _overall(loss: RegimeLoss) -> dict[str, Any]:
    """One row a metric that has an interval."""
    names = [str(name) for name in loss.overall.index if METRICS[str(name)].interval]
    compared = loss.comparison.overall.to_frame().T
    rows = [loss.comparison.as_text(compared, name).iloc[0] for name in names]
    units = [METRICS[name].unit_text(loss.error_unit) for name in names]
    titles = [METRICS[name].short_title for name in names]
    heads = [f"{t} [{u}]" if u else t for t, u in zip(titles, units, strict=True)]
    between = [format_number(float(value)) for value in loss.overall.loc[names, "between"]]
    return as_table(
        [
            text_column("metric", heads),
            *_values(pd.DataFrame(rows), [False] * len(rows)),
            Column("one against the other", between),
            text_column("outcome", loss.overall.loc[names, "outcome"]),
        ]
    )


def _values(text: pd.DataFrame, weak: Any) -> list[Column]:
    """Both values, their difference and its interval."""
    known = [str(low) != "–" for low in text["low"]]
    ends = [_ends(row) if k else "" for k, (_, row) in zip(known, text.iterrows(), strict=True)]
    return [
        Column("reference", text["b"].tolist()),
        Column("quantized", text["a"].tolist()),
        Column("difference", text["difference"].tolist()),
        Column("interval", [interval_text(e, w) or "–" for e, w in zip(ends, weak, strict=True)]),
    ]


def _worst(loss: RegimeLoss, worst: pd.DataFrame) -> dict[str, Any]:
    """The cells that lose most, weak ones after the others."""
    compared = loss.comparison.by_regime
    assert compared is not None
    text = loss.comparison.as_text(compared, loss.main_metric).loc[worst.index]
    judged = []
    if loss.verdict is not None:
        words = dict(zip(compared.index, cell_statuses(loss.verdict), strict=True))
        judged = [text_column("limits", [words[cell] for cell in worst.index])]
    return as_table(
        [
            *address_columns(worst.index, loss.comparison.units),
            *_values(text, worst["weak"]),
            text_column("outcome", worst["outcome"]),
            *judged,
            Column("saturated [%]", [format_number(100.0 * v, 1) for v in worst["saturated"]]),
            *seen_columns(loss.quantized, worst),
            count_column("rows", worst["n"]),
        ],
        worst["weak"],
    )


def _saturated(loss: RegimeLoss, where: pd.DataFrame) -> dict[str, Any]:
    """Step, channel and cell of what saturates most."""
    shown = where.iloc[:MOST_ROWS]
    address = []
    if loss.saturation_by_regime is not None:
        address = address_columns(shown.index, loss.comparison.units)
    return as_table(
        [
            text_column("step", shown["step"]),
            text_column("channel", shown["channel"]),
            *address,
            Column("of its rows [%]", [format_number(100.0 * v, 1) for v in shown["share"]]),
            count_column("rows", shown["n"]),
            count_column("cycles", shown["n_cycles"]),
        ]
    )


def _content(found: Found) -> dict[str, Any]:
    loss: RegimeLoss = found.studies["loss"]
    verdict, where = loss.verdict, loss.saturation_by_regime
    judged = None if verdict is None else verdict.by_regime
    return {
        "loss": {
            "answer": loss.answer,
            "sentence": loss.sentence,
            "limits": None if verdict is None else limits_content(verdict),
            "judged": None if verdict is None else records(verdict.overall.reset_index()),
            "judged_by_regime": None if judged is None else judged_cells(judged),
            "overall": records(loss.overall.reset_index()),
            "by_regime": None if loss.by_regime is None else judged_cells(loss.by_regime),
            "saturation": None if loss.saturation is None else records(loss.saturation),
            "saturation_by_regime": None if where is None else cells(where),
            "trained_on": [str(cycle) for cycle in loss.trained_on],
            "settings": plain(dict(loss.settings)),
        }
    }


SECTION = Section(
    "loss",
    "body",
    _facts,
    _content,
    link="Quantization",
    study=Study("regime_loss"),
)
