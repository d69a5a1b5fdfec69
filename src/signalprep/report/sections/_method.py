"""How the numbers were computed: definitions, splitter, resampling, versions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from signalprep.metrics import TaskName
from signalprep.report._json_tables import plain, records
from signalprep.report._tables import (
    as_table,
    confidence_text,
    count_column,
    number_column,
    shown_metrics,
    text_column,
)
from signalprep.report.sections._section import Found, Section
from signalprep.wording import format_number, with_unit

if TYPE_CHECKING:
    from signalprep.results import Validation

OF_FOLDS = {
    "n_train_cycles": "training cycles",
    "n_test_cycles": "test cycles",
    "n_train_rows": "training rows",
    "n_test_rows": "test rows",
}
ON_UNSEEN = "on cycles that the model was not trained on"
TESTED = {
    TaskName.REGRESSION: ("error", f"Prediction minus truth, {ON_UNSEEN}."),
    TaskName.CLASSIFICATION: ("scores", f"Of predictions {ON_UNSEEN}."),
}
INTERVAL = {
    TaskName.REGRESSION: "{confidence} studentised bootstrap over {resampled}: whole {resampled} "
    "are drawn with replacement, {resamples} times, and each draw’s distance from the estimate is "
    "measured in standard errors of its own. Rows of a cycle are alike, so drawing rows would "
    "promise too much. Upper ends of errors allow for {resampled} as hard as the hardest seen.",
    TaskName.CLASSIFICATION: "{confidence} bootstrap over {resampled}, widened for few: whole "
    "{resampled} are drawn with replacement, {resamples} times. The bad end allows for {resampled} "
    "as hard as the hardest seen; without any error, for the share that none seen can exclude.",
}
AVERAGES: dict[str, list[tuple[str, str]]] = {
    "row": [],
    "cycle": [
        (
            "averages",
            "Every cycle counts the same: a row counts 1 over the rows of its cycle in the cell, "
            "for the share of squared error over all its rows. Numbers of rows are counts.",
        )
    ],
}
SAID_ELSEWHERE = frozenset({"versions", "cv", "regimes", "seconds"})


def _facts(found: Found) -> dict[str, Any]:
    """Definitions, settings, folds and versions."""
    validation = found.validation
    settings = validation.settings
    versions = settings.get("versions", {})
    known = versions.items() if isinstance(versions, Mapping) else ()
    return {
        "definitions": _definitions(validation),
        "min_cycles": validation.least_seen,
        "kelvin": validation.units.get(validation.target, "") == "°C",
        "cv": str(settings.get("cv", "")),
        "regimes": "" if validation.by_regime is None else str(settings.get("regimes", "")),
        "seconds": with_unit(str(settings["seconds"]), "s") if "seconds" in settings else "",
        "others": [
            {"name": str(name), "value": str(value)}
            for name, value in settings.items()
            if name not in SAID_ELSEWHERE
        ],
        "versions": ", ".join(f"{name} {value}" for name, value in known),
        "folds": _folds(validation),
    }


def _definitions(validation: Validation) -> list[tuple[str, str]]:
    """What is tested, the metrics, and their intervals."""
    words = INTERVAL[validation.task].format(
        confidence=confidence_text(validation),
        resampled=validation.resampled,
        resamples=f"{int(validation.settings.get('n_bootstrap', 0)):,}",
    )
    words += _left_out(validation)
    return [
        TESTED[validation.task],
        *AVERAGES[validation.weight],
        *(
            (metric.short_title, f"{metric.words[0].upper()}{metric.words[1:]}.")
            for metric in shown_metrics(validation)
        ),
        ("interval", words),
    ]


def _left_out(validation: Validation) -> str:
    """What the intervals leave out, or what counting it in came to."""
    if validation.left_out:
        return f" They leave out {validation.left_out}."
    factor = _factor(validation.settings["inflation"])
    return (
        " Nested cross-validation counts in how much the model would change with other training "
        f"cycles: intervals are {factor} times as long."
    )


def _factor(inflation: float | Mapping[str, float]) -> str:
    """One number, or that of each target."""
    if not isinstance(inflation, Mapping):
        return format_number(float(inflation))
    return ", ".join(f"{format_number(float(f))} ({name})" for name, f in inflation.items())


def _folds(validation: Validation) -> dict[str, Any]:
    folds = validation.folds
    columns = [text_column("fold", folds.index)]
    columns += [count_column(title, folds[name]) for name, title in OF_FOLDS.items()]
    columns.append(number_column("fit [s]", folds["fit_seconds"]))
    columns.append(number_column("predict [s]", folds["predict_seconds"]))
    return as_table(columns)


def _content(found: Found) -> dict[str, Any]:
    validation = found.validation
    return {
        "folds": records(validation.folds.rename_axis("fold").reset_index()),
        "settings": plain(dict(validation.settings)),
    }


SECTION = Section("method", "details", _facts, _content, shared=True)
