"""Everything the page says, as one plain dict."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from signalprep.report._cell_facts import cell_facts
from signalprep.report._cycle_facts import cycle_facts
from signalprep.report._map_facts import map_facts
from signalprep.report._method_facts import method_facts
from signalprep.report._next_test_facts import next_test_facts
from signalprep.report._quality_facts import quality_facts
from signalprep.report._step_facts import step_facts
from signalprep.report._summary_facts import summary_facts
from signalprep.report._trace_facts import trace_facts
from signalprep.report._verdict_facts import verdict_facts

if TYPE_CHECKING:
    from signalprep.validation import Validation, Verdict


def collect(validation: Validation, verdict: Verdict | None = None) -> dict[str, Any]:
    """Facts of each section of the page: text, numbers, lists and dicts only."""
    return {
        "summary": summary_facts(validation),
        "verdict": verdict_facts(validation, verdict),
        "maps": map_facts(validation, verdict),
        "cells": cell_facts(validation, verdict),
        "cycles": cycle_facts(validation),
        "trace": trace_facts(validation),
        "next_tests": next_test_facts(validation, verdict),
        "steps": step_facts(validation),
        "quality": quality_facts(validation.quality),
        "method": method_facts(validation),
    }
