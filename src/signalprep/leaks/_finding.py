"""Finding: one thing that an audit found, and what to do about each kind."""

from __future__ import annotations

from typing import NamedTuple

import pandas as pd

SEVERITIES = ("leak", "warning", "note")

REMEDIES = {
    "shared_cycles": "Split by whole cycles: cv=signalprep.CycleKFold(5).",
    "duplicate_cycles": "Keep one recording of each drive, or give its copies one cycle id, so "
    "that a fold tests all of them or none.",
    "repeated_rows": "Keep each row once, or repeat rows inside the pipeline, where each fold does "
    "so with its training rows.",
    "same_course": "Give drives on one course one group (groups=, or "
    "CycleKFold(together=group_near_duplicates(X).groups)), unless the model will run on that "
    "course alone.",
    "time_overlap": "Give pieces of one recording one cycle id or one group, or cut them so that "
    "they neither overlap nor touch.",
    "unseen_regime": "Record cycles there, or report the error there as extrapolation.",
    "target_in_inputs": "Leave the channel out, unless a controller measures it without knowing "
    "the target.",
    "identifier": "Leave the column out: it numbers rows or cycles, which an unseen cycle does not "
    "continue.",
    "scaled_before_split": "Give the unscaled channels and put the scaler into the pipeline.",
    "clipped_before_split": "Give the channels unclipped and put the filter into the pipeline, "
    "which then learns its limits from training cycles.",
    "bleeding": "Work cycle by cycle: use a signalprep step in a pipeline made by "
    "signalprep.make_pipeline, or group by the index level 'cycle'.",
    "lookahead": "Use a causal form (causal=True, a window that ends at the sample, 'hold' in "
    "place of 'interpolate', a log read without interpolate='linear'), or state lookahead= when "
    "the model runs offline.",
    "memory": "The claim memory_ is too short: a purge width computed from it is, too.",
    "lost_index": "Build the pipeline by signalprep.make_pipeline, or call "
    "set_output(transform='pandas') on it.",
    "test_statistics": "Learn it from training rows alone: pass the step unfitted and let each "
    "fold fit it.",
    "feature_selection": "Select features inside the pipeline, so that each fold selects from its "
    "training rows.",
    "inner_folds": "Give it whole cycles, too: cv=signalprep.CycleKFold(5); of early stopping, "
    "set the number of iterations in place of it.",
    "not_probed": "Check this part by hand.",
}


class Finding(NamedTuple):
    """What was found: how bad, of which kind, in which step and channel, how large.

    Attributes
    ----------
    severity : {"leak", "warning", "note"}
    kind : str
        A key of `REMEDIES`.
    step : str
        The step of the pipeline; "input", "cv" or "prepare" for what lies before it.
    channel : str
        Column that shows it most; "" where none does.
    effect : float
        Size of the effect.
    unit : str
        What the effect is counted in.
    what : str
        One or two sentences.
    """

    severity: str
    kind: str
    step: str
    channel: str
    effect: float
    unit: str
    what: str


def some(names: list[str], most: int = 4) -> str:
    """Names of channels for a sentence, the first few."""
    shown = ", ".join(repr(name) for name in names[:most])
    return f"{shown} and {len(names) - most} more" if len(names) > most else shown


def findings_table(findings: list[Finding]) -> pd.DataFrame:
    """Findings as a table, the gravest first, with what to do."""
    ranked = sorted(findings, key=lambda finding: SEVERITIES.index(finding.severity))
    table = pd.DataFrame(ranked, columns=list(Finding._fields)).astype({"effect": float})
    for name in table.columns.drop("effect"):
        table[name] = table[name].astype(object)
    table["remedy"] = pd.Series([REMEDIES[finding.kind] for finding in ranked], dtype=object)
    return table
