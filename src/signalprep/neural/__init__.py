"""Neural models as plain scikit-learn estimators: trained on whole drive cycles, run without torch.

torch is needed to train (``pip install "signalprep[neural]"``), not to predict, stream or load.
"""

from signalprep.neural._feed_forward_regressor import FeedForwardRegressor
from signalprep.neural._recurrent_regressor import RecurrentRegressor
from signalprep.neural.checks._learning_rate_sweep import (
    LearningRateRange,
    learning_rate_range_test,
)
from signalprep.neural.checks._network_statistics import network_statistics
from signalprep.neural.checks._overfit_check import OverfitCheck, overfit_check
from signalprep.neural.checks._setup_check import SetupCheck, check_setup
from signalprep.neural.training._recipe import Recipe

__all__ = [
    "FeedForwardRegressor",
    "LearningRateRange",
    "OverfitCheck",
    "Recipe",
    "RecurrentRegressor",
    "SetupCheck",
    "check_setup",
    "learning_rate_range_test",
    "network_statistics",
    "overfit_check",
]
