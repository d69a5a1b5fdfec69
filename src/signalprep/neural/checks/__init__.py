"""Is a network set up soundly, can it learn, how fast, and what do its layers do?"""

from signalprep.neural.checks._learning_rate_sweep import (
    LearningRateRange,
    learning_rate_range_test,
)
from signalprep.neural.checks._network_statistics import network_statistics
from signalprep.neural.checks._overfit_check import OverfitCheck, overfit_check
from signalprep.neural.checks._setup_check import SetupCheck, check_setup

__all__ = [
    "LearningRateRange",
    "OverfitCheck",
    "SetupCheck",
    "check_setup",
    "learning_rate_range_test",
    "network_statistics",
    "overfit_check",
]
