"""What a check of a log found."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable
from dataclasses import dataclass

import pandas as pd

LISTED = 12  # constant channels that are named


@dataclass(frozen=True)
class Problem:
    """One finding.

    Attributes
    ----------
    severity : "error" (the log cannot be used) or "warning" (look at it).
    kind : a word or two for it, such as "gap" or "not available".
    text : what was found, and where.
    cycle, channel, row : the place; None where the finding has no such place. `row` counts from
        0 over the whole log and is the first one concerned.
    """

    severity: str
    kind: str
    text: str
    cycle: Hashable = None
    channel: Hashable = None
    row: int | None = None


@dataclass(frozen=True, repr=False)
class LogCheck:
    """Quality of a log: one table of cycles, one of channels, and the problems in words.

    Attributes
    ----------
    cycles : DataFrame, one row a cycle
        ``rows``; ``duration`` in s; ``rate`` in Hz (from the median time step); ``gaps`` and the
        longest as ``longest_gap`` in s; ``jitter`` (largest relative deviation of a step that is
        no gap); ``duplicated_times``; ``backward_steps``; ``repeated_rows`` (equal to the row
        before in every channel).
    channels : DataFrame, one row a channel
        ``unit``; ``n_nan``, ``nan_share``, ``n_inf``; ``min`` and ``max`` of the finite values;
        ``step`` (smallest change between two samples); ``constant``; ``longest_run`` in s of one
        unchanging value; ``stuck``, ``stuck_share``; ``saturated``, ``saturated_share``;
        ``spikes``; ``duplicate_of``. See `check_log` for the definitions.
    problems : list of Problem
        Errors first.
    """

    cycles: pd.DataFrame
    channels: pd.DataFrame
    problems: list[Problem]

    @property
    def usable(self) -> bool:
        """Whether no problem is an error."""
        return all(problem.severity != "error" for problem in self.problems)

    def to_frame(self) -> pd.DataFrame:
        """Problems as a table, one row each."""
        columns = ["severity", "kind", "cycle", "channel", "row", "text"]
        rows = [[getattr(problem, name) for name in columns] for problem in self.problems]
        return pd.DataFrame(rows, columns=columns, dtype=object)

    def to_text(self, max_problems: int | None = None) -> str:
        """Summary, then the problems, one a line; one line for all constant channels.

        Parameters
        ----------
        max_problems : int, default=None
            Largest number of such lines; None is all of them.
        """
        found = self._lines()
        shown = found[:max_problems]
        left = [f"... and {len(found) - len(shown)} more"] if len(shown) < len(found) else []
        return "\n".join([self._summary(), *(f"  {line}" for line in [*shown, *left])])

    def _lines(self) -> list[str]:
        """A line for each problem, and one for all constant channels."""
        constant = [problem for problem in self.problems if problem.kind == "constant"]
        if len(constant) < 2:
            return [f"{problem.severity}: {problem.text}" for problem in self.problems]
        names = [repr(problem.channel) for problem in constant[:LISTED]]
        more = f" and {len(constant) - len(names)} more" if len(constant) > len(names) else ""
        together = f"warning: {len(constant)} channels are constant: {', '.join(names)}{more}"
        return [
            together if problem is constant[0] else f"{problem.severity}: {problem.text}"
            for problem in self.problems
            if problem.kind != "constant" or problem is constant[0]
        ]

    def __repr__(self) -> str:
        return self.to_text(max_problems=10)

    def _summary(self) -> str:
        count = Counter(problem.severity for problem in self.problems)
        rates = self.cycles["rate"].dropna()
        rate = f", {rates.median():.6g} Hz" if len(rates) else ""
        return (
            f"{len(self.cycles)} cycles, {int(self.cycles['rows'].sum())} rows, "
            f"{len(self.channels)} channels{rate}: "
            f"{'usable' if self.usable else 'NOT usable'} "
            f"({count['error']} errors, {count['warning']} warnings)"
        )
