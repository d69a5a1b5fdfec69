"""save_model and load_model: a fitted estimator in a file that runs no code when it is read."""

from __future__ import annotations

import json
import os
import struct
import tokenize
import warnings
import zipfile
import zlib
from collections.abc import Iterable, Mapping
from types import ModuleType
from typing import Any

import pandas as pd
from sklearn.base import BaseEstimator
from sklearn.utils.validation import check_is_fitted

from signalprep import compose, features, model_selection, neural, preprocessing, regimes
from signalprep._atomic import write_atomic
from signalprep._base import is_stored
from signalprep._version import versions
from signalprep.errors import InvalidParameterError, ReadError
from signalprep.flow import walk
from signalprep.persistence._contents import FORMAT, contents, read_bytes, with_record
from signalprep.persistence._packing import pack, unpack

__all__ = ["load_model", "save_model"]

HOMES = (compose, features, model_selection, neural, preprocessing, regimes)
"""What a file may name is imported with these; nothing is because a file names it."""
MAX_BYTES = 512 * 2**20
FROM_SKLEARN = {  # in what its estimators hold, and skops does not list
    "sklearn.ensemble._hist_gradient_boosting.predictor.TreePredictor",
    "sklearn.ensemble._hist_gradient_boosting.binning._BinMapper",
    "sklearn._loss.loss.HalfSquaredError",
    "sklearn._loss.link.IdentityLink",
    "sklearn._loss.link.Interval",
    "sklearn.neural_network._stochastic_optimizers.AdamOptimizer",
    "sklearn.neural_network._stochastic_optimizers.SGDOptimizer",
}
MADE_OF = ("signalprep", "scikit-learn")
"""Packages whose estimators a file holds: another version may compute with other attributes."""
BROKEN = (
    *(ArithmeticError, AssertionError, AttributeError, BufferError, EOFError, ImportError),
    *(LookupError, MemoryError, OSError, RuntimeError, SyntaxError, TypeError, ValueError),
    *(struct.error, tokenize.TokenError, zipfile.BadZipFile, zipfile.LargeZipFile, zlib.error),
)
"""What readers of a damaged or foreign file raise."""


def save_model(model: Any, path: str | os.PathLike[str], *, trusted: Iterable[str] = ()) -> None:
    """Write a fitted estimator to a file, without pickle.

    The file is a zip of arrays (npy) and JSON, made by skops. Its ``signalprep.json`` records the
    format, the versions of signalprep, scikit-learn, numpy, pandas and scipy, and the cycles that
    each part was trained on; its comment is the SHA-256 of all that stands before it.

    Parameters
    ----------
    model : estimator
        Fitted: a pipeline of steps of signalprep and scikit-learn, a neural regressor, or one of
        these alone.
    path : path-like
        File to write; replaced in one step.
    trusted : iterable of str, default=()
        Full names of types beyond those that `load_model` trusts that the file may hold;
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
    if not isinstance(model, BaseEstimator) or not hasattr(model, "fit"):
        raise InvalidParameterError(f"model must be an estimator; got {type(model).__name__}")
    check_is_fitted(model)
    record = {"format": FORMAT, "versions": versions(), "cycles": _training_cycles(model)}
    try:
        content = skops.dumps(pack(model), compression=zipfile.ZIP_DEFLATED)
    except (TypeError, AttributeError, ValueError) as error:
        raise InvalidParameterError(f"model holds what a model file cannot: {error}") from error
    unknown = _unknown(skops.get_untrusted_types(data=content), trusted)
    if unknown:
        raise InvalidParameterError(
            "model must be made of parts of signalprep and scikit-learn; load_model would ask to "
            f"trust {', '.join(unknown)} (trusted=)"
        )
    write_atomic(path, with_record(content, json.dumps(record)))


def load_model(
    path: str | os.PathLike[str], *, trusted: Iterable[str] = (), max_bytes: int = MAX_BYTES
) -> Any:
    """Read an estimator that `save_model` has written.

    Nothing in the file is run: it names types, and only those are made that signalprep marks as its
    own to be stored, and those of scikit-learn that skops trusts.

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
        No file, no model file, a damaged or too large one, another format, or types that are not
        trusted; these are named.

    Warns
    -----
    UserWarning
        The file was written with another version of scikit-learn or signalprep; both are named.
    """
    skops = _import_skops()
    name = os.fspath(path)
    content = read_bytes(path, max_bytes)
    try:
        record = contents(content, name, max_bytes)
        named = skops.get_untrusted_types(data=content)
        others = _other_versions(record["versions"])
    except ReadError:
        raise
    except BROKEN as error:
        raise ReadError(f"{name!r} is no model file: {error}") from error
    unknown = _unknown(named, trusted)
    if unknown:
        raise ReadError(
            f"{name!r} holds types that are not trusted: {', '.join(unknown)}. trusted= takes "
            "their names; read what they do before"
        )
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # one for each estimator of another version
            model = unpack(skops.loads(content, trusted=named))
    except BROKEN as error:
        written = f" It was written with {others}" if others else ""
        raise ReadError(f"{name!r} cannot be read as a model: {error}.{written}") from error
    if not isinstance(model, BaseEstimator):
        raise ReadError(f"{name!r} is no model file of signalprep: it holds {type(model).__name__}")
    if others:
        warnings.warn(
            f"{name!r} was written with {others}: the model may predict otherwise. Fit and save it "
            "with the versions that are here, or read it with those of the file",
            stacklevel=2,
        )
    return model


def _other_versions(found: Mapping[str, str]) -> str:
    """Versions that a file names and that are not those that are here, each beside ours."""
    here = versions()
    return ", ".join(
        f"{name} {found[name]} (here is {here[name]})"
        for name in MADE_OF
        if found[name] != here[name]
    )


def _unknown(named: Iterable[str], trusted: Iterable[str]) -> list[str]:
    """Full names of types that are trusted by nobody."""
    return sorted(name for name in set(named) - FROM_SKLEARN - set(trusted) if not is_stored(name))


def _import_skops() -> ModuleType:
    try:
        import skops.io
    except ImportError as error:
        raise ImportError(
            'model files need skops: pip install "signalprep[persistence]"'
        ) from error
    return skops.io


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
