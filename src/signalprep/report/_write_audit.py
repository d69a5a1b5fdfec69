"""write_audit: an audit as one self-contained HTML page."""

from __future__ import annotations

import math
import os
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from signalprep._atomic import write_atomic
from signalprep.plotting import format_count, format_number
from signalprep.report._tables import as_table, count_column, text_column
from signalprep.report._write_report import render

if TYPE_CHECKING:
    from signalprep.validation import Audit

HEADINGS = {
    "shared_cycles": "Folds train on the cycles they test",
    "duplicate_cycles": "The same drive on both sides of a fold",
    "time_overlap": "Cycles overlap in time across folds",
    "unseen_regime": "Tested regimes that training never saw",
    "target_in_inputs": "The target among the inputs",
    "identifier": "A column that numbers rows or cycles",
    "scaled_before_split": "Scaled with test rows",
    "clipped_before_split": "Clipped with test rows",
    "bleeding": "Sees across cycle borders",
    "lookahead": "Looks ahead",
    "memory": "Remembers longer than it claims",
    "lost_index": "Loses the cycle borders",
    "test_statistics": "Learned from test rows",
    "feature_selection": "Features selected with test rows",
    "inner_folds": "Inner folds split cycles",
    "not_probed": "Could not be tried",
}


def write_audit(audit: Audit, path: str | os.PathLike[str]) -> None:
    """Write an audit as one HTML page, without script or network, every name escaped.

    Parameters
    ----------
    audit : Audit
        What to show.
    path : path-like
        File to write; replaced in one step, never left half written.

    Raises
    ------
    InvalidParameterError
        The folder of `path` does not exist, or `path` is no regular file.
    """
    write_atomic(path, render(_facts(audit), "audit.html"))


def _facts(audit: Audit) -> dict[str, Any]:
    counts = {severity: audit.count(severity) for severity in ("leak", "warning", "note")}
    done = audit.checks[audit.checks["note"].eq("")]
    cards = [
        {
            "value": "no leak found" if audit.ok else format_count(counts["leak"], "leak", "leaks"),
            "text": "what an unseen cycle would not reproduce",
            "warn": not audit.ok,
        },
        {"value": format_count(counts["warning"]), "text": "warnings", "warn": False},
        {"value": format_count(counts["note"]), "text": "notes", "warn": False},
        {"value": f"{len(done)} of {len(audit.checks)}", "text": "checks done", "warn": False},
    ]
    settings = {key: value for key, value in audit.settings.items() if key != "versions"}
    versions = audit.settings.get("versions", {})
    return {
        "target": str(audit.target),
        "verdict": audit.verdict(),
        "cards": cards,
        "findings": [_finding(row) for row in audit.findings.to_dict("records")],
        "checks": as_table(
            [
                text_column("check", audit.checks["check"]),
                count_column("findings", audit.checks["findings"]),
                text_column("not done because", audit.checks["note"]),
            ]
        ),
        "settings": [f"{key} = {value}" for key, value in settings.items()],
        "versions": ", ".join(f"{name} {number}" for name, number in versions.items()),
    }


def _finding(row: Mapping[Any, Any]) -> dict[str, Any]:
    effect = float(row["effect"])
    known = not math.isnan(effect)
    decimals = 0 if effect.is_integer() else None
    return {
        "severity": row["severity"],
        "heading": HEADINGS[row["kind"]],
        "kind": row["kind"],
        "step": row["step"],
        "channel": row["channel"],
        "effect": f"{format_number(effect, decimals)} {row['unit']}" if known else "",
        "what": row["what"],
        "remedy": row["remedy"],
    }
