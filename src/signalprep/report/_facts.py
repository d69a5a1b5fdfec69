"""Everything the page says, as one plain dict."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from signalprep.report._audit_facts import audit_facts
from signalprep.report._band_facts import band_facts
from signalprep.report._cell_facts import cell_facts
from signalprep.report._curve_facts import curve_facts
from signalprep.report._cycle_facts import cycle_facts
from signalprep.report._diagnosis_facts import diagnosis_facts
from signalprep.report._map_facts import map_facts
from signalprep.report._method_facts import method_facts
from signalprep.report._next_test_facts import next_test_facts
from signalprep.report._price_facts import price_facts
from signalprep.report._quality_facts import quality_facts
from signalprep.report._step_facts import step_facts
from signalprep.report._studies import Studies
from signalprep.report._summary_facts import summary_facts
from signalprep.report._trace_facts import trace_facts
from signalprep.report._verdict_facts import verdict_facts

if TYPE_CHECKING:
    from signalprep.results import Validation


def collect(validation: Validation, studies: Studies) -> dict[str, Any]:
    """Facts of each section of the page: text, numbers, lists and dicts only."""
    verdict = studies.verdict
    return {
        "summary": summary_facts(validation),
        "verdict": verdict_facts(validation, verdict),
        "maps": map_facts(validation, verdict),
        "cells": cell_facts(validation, verdict),
        "prices": price_facts(validation, studies.prices),
        "cycles": cycle_facts(validation),
        "trace": trace_facts(validation),
        "next_tests": next_test_facts(validation, verdict),
        "bands": band_facts(validation),
        "steps": step_facts(validation),
        "audit": None if studies.audit is None else audit_facts(studies.audit),
        "diagnosis": diagnosis_facts(validation, studies.diagnosis),
        "curve": curve_facts(studies.learning_curve),
        "quality": quality_facts(validation.quality),
        "method": method_facts(validation),
    }
