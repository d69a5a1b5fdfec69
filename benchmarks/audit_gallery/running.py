"""What the audit says of a case, and whether that is right."""

from __future__ import annotations

import warnings

import signalprep as sp

from .case import Case

RANK = {"none": 0, "note": 0, "info": 0, "warning": 1, "leak": 2}


def found(case: Case) -> tuple[str, str]:
    """Worst severity, and what was found, worst first."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        shown = case.build()
        audit = sp.audit(
            shown.pop("estimator"),
            shown.pop("X"),
            shown.pop("y"),
            n_jobs=1,
            progress=False,
            **shown,
        )
    table = audit.findings
    ranks = table["severity"].map(RANK).fillna(0)
    said = [
        ":".join(str(part) for part in row if part is not None and str(part))
        for row in table.loc[
            ranks.sort_values(ascending=False, kind="stable").index,
            ["severity", "kind", "step", "channel"],
        ].itertuples(index=False)
    ]
    worst = table["severity"].loc[ranks.idxmax()] if len(table) else "none"
    return str(worst), " ".join(said)


def right(case: Case, severity: str) -> bool:
    """Whether the audit said what it should, or was not asked to see it."""
    rank = RANK.get(severity, 0)
    if case.leak is None:
        return rank < RANK["leak"]
    return not case.trace or rank >= RANK[case.least]
