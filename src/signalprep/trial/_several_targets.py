"""SeveralTargets: targets of several columns."""

from __future__ import annotations

from typing import Any

import pandas as pd

from signalprep.trial._regression import Regression
from signalprep.trial._task import not_one


class SeveralTargets(Regression):
    """Several targets of numbers, which no validation takes yet."""

    def check(self, X: pd.DataFrame, y: Any) -> pd.Series:
        """Refuse them: validate each by itself."""
        raise not_one(y)
