"""The quality of recorded data: what is wrong with a log before anything is done to it."""

from signalprep.quality._check_log import check_log
from signalprep.quality._counting import counting_channels
from signalprep.quality._log_check import LogCheck, Problem

__all__ = ["LogCheck", "Problem", "check_log", "counting_channels"]
