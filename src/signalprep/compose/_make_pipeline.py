"""make_pipeline: scikit-learn's Pipeline, set to keep frames."""

from __future__ import annotations

from typing import Any

from sklearn.pipeline import Pipeline
from sklearn.pipeline import make_pipeline as _sklearn_make_pipeline


def make_pipeline(*steps: Any, memory: Any = None, verbose: bool = False) -> Pipeline:
    """Build a scikit-learn Pipeline in which every step hands on a frame with its index.

    Parameters
    ----------
    *steps : estimators
        As for :func:`sklearn.pipeline.make_pipeline`.
    memory : str, object with the joblib.Memory interface or None, default=None
        Cache of fitted steps.
    verbose : bool, default=False
        Whether to print the time of each step.

    Returns
    -------
    pipeline : sklearn.pipeline.Pipeline
        With ``set_output(transform="pandas")``, so that the (cycle, time) index reaches every
        step. ``clone``, search and cross-validation keep that setting.

    Examples
    --------
    >>> import signalprep as sp
    >>> from sklearn.linear_model import Ridge
    >>> sp.make_pipeline(sp.HampelFilter(), Ridge())
    Pipeline(steps=[('hampelfilter', HampelFilter()), ('ridge', Ridge())])
    """
    pipeline = _sklearn_make_pipeline(*steps, memory=memory, verbose=verbose)
    return pipeline.set_output(transform="pandas")
