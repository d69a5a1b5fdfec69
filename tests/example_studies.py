"""Prices, audit and learning curve made by hand for the page: known numbers, no fit."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from signalprep.results import Audit, LeakPrices, LearningCurve, Validation

TESTS = {
    "random rows": (0.3, False),
    "prepared on everything": (0.7, False),
    "symmetric filters": (np.nan, False),
    "unseen cycle": (1.0, True),
    "later in time": (1.4, True),
    "unseen regime": (2.5, True),
}
METRICS = ("bias", "mae", "rmse", "p95", "max", "r2")


def example_prices(validation: Validation, **changed: Any) -> LeakPrices:
    """Prices in multiples of the validation's own RMSE; one test does not apply."""
    rmse = float(validation.overall["rmse"])
    rows = {}
    for name, (share, honest) in TESTS.items():
        row = dict.fromkeys(METRICS, share * rmse)
        row |= {f"{metric}_low": 0.8 * share * rmse for metric in METRICS if metric != "max"}
        row |= {f"{metric}_high": 1.3 * share * rmse for metric in METRICS if metric != "max"}
        known = np.isfinite(share)
        row |= {"n": 3200.0 if known else np.nan, "n_cycles": 8.0 if known else np.nan}
        note = "" if known else "no step is causal by a parameter"
        rows[name] = row | {"honest": honest, "relative": share, "note": note}
    table = pd.DataFrame(rows).T.infer_objects()
    table.loc["unseen regime", "rmse_high"] = 50.0 * rmse
    table.index.name = "test"
    values = {"table": table, "predictions": {}, "target": validation.target, "unit": "K"}
    return LeakPrices(**values | {"settings": {"cv": "4", "confidence": 0.95}} | changed)


def example_audit(validation: Validation, **changed: Any) -> Audit:
    """One leak, one warning, and a check that was not done."""
    columns = ["severity", "kind", "step", "channel", "effect", "unit", "what", "remedy"]
    findings = pd.DataFrame(
        [
            ("leak", "lookahead", "smooth", "i_q", 5.0, "samples", "Sees the future.", "Stop."),
            ("warning", "not_probed", "odd", "", np.nan, "", "Could not.", "Look."),
        ],
        columns=columns,
    )
    checks = pd.DataFrame(
        {
            "check": ["steps that look ahead", "overlap in time", "preparation of raw"],
            "findings": [1, 0, 0],
            "note": ["", "", "no raw and prepare given"],
        }
    )
    values = {"findings": findings, "checks": checks, "target": validation.target}
    return Audit(**values | {"settings": {"cv": "4", "versions": {"python": "3.11"}}} | changed)


def example_curve(validation: Validation, **changed: Any) -> LearningCurve:
    """A curve that falls, and models to compare with."""
    n_cycles = pd.Index([1, 3, 6], name="n_cycles")
    table = pd.DataFrame(
        {
            "train": [0.2, 0.5, 0.6],
            "test": [2.0, 1.5, 1.2],
            "train_std": [0.1, 0.05, 0.0],
            "test_std": [0.4, 0.2, 0.0],
        },
        index=n_cycles,
    )
    references = pd.DataFrame(
        {
            "rmse": [1.2, 1.3, 1.1, 1.5],
            "difference": [0.0, 0.1, -0.1, 0.3],
            "low": [0.0, -0.1, -0.3, 0.1],
            "high": [0.0, 0.3, 0.1, 0.5],
        },
        index=["model", "simpler", "more flexible", "half of the cycles"],
    )
    values = {"table": table, "references": references, "verdict": "more cycles would help"}
    values |= {"gain": 0.2, "target": validation.target, "unit": "K", "settings": {"cv": "4"}}
    return LearningCurve(**values | changed)
