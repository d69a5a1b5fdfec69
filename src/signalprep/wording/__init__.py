"""Numbers, units and titles as text."""

from signalprep.wording._numbers import decimals_for, format_count, format_interval, format_number
from signalprep.wording._spans import place_text, range_text, samples_text, time_text
from signalprep.wording._units import error_unit, rate_unit, signal_name, with_unit
from signalprep.wording._weak import WEAK, interval_text
