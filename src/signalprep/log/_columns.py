"""The columns that channels give on the rows of a clock."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from signalprep.errors import InvalidLogError
from signalprep.log._channel import Channel
from signalprep.log._drawn import averaged, interpolated, why_only_held
from signalprep.log._held import LastSamples, held
from signalprep.log._rows import Rows
from signalprep.log._samples import EVEN, Samples


class Columns:
    """Makes the columns, and keeps count of what it used.

    Parameters
    ----------
    last : LastSamples
        At the rows that the columns are to have.
    linear : set of str
        Channels to interpolate.
    before : Rows, default=None
        Where the mean of each row begins; None: no means.
    ages : bool, default=False
        Add the age of each channel.

    Attributes
    ----------
    columns : dict of str to array
        What was made so far.
    longest : float
        The longest distance in seconds between two samples that were interpolated.
    """

    def __init__(
        self, last: LastSamples, linear: set[Any], before: Rows | None = None, *, ages: bool = False
    ) -> None:
        self.last, self.linear, self.before, self.ages = last, linear, before, ages
        self.columns: dict[Any, Any] = {}
        self.longest = 0.0

    @property
    def lookahead(self) -> int:
        """How many rows a value may lie in the future."""
        if self.longest == 0.0:
            return 0
        step = self.last.rows.step
        return max(1, int(np.ceil(self.longest / step - EVEN))) if step > 0 else 1

    def add(self, channel: Channel, samples: Samples, limit: float) -> int:
        """Make the column of a channel; gives how many of its samples a row has."""
        last = self.last.of(samples, limit)
        column = held(channel.values, samples, last)
        used = np.zeros(len(samples.stamps), dtype=bool)
        used[last.sample[~last.missing]] = True
        if channel.name in self.linear:
            column, drawn, longest = interpolated(
                channel.values, samples, last, limit, self.last.rows, column
            )
            used[drawn] = used[drawn + 1] = True
            self.longest = max(self.longest, longest)
        elif self.before is not None and not why_only_held(channel, samples):
            column, part = averaged(channel.values, samples, last, self.before, column)
            used |= part
        self._put(channel.name, with_labels(column, channel, samples))
        if self.ages:
            self._put(f"{channel.name}.age", last.age)
        return int(np.count_nonzero(used))

    def _put(self, name: Any, column: Any) -> None:
        if name in self.columns:
            raise InvalidLogError(
                f"ages=True adds {name!r}, which is a channel already: rename that"
            )
        self.columns[name] = column


def with_labels(column: Any, channel: Channel, samples: Samples) -> Any:
    """A categorical column where each code has a word of its own; else the codes stay."""
    labels = channel.labels
    if not labels or len(set(labels.values())) < len(labels) or channel.kind != "state":
        return column
    codes = np.array(sorted(labels), dtype=np.float64)
    numbers = np.asarray(channel.values, dtype=np.float64)
    numbers = numbers if samples.rows is None else numbers[samples.rows]
    if not np.isin(numbers, codes).all():
        return column
    wanted = np.asarray(pd.Series(column).to_numpy(dtype=np.float64, na_value=np.nan))
    place = np.where(np.isnan(wanted), -1, np.searchsorted(codes, wanted))
    words = pd.Index([labels[code] for code in sorted(labels)], dtype=object)
    return pd.Series(pd.Categorical.from_codes(place, categories=words))
