"""What else is known about a validated model, in the types of JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from signalprep.report._json_tables import cells, plain, records

if TYPE_CHECKING:
    from signalprep.report._studies import Studies
    from signalprep.results import Audit, Diagnosis, LeakPrices, LearningCurve, Verdict

COUNTS = ("n", "n_cycles")


def study_content(studies: Studies) -> dict[str, Any]:
    """One entry a study; null for what was not asked for."""
    return {
        "verdict": None if studies.verdict is None else _verdict(studies.verdict),
        "diagnosis": None if studies.diagnosis is None else _diagnosis(studies.diagnosis),
        "prices": None if studies.prices is None else _prices(studies.prices),
        "audit": None if studies.audit is None else _audit(studies.audit),
        "learning_curve": None
        if studies.learning_curve is None
        else _learning_curve(studies.learning_curve),
    }


def _verdict(verdict: Verdict) -> dict[str, Any]:
    by_regime = verdict.by_regime
    return {
        "ok": verdict.ok,
        "strict": verdict.strict,
        "limits": {
            metric: _limit(limit) if isinstance(limit, dict) else plain(limit)
            for metric, limit in verdict.limits.items()
        },
        "overall": records(verdict.overall.reset_index()),
        "by_regime": None
        if by_regime is None
        else [
            {"metric": str(metric), **cell}
            for metric, cell in zip(
                by_regime.index.get_level_values(-1),
                cells(by_regime.droplevel(-1)),
                strict=True,
            )
        ],
    }


def _limit(limit: dict[Any, float]) -> list[dict[str, Any]]:
    """Limits of single cells; their labels are no keys."""
    return [{"cell": plain(cell), "limit": plain(value)} for cell, value in limit.items()]


def _diagnosis(diagnosis: Diagnosis) -> dict[str, Any]:
    return {
        "findings": list(diagnosis.findings),
        "is_cold": bool(diagnosis.is_cold),
        "cold_start": records(
            diagnosis.cold_start.rename_axis("time_since_start")
            .reset_index()
            .astype({"time_since_start": str})
        ),
        "settled": plain(diagnosis.settled.to_dict()),
        "autocorrelation": records(diagnosis.autocorrelation.reset_index()),
        "autocorrelation_seconds": plain(diagnosis.autocorrelation_time),
        "n_effective": plain(diagnosis.n_effective),
        "spread": records(
            diagnosis.spread.rename(columns={"prediction": "middle"})
            .rename_axis("prediction")
            .reset_index()
            .astype({"prediction": str})
        ),
        "spread_p_value": plain(diagnosis.spread_p_value),
    }


def _prices(prices: LeakPrices) -> dict[str, Any]:
    return {
        "unit": prices.unit,
        "tests": records(
            prices.table.astype(dict.fromkeys(COUNTS, "Int64")).rename_axis("test").reset_index()
        ),
        "settings": plain(dict(prices.settings)),
    }


def _audit(audit: Audit) -> dict[str, Any]:
    return {
        "ok": bool(audit.ok),
        "findings": records(audit.findings),
        "checks": records(audit.checks),
        "settings": plain(dict(audit.settings)),
    }


def _learning_curve(curve: LearningCurve) -> dict[str, Any]:
    return {
        "verdict": curve.verdict,
        "gain": plain(curve.gain),
        "unit": curve.unit,
        "by_n_cycles": records(curve.table.rename_axis("n_cycles").reset_index()),
        "references": records(curve.references.rename_axis("model").reset_index()),
        "settings": plain(dict(curve.settings)),
    }
