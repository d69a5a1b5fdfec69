"""The drive log: a DataFrame indexed by (cycle, time), its cycles, segments and rate.

A *log* has one row a sample, one column a signal, and a MultiIndex with the levels ``cycle`` and
``time``. Rows of a cycle are contiguous and in time order; time is in seconds (float), or a
timedelta or datetime. A *segment* is a maximal run of rows of one cycle at a constant spacing: a
gap ends a segment just as a new cycle does, and filters work segment by segment.
"""

from signalprep.log._as_log import as_log
from signalprep.log._channel import Channel
from signalprep.log._clock import Clocked, on_clock
from signalprep.log._cut import cut_channels, cycle_changes
from signalprep.log._cycle_ids import cycle_columns, joined_ids, parts_of_ids, refuse_missing_ids
from signalprep.log._cycle_values import at_each_row
from signalprep.log._groups import groups_of_cycles
from signalprep.log._index import (
    LEVELS,
    cycle_bounds,
    cycles,
    is_log,
    locate,
    moved_in_time,
    shown,
    time_in_seconds,
)
from signalprep.log._lookahead import lookahead
from signalprep.log._lookalike import refuse_lookalike, why_no_log
from signalprep.log._lower_rate import rows_to_one
from signalprep.log._restarts import restarted_cycles
from signalprep.log._same_index import check_same_index
from signalprep.log._segments import (
    GAP,
    JITTER,
    check_index,
    clock,
    rate,
    sample_time,
    segments,
    to_samples,
)
from signalprep.log._table import sparse_channels
from signalprep.log._unrounded import unrounded

__all__ = [
    "GAP",
    "JITTER",
    "LEVELS",
    "Channel",
    "Clocked",
    "as_log",
    "at_each_row",
    "check_index",
    "check_same_index",
    "clock",
    "cut_channels",
    "cycle_bounds",
    "cycle_changes",
    "cycle_columns",
    "cycles",
    "groups_of_cycles",
    "is_log",
    "joined_ids",
    "locate",
    "lookahead",
    "moved_in_time",
    "on_clock",
    "parts_of_ids",
    "rate",
    "refuse_lookalike",
    "refuse_missing_ids",
    "restarted_cycles",
    "rows_to_one",
    "sample_time",
    "segments",
    "shown",
    "sparse_channels",
    "time_in_seconds",
    "to_samples",
    "unrounded",
    "why_no_log",
]
