"""save_model and load_model: a fitted estimator in a file that runs no code when it is read."""

from __future__ import annotations

import inspect
import os
import platform
import zipfile
from collections.abc import Iterable
from importlib.metadata import version
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pandas as pd
import sklearn
from sklearn.base import BaseEstimator
from sklearn.utils.validation import check_is_fitted

from signalprep import compose, features, model_selection, neural, preprocessing, regimes
from signalprep._atomic import write_atomic
from signalprep._kernels._moments import Moments
from signalprep.compose import walk
from signalprep.errors import InvalidParameterError, ReadError
from signalprep.neural._standardiser import Standardiser
from signalprep.persistence._packing import pack, unpack
from signalprep.preprocessing.outliers._regime_split import RegimeSplit

__all__ = ["load_model", "save_model"]

FORMAT = 1
MAX_BYTES = 512 * 2**20
FROM_SKLEARN = {  # in what its estimators hold, and skops does not list
    "sklearn.ensemble._hist_gradient_boosting.predictor.TreePredictor",
    "sklearn.ensemble._hist_gradient_boosting.binning._BinMapper",
    "sklearn._loss.loss.HalfSquaredError",
    "sklearn._loss.link.IdentityLink",
    "sklearn._loss.link.Interval",
}


def save_model(model: Any, path: str | os.PathLike[str], *, trusted: Iterable[str] = ()) -> None:
    """Write a fitted estimator to a file, without pickle.

    The file is a zip of arrays (npy) and JSON, made by skops. With the model it records the
    versions of signalprep, scikit-learn, numpy and pandas and the cycles that each part was trained
    on.

    Parameters
    ----------
    model : estimator
        Fitted: a pipeline of steps of signalprep and scikit-learn, a neural regressor, or one of
        these alone.
    path : path-like
        File to write; replaced in one step.
    trusted : iterable of str, default=()
        Full names of types beyond the allow-list of `load_model` that the file may hold;
        `load_model` must be given them, too. scikit-learn's trees are such:
        "sklearn.tree._tree.Tree".

    Raises
    ------
    ImportError
        skops is not installed (``pip install "signalprep[persistence]"``).
    InvalidParameterError
        A folder that does not exist; something that such a file cannot hold, or that `load_model`
        would not trust: functions, estimators of other packages.
    sklearn.exceptions.NotFittedError
        `model` is not fitted.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> import signalprep as sp
    >>> from sklearn.linear_model import Ridge
    >>> log = sp.datasets.simulate_pmsm(n_cycles=4, rate=0.5, random_state=0)
    >>> X, y = log.drop(columns="T_pm"), log["T_pm"]
    >>> model = sp.make_pipeline(sp.HampelFilter(5), sp.Scaler(), Ridge()).fit(X, y)
    >>> file = pathlib.Path(tempfile.mkdtemp(), "rotor.skops")
    >>> sp.save_model(model, file)
    >>> bool((sp.load_model(file).predict(X) == model.predict(X)).all())
    True
    """
    skops = _import_skops()
    if not isinstance(model, BaseEstimator):
        raise InvalidParameterError(f"model must be an estimator; got {type(model).__name__}")
    check_is_fitted(model)
    record = {"format": FORMAT, "versions": _versions(), "cycles": _training_cycles(model)}
    try:
        content = skops.dumps({**record, "model": pack(model)}, compression=zipfile.ZIP_DEFLATED)
    except (TypeError, AttributeError, ValueError) as error:
        raise InvalidParameterError(f"model holds what a model file cannot: {error}") from error
    unknown = sorted(set(skops.get_untrusted_types(data=content)) - _trusted() - set(trusted))
    if unknown:
        raise InvalidParameterError(
            "model must be made of parts of signalprep and scikit-learn; load_model would ask to "
            f"trust {', '.join(unknown)} (trusted=)"
        )
    write_atomic(path, content)


