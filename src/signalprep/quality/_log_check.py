"""What a check of a log found."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable
from dataclasses import dataclass

import pandas as pd


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
        """Summary, then the problems, one a line.

        Parameters
        ----------
        max_problems : int, default=None
            Largest number of problems to list; None is all of them.
        """
        lines = [self._summary()]
        shown = self.problems[:max_problems]
        lines += [f"  {problem.severity}: {problem.text}" for problem in shown]
        if len(shown) < len(self.problems):
            lines.append(f"  ... and {len(self.problems) - len(shown)} more")
        return "\n".join(lines)

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
