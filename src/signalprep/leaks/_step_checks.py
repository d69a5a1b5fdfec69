"""What the steps of a fitted pipeline see: other cycles, the future, no cycle borders at all."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from joblib import Parallel, delayed

from signalprep.flow import Stage
from signalprep.leaks._changes import Change
from signalprep.leaks._finding import Finding
from signalprep.leaks._probes import Reaches, bleeding, lookahead, memory
from signalprep.leaks._stages import Trace, opening, words
from signalprep.log import cycles, shown
from signalprep.trial import Case, fitted_without_index


def index_findings(case: Case, trace: Trace) -> Iterator[Finding]:
    """An index lost before a step that needs it."""
    lost = trace.lost_by()
    if lost is None:
        return
    guilty = trace.passed[lost].stage
    for k, one in enumerate(trace.passed):
        if k > lost and next(fitted_without_index(one.stage.estimator), None) is not None:
            found = bleeding(one.stage, one.given, trace.bounds(k))
            change = None if found is None else found[1]
            yield Finding(
                "leak",
                "lost_index",
                guilty.name,
                "" if change is None else trace.channel(k, change),
                np.nan if change is None else change.relative,
                "spreads of the channel",
                f"{opening(guilty)} gives rows without the (cycle, time) "
                f"index, so {words(one.stage)} works across cycle borders.",
            )
            return


def bleeding_findings(case: Case, trace: Trace) -> Iterator[Finding]:
    """Steps whose output for a cycle depends on the cycles beside it."""
    for k, probed in _each(case, trace, bleeding):
        stage = trace.passed[k].stage
        if isinstance(probed, Finding):
            yield probed
            continue
        if probed is None or _blinded(trace, k):
            continue
        cycle, change = probed
        guilty = _guilty(trace, k, bleeding)
        channel = trace.channel(k, change)
        unit = _unit_of(case, stage, channel)
        yield Finding(
            "leak",
            "bleeding",
            guilty,
            channel,
            change.size if np.isfinite(change.size) else change.relative,
            unit or "units of the channel",
            f"{opening(stage)} sees across cycle borders: "
            f"{channel!r} of cycle {shown(cycles(trace.log)[cycle])} changes by up to "
            f"{_size(change, unit)} when the cycles beside it are left out.",
        )


def log_findings(case: Case) -> Iterator[Finding]:
    """A log whose values lie in the future before any step sees them."""
    if case.ahead > case.lookahead:
        samples = "sample" if case.ahead == 1 else "samples"
        yield Finding(
            "leak",
            "lookahead",
            "input",
            "",
            float(case.ahead),
            "samples",
            f"The log itself looks {case.ahead} {samples} ahead: it was read with "
            "interpolate='linear', which draws a value towards the sample after it. While a "
            "machine runs, such a log cannot be had.",
        )


def lookahead_findings(case: Case, trace: Trace) -> Iterator[Finding]:
    """Steps that see the future, measured and by their own claim."""

    def measure(stage: Stage, data: Any, bounds: np.ndarray) -> Reaches | None:
        return lookahead(stage, data, bounds, case.rng())

    measured: dict[int, Reaches] = {}
    for k, probed in _each(case, trace, measure):
        if isinstance(probed, Finding):
            yield probed
        elif probed is not None:
            every = trace.passed[k].stage.every
            measured[k] = probed._replace(samples=math.ceil(every * probed.samples))
    stages = [one.stage for one in trace.passed]
    claimed = [stage.claims and stage.claims.slowed(stage.every).lookahead for stage in stages]
    seen = [measured[k].samples if k in measured else 0 for k in range(len(stages))]
    total = case.ahead + sum(max(s, c or 0) for s, c in zip(seen, claimed, strict=True))
    for k, stage in enumerate(stages):
        says, samples = claimed[k], seen[k]
        false = says is not None and samples > says
        if max(samples, says or 0) and (false or total > case.lookahead):
            guilty = _guilty(trace, k, measure) if samples else stage.name
            yield _ahead(case, trace, k, guilty, says, measured.get(k))


def memory_findings(case: Case, trace: Trace) -> Iterator[Finding]:
    """Steps that remember longer than they claim."""

    def measure(stage: Stage, data: Any, bounds: np.ndarray) -> Reaches | None:
        if stage.claims is None:
            return None
        return memory(stage, data, bounds, case.rng(), stage.claims.memory)

    for k, probed in _each(case, trace, measure):
        if isinstance(probed, Finding) or probed is None or _blinded(trace, k):
            continue
        stage, channel = trace.passed[k].stage, trace.channel(k, probed.change)
        claimed = 0 if stage.claims is None else stage.claims.slowed(stage.every).memory
        samples = math.ceil(probed.samples * stage.every)
        yield Finding(
            "warning",
            "memory",
            stage.name,
            channel,
            samples,
            "samples",
            f"{opening(stage)} claims a memory of {claimed} samples; "
            f"{channel!r} still changes {samples} samples after the past does.",
        )


def _ahead(
    case: Case, trace: Trace, k: int, guilty: str, says: int | None, reaches: Reaches | None
) -> Finding:
    stage = trace.passed[k].stage
    claim = "it claims nothing" if says is None else f"it claims {says}"
    if reaches is None:
        what = f"{opening(stage)} claims to look {says} samples ahead."
        return Finding("leak", "lookahead", guilty, "", float(says or 0), "samples", what)
    channel = trace.channel(k, reaches.change)
    size = _size(reaches.change, _unit_of(case, stage, channel))
    what = (
        f"{opening(stage)} looks at least {reaches.samples} samples ahead ({claim}): "
        f"{channel!r} changes by up to {size} when only later rows change or end."
    )
    return Finding("leak", "lookahead", guilty, channel, float(reaches.samples), "samples", what)


def _each(
    case: Case, trace: Trace, probe: Callable[[Stage, Any, np.ndarray], Any]
) -> Iterator[tuple[int, Any]]:
    """Try every stage on what goes into it, in threads; a stage that refuses gives a note."""

    def attempt(k: int) -> Any:
        stage = trace.passed[k].stage
        try:
            return probe(stage, trace.passed[k].given, trace.bounds(k))
        except (ValueError, LookupError) as error:
            return Finding(
                "note",
                "not_probed",
                stage.name,
                "",
                np.nan,
                "",
                f"{opening(stage)} refuses altered rows, so it could not be tried: {error}",
            )

    jobs = (delayed(attempt)(k) for k in range(len(trace.passed)))
    results = Parallel(n_jobs=case.n_jobs, prefer="threads")(jobs)
    yield from enumerate(results)


def _guilty(trace: Trace, k: int, probe: Callable[[Stage, Any, np.ndarray], Any]) -> str:
    """Name of the stage, or of the part of it that shows the same alone."""
    stage, bounds = trace.passed[k].stage, trace.bounds(k)
    parts = stage.branches(trace.passed[k].given)
    guilty = [part.name for part, given in parts if probe(part, given, bounds)]
    return ", ".join(guilty) if guilty else stage.name


def _blinded(trace: Trace, k: int) -> bool:
    """Whether the stage only bleeds because the index was lost before it."""
    lost = trace.lost_by()
    blind = next(fitted_without_index(trace.passed[k].stage.estimator), None)
    return lost is not None and k > lost and blind is not None


def _unit_of(case: Case, stage: Stage, channel: str) -> str:
    return case.unit(str(case.y.name)) if stage.final else case.unit(channel)


def _size(change: Change, unit: str) -> str:
    if not np.isfinite(change.size):
        return "a value that is missing in one case only"
    size = f"{change.size:.3g} {unit}".strip()
    return f"{size} ({change.relative:.2g} times its spread)"
