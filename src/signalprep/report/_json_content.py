"""What the JSON of any validation holds, and how it becomes text."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from signalprep.report._json_tables import cells, plain, records

if TYPE_CHECKING:
    from signalprep.quality import LogCheck
    from signalprep.results import Validation, Verdict

VERSION = "1.0"
"""Of the schema of both kinds of file."""
OF_PROBLEMS = ("severity", "kind", "text", "cycle", "channel", "row")


def file_text(
    schema: str, validation: Validation, verdict: Verdict | None, own: dict[str, Any]
) -> str:
    """The file: its kind, what every validation has, and what this kind has besides."""
    content = {
        "schema": schema,
        "schema_version": VERSION,
        "target": str(validation.target),
        **_shared(validation, verdict),
        **own,
    }
    return json.dumps(content, ensure_ascii=False, allow_nan=False, indent=1) + "\n"


def _shared(validation: Validation, verdict: Verdict | None) -> dict[str, Any]:
    by_regime = validation.by_regime
    known: dict[str, Any] = {"regimes": None, "by_regime": None, "next_tests": None}
    if by_regime is not None:
        known = {
            "regimes": [str(name) for name in by_regime.index.names],
            "by_regime": cells(by_regime),
            "next_tests": cells(validation.next_tests(None, limits=verdict)),
        }
    return {
        "units": plain(dict(validation.units)),
        "rate_hz": plain(validation.rate),
        "overall": plain(validation.overall.to_dict()),
        **known,
        "by_cycle": records(validation.by_cycle.rename_axis("cycle").reset_index()),
        "folds": records(validation.folds.rename_axis("fold").reset_index()),
        "steps": records(validation.steps),
        "quality": _quality(validation.quality),
        "settings": plain(dict(validation.settings)),
    }


def _quality(quality: LogCheck) -> dict[str, Any]:
    return {
        "usable": bool(quality.usable),
        "problems": [
            plain({name: getattr(problem, name) for name in OF_PROBLEMS})
            for problem in quality.problems
        ],
        "cycles": records(quality.cycles.reset_index()),
        "channels": records(quality.channels.reset_index()),
    }
