"""What the steps of a fitted pipeline see: other cycles, the future, no cycle borders at all."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from joblib import Parallel, delayed

from signalprep.leaks._changes import Change
from signalprep.leaks._finding import Finding
from signalprep.leaks._probes import Reaches, bleeding, lookahead, memory
from signalprep.leaks._stages import Stage, branches_of, names_of
from signalprep.log import cycle_bounds, cycles, is_log, shown
from signalprep.trial import Case, fitted_without_index


@dataclass(frozen=True)
class Trace:
    """A few cycles on their way through a fitted estimator.

    Attributes
    ----------
    stages : list of Stage
    passed : list
        What goes into each stage, and what comes out of the last.
    """

    stages: list[Stage]
    passed: list[Any]

    def log(self) -> pd.DataFrame:
        """The cycles as they came."""
        return self.passed[0]

    def channel(self, k: int, change: Change) -> str:
        """Name of the column of stage `k` that changed most."""
        return names_of(self.stages[k], self.passed[k + 1])[change.column]

    def lost_by(self) -> int | None:
        """The first stage whose output has no cycle borders although its input had them."""
        for k in range(len(self.stages) - 1):
            out = self.passed[k + 1]
            if not (is_log(out) and out.index.equals(self.log().index)):
                return k
        return None


def index_findings(case: Case, trace: Trace) -> Iterator[Finding]:
    """An index lost before a step that needs it."""
    lost = trace.lost_by()
    if lost is None:
        return
    for stage in trace.stages[lost + 1 :]:
        blind = next(fitted_without_index(stage.estimator), None)
        if blind is not None:
            k = trace.stages.index(stage)
            found = bleeding(stage, trace.passed[k], cycle_bounds(trace.log()))
            change = None if found is None else found[1]
            yield Finding(
                "leak",
                "lost_index",
                trace.stages[lost].name,
                "" if change is None else trace.channel(k, change),
                np.nan if change is None else change.relative,
                "spreads of the channel",
                f"{trace.stages[lost].opening()} gives rows without the (cycle, time) "
                f"index, so {stage.words()} works across cycle borders.",
            )
            return


def bleeding_findings(case: Case, trace: Trace) -> Iterator[Finding]:
    """Steps whose output for a cycle depends on the cycles beside it."""
    bounds = cycle_bounds(trace.log())
    for k, probed in _each(case, trace, lambda stage, data: bleeding(stage, data, bounds)):
        stage = trace.stages[k]
        if isinstance(probed, Finding):
            yield probed
            continue
        if probed is None or _blinded(trace, k):
            continue
        cycle, change = probed
        guilty = _guilty(stage, trace.passed[k], lambda s, d: bleeding(s, d, bounds))
        channel = trace.channel(k, change)
        unit = _unit_of(case, stage, channel)
        yield Finding(
            "leak",
            "bleeding",
            guilty,
            channel,
            change.size if np.isfinite(change.size) else change.relative,
            unit or "units of the channel",
            f"{stage.opening()} sees across cycle borders: "
            f"{channel!r} of cycle {shown(cycles(trace.log())[cycle])} changes by up to "
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
    bounds = cycle_bounds(trace.log())

    def measure(stage: Stage, data: Any) -> Reaches | None:
        return lookahead(stage, data, bounds, case.rng())

    measured: dict[int, Reaches] = {}
    for k, probed in _each(case, trace, measure):
        if isinstance(probed, Finding):
            yield probed
        elif probed is not None:
            measured[k] = probed
    claimed = {k: _claimed(stage) for k, stage in enumerate(trace.stages)}
    seen = {k: measured[k].samples if k in measured else 0 for k in claimed}
    total = case.ahead + sum(max(seen[k], claimed[k] or 0) for k in claimed)
    for k, stage in enumerate(trace.stages):
        says, samples = claimed[k], seen[k]
        false = says is not None and samples > says
        if max(samples, says or 0) and (false or total > case.lookahead):
            guilty = _guilty(stage, trace.passed[k], measure) if samples else stage.name
            yield _ahead(case, trace, k, guilty, says, measured.get(k))


def memory_findings(case: Case, trace: Trace) -> Iterator[Finding]:
    """Steps that remember longer than they claim."""
    bounds = cycle_bounds(trace.log())

    def measure(stage: Stage, data: Any) -> Reaches | None:
        claims = stage.claims()
        if claims is None:
            return None
        return memory(stage, data, bounds, case.rng(), claims.memory)

    for k, probed in _each(case, trace, measure):
        if isinstance(probed, Finding) or probed is None or _blinded(trace, k):
            continue
        stage, channel = trace.stages[k], trace.channel(k, probed.change)
        claims = stage.claims()
        claimed = 0 if claims is None else claims.memory
        yield Finding(
            "warning",
            "memory",
            stage.name,
            channel,
            probed.samples,
            "samples",
            f"{stage.opening()} claims a memory of {claimed} samples; "
            f"{channel!r} still changes {probed.samples} samples after the past does.",
        )


def _ahead(
    case: Case, trace: Trace, k: int, guilty: str, says: int | None, reaches: Reaches | None
) -> Finding:
    stage = trace.stages[k]
    claim = "it claims nothing" if says is None else f"it claims {says}"
    if reaches is None:
        what = f"{stage.opening()} claims to look {says} samples ahead."
        return Finding("leak", "lookahead", guilty, "", float(says or 0), "samples", what)
    channel = trace.channel(k, reaches.change)
    size = _size(reaches.change, _unit_of(case, stage, channel))
    what = (
        f"{stage.opening()} looks at least {reaches.samples} samples ahead ({claim}): "
        f"{channel!r} changes by up to {size} when only later rows change or end."
    )
    return Finding("leak", "lookahead", guilty, channel, float(reaches.samples), "samples", what)


def _each(
    case: Case, trace: Trace, probe: Callable[[Stage, Any], Any]
) -> Iterator[tuple[int, Any]]:
    """Try every stage on what goes into it, in threads; a stage that refuses gives a note."""

    def attempt(k: int) -> Any:
        stage = trace.stages[k]
        try:
            return probe(stage, trace.passed[k])
        except (ValueError, LookupError) as error:
            return Finding(
                "note",
                "not_probed",
                stage.name,
                "",
                np.nan,
                "",
                f"{stage.opening()} refuses altered rows, so it could not be tried: {error}",
            )

    jobs = (delayed(attempt)(k) for k in range(len(trace.stages)))
    results = Parallel(n_jobs=case.n_jobs, prefer="threads")(jobs)
    yield from enumerate(results)


def _guilty(stage: Stage, data: Any, probe: Callable[[Stage, Any], Any]) -> str:
    """Name of the stage, or of the part of it that shows the same alone."""
    guilty = [part.name for part, given in branches_of(stage, data) if probe(part, given)]
    return ", ".join(guilty) if guilty else stage.name


def _blinded(trace: Trace, k: int) -> bool:
    """Whether the stage only bleeds because the index was lost before it."""
    lost = trace.lost_by()
    blind = next(fitted_without_index(trace.stages[k].estimator), None)
    return lost is not None and k > lost and blind is not None


def _claimed(stage: Stage) -> int | None:
    claims = stage.claims()
    return None if claims is None else claims.lookahead


def _unit_of(case: Case, stage: Stage, channel: str) -> str:
    return case.unit(str(case.y.name)) if stage.final else case.unit(channel)


def _size(change: Change, unit: str) -> str:
    if not np.isfinite(change.size):
        return "a value that is missing in one case only"
    size = f"{change.size:.3g} {unit}".strip()
    return f"{size} ({change.relative:.2g} times its spread)"
