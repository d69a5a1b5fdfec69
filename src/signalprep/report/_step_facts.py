"""What the pipeline looks at: look-ahead, memory and delay of each step."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from signalprep.report._tables import Column, as_table, count_column, text_column
from signalprep.wording import format_number, samples_text

if TYPE_CHECKING:
    from signalprep.results import Validation

CLAIMS = {"lookahead": "look-ahead", "memory": "memory", "delay": "delay"}


def step_facts(validation: Validation) -> dict[str, Any]:
    """Table of the steps (the last row is the pipeline) and what follows from it."""
    steps, rate = validation.steps, validation.rate
    columns = [text_column("step", steps["step"]), text_column("what", steps["estimator"])]
    for name, title in CLAIMS.items():
        values = [int(value) for value in steps[name]]
        columns.append(count_column(f"{title} [samples]", values))
        columns.append(Column(f"{title} [s]", [_seconds(value / rate) for value in values]))
    total, memory = (int(steps.iloc[-1][name]) for name in ("lookahead", "memory"))
    return {
        "table": as_table(columns),
        "lookahead": samples_text(total, rate) if total else "",
        "memory": samples_text(memory, rate),
    }


def _seconds(seconds: float) -> str:
    return format_number(seconds) if seconds else "0"
