"""How the numbers were computed: definitions, splitter, resampling, versions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from signalprep.report._tables import as_table, count_column, number_column, text_column
from signalprep.results import confidence_text
from signalprep.wording import format_count, with_unit

if TYPE_CHECKING:
    from signalprep.results import Validation

OF_FOLDS = {
    "n_train_cycles": "training cycles",
    "n_test_cycles": "test cycles",
    "n_train_rows": "training rows",
    "n_test_rows": "test rows",
}
SAID_ELSEWHERE = frozenset({"versions", "cv", "regimes", "seconds"})


def method_facts(validation: Validation) -> dict[str, Any]:
    """Definitions, settings, folds and versions."""
    settings = validation.settings
    versions = settings.get("versions", {})
    known = versions.items() if isinstance(versions, Mapping) else ()
    return {
        "confidence": confidence_text(validation),
        "min_cycles": format_count(int(settings.get("min_cycles", 3)), "cycle", "cycles"),
        "resamples": f"{int(settings.get('n_bootstrap', 0)):,}",
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


def _folds(validation: Validation) -> dict[str, Any]:
    folds = validation.folds
    columns = [text_column("fold", folds.index)]
    columns += [count_column(title, folds[name]) for name, title in OF_FOLDS.items()]
    columns.append(number_column("fit [s]", folds["fit_seconds"]))
    columns.append(number_column("predict [s]", folds["predict_seconds"]))
    return as_table(columns)