def load_model(
    path: str | os.PathLike[str], *, trusted: Iterable[str] = (), max_bytes: int = MAX_BYTES
) -> Any:
    """Read an estimator that `save_model` has written.

    Nothing in the file is run: it names types, and only those of an allow-list are made, which are
    the estimators of signalprep and those of scikit-learn that skops trusts.

    Parameters
    ----------
    path : path-like
        The file.
    trusted : iterable of str, default=()
        Full names of further types to trust. Read the file's source before you name any.
    max_bytes : int, default=512 MiB
        Most bytes of all parts, unpacked, > 0.

    Returns
    -------
    model : estimator
        Fitted; its predictions are bit-equal on the same machine and versions.

    Raises
    ------
    ImportError
        skops is not installed.
    ReadError
        No file, no model file, a broken or too large one, a newer format, or types that are not
        trusted; these are named.
    """
    skops = _import_skops()
    content = _read(path, max_bytes)
    name = os.fspath(path)
    allowed = _trusted() | set(trusted)
    try:
        unknown = sorted(set(skops.get_untrusted_types(data=content)) - allowed)
    except (KeyError, ValueError, TypeError, zipfile.BadZipFile) as error:
        raise ReadError(f"{name!r} is no model file: {error}") from error
    if unknown:
        raise ReadError(
            f"{name!r} holds types that are not trusted: {', '.join(unknown)}. trusted= takes "
            "their names; read what they do before"
        )
    try:
        record = skops.loads(content, trusted=sorted(allowed))
    except (KeyError, ValueError, TypeError, AttributeError, zipfile.BadZipFile) as error:
        raise ReadError(f"{name!r} cannot be read as a model: {error}") from error
    if not isinstance(record, dict) or not {"format", "model"} <= record.keys():
        raise ReadError(f"{name!r} is no model file of signalprep")
    if record["format"] != FORMAT:
        raise ReadError(
            f"{name!r} has format {record['format']}; this version of signalprep reads {FORMAT}"
        )
    return unpack(record["model"])


def _read(path: str | os.PathLike[str], max_bytes: int) -> bytes:
    """The file's bytes, once it is known that it does not unpack to too many."""
    name = os.fspath(path)
    try:
        if Path(path).stat().st_size > max_bytes:
            raise ReadError(f"{name!r} is larger than {max_bytes} bytes (max_bytes)")
        with zipfile.ZipFile(path) as parts:
            size = sum(part.file_size for part in parts.infolist())
    except (OSError, zipfile.BadZipFile) as error:
        raise ReadError(f"{name!r} is no model file: {error}") from error
    if size > max_bytes:
        raise ReadError(f"{name!r} would unpack to {size} bytes, more than {max_bytes} (max_bytes)")
    return Path(path).read_bytes()


def _import_skops() -> ModuleType:
    try:
        import skops.io
    except ImportError as error:
        raise ImportError(
            'model files need skops: pip install "signalprep[persistence]"'
        ) from error
    return skops.io


def _trusted() -> frozenset[str]:
    """Full names of signalprep's public estimators, and of what these and scikit-learn's hold."""
    homes = [compose, features, model_selection, neural, preprocessing, regimes]
    found = [getattr(home, name) for home in homes for name in home.__all__]
    own = [one for one in found if inspect.isclass(one) and issubclass(one, BaseEstimator)]
    names = [
        f"{one.__module__}.{one.__qualname__}" for one in [*own, Moments, RegimeSplit, Standardiser]
    ]
    return frozenset(names) | FROM_SKLEARN


def _versions() -> dict[str, str]:
    return {
        "signalprep": version("signalprep"),
        "scikit-learn": sklearn.__version__,
        "numpy": np.__version__,
        "pandas": pd.__version__,
        "python": platform.python_version(),
    }


def _training_cycles(model: Any) -> dict[str, list[str]]:
    """The cycles each part remembers, as text, by its place in the model."""
    kept = {}
    for place, part in walk(model):
        for attribute in ("training_cycles_", "cycles_"):
            cycles = getattr(part, attribute, None)
            if isinstance(cycles, pd.Index):
                kept[str(place)] = [str(cycle) for cycle in cycles]
                break
    return kept
