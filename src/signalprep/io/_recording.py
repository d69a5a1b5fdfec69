"""What a reader gives: the channels of one file, and what it found out about them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from signalprep.log import Channel


@dataclass
class Recording:
    """The content of one file.

    Attributes
    ----------
    channels : the signals, each with stamps of its own. Those of a table share one array.
    n_rows : rows of a table; of other files the most samples of a channel.
    is_table : whether all channels were recorded row by row.
    timed : whether the file states a time; without, the stamps of a table are row numbers.
    datetimes : the rows' datetimes in ns, where the time of the log is to be those.
    ids : what the cycle ids are made of, by column: of the rows of a table, else as from `starts`
        on; empty when the file is one cycle.
    starts : stamps at which channels with stamps of their own come to another cycle.
    restarts : whether a time that starts anew begins a new cycle.
    rate : sampling rate in Hz that the file states, for a table without a time.
    facts : what the reading report says about the file.
    """

    channels: list[Channel]
    n_rows: int
    is_table: bool = True
    timed: bool = True
    datetimes: np.ndarray | None = None
    ids: dict[str, pd.Series] = field(default_factory=dict)
    starts: np.ndarray | None = None
    restarts: bool = False
    rate: float | None = None
    facts: dict[str, Any] = field(default_factory=dict)

    def names(self) -> list[str]:
        """Names of the channels."""
        return [channel.name for channel in self.channels]

    def units(self) -> dict[str, str]:
        """Unit of the channels that have one."""
        return {channel.name: channel.unit for channel in self.channels if channel.unit}
