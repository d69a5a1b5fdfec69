"""save_model and load_model: a fitted estimator in a file that runs no code when it is read."""

from __future__ import annotations

import json
import os
import zipfile
import zlib
from collections.abc import Iterable
from io import BytesIO
from pathlib import Path
from types import ModuleType
from typing import Any

import pandas as pd
from sklearn.base import BaseEstimator
from sklearn.utils.validation import check_is_fitted

from signalprep import compose, features, model_selection, neural, preprocessing, regimes
from signalprep._atomic import write_atomic
from signalprep._base import is_stored
from signalprep._version import __version__, versions
from signalprep.errors import InvalidParameterError, ReadError
from signalprep.flow import walk
from signalprep.persistence._packing import pack, unpack

__all__ = ["load_model", "save_model"]

FORMAT = 2
RECORD = "signalprep.json"  # the format, versions and cycles, beside what skops writes
HOMES = (compose, features, model_selection, neural, preprocessing, regimes)
"""What a file may name is imported with these; nothing is because a file names it."""
MAX_BYTES = 512 * 2**20
FROM_SKLEARN = {  # in what its estimators hold, and skops does not list
    "sklearn.ensemble._hist_gradient_boosting.predictor.TreePredictor",
    "sklearn.ensemble._hist_gradient_boosting.binning._BinMapper",
    "sklearn._loss.loss.HalfSquaredError",
    "sklearn._loss.link.IdentityLink",
    "sklearn._loss.link.Interval",
}
BROKEN = (
    *(AttributeError, EOFError, LookupError, MemoryError, RuntimeError, TypeError, ValueError),
    *(zipfile.BadZipFile, zlib.error),
)
"""What readers of a damaged or foreign file raise."""


def save_model(model: Any, path: str | os.PathLike[str], *, trusted: Iterable[str] = ()) -> None:
    """Write a fitted estimator to a file, without pickle.

    The file is a zip of arrays (npy) and JSON, made by skops. Its ``signalprep.json`` records the
    format, the versions of signalprep, scikit-learn, numpy, pandas and scipy, and the cycles that
    each part was trained on.

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
        content = BytesIO(skops.dumps(pack(model), compression=zipfile.ZIP_DEFLATED))
    except (TypeError, AttributeError, ValueError) as error:
        raise InvalidParameterError(f"model holds what a model file cannot: {error}") from error
    unknown = _unknown(skops.get_untrusted_types(data=content.getvalue()), trusted)
    if unknown:
        raise InvalidParameterError(
            "model must be made of parts of signalprep and scikit-learn; load_model would ask to "
            f"trust {', '.join(unknown)} (trusted=)"
        )
    with zipfile.ZipFile(content, "a", zipfile.ZIP_DEFLATED) as parts:
        parts.writestr(RECORD, json.dumps(record))
    write_atomic(path, content.getvalue())


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
        No file, no model file, a broken or too large one, another format, or types that are not
        trusted; these are named.
    """
    skops = _import_skops()
    name = os.fspath(path)
    content = _read(path, max_bytes)
    try:
        found = _format(content)
        named = skops.get_untrusted_types(data=content) if found == FORMAT else []
    except BROKEN as error:
        raise ReadError(f"{name!r} is no model file: {error}") from error
    _check_format(found, name)
    unknown = _unknown(named, trusted)
    if unknown:
        raise ReadError(
            f"{name!r} holds types that are not trusted: {', '.join(unknown)}. trusted= takes "
            "their names; read what they do before"
        )
    try:
        model = unpack(skops.loads(content, trusted=named))
    except BROKEN as error:
        raise ReadError(f"{name!r} cannot be read as a model: {error}") from error
    if not isinstance(model, BaseEstimator):
        raise ReadError(f"{name!r} is no model file of signalprep: it holds {type(model).__name__}")
    return model


def _read(path: str | os.PathLike[str], max_bytes: int) -> bytes:
    """The file's bytes, once it is known that it does not unpack to too many."""
    name = os.fspath(path)
    try:
        if Path(path).stat().st_size > max_bytes:
            raise ReadError(f"{name!r} is larger than {max_bytes} bytes (max_bytes)")
        with zipfile.ZipFile(path) as parts:
            size = sum(part.file_size for part in parts.infolist())
    except (OSError, NotImplementedError, zipfile.BadZipFile) as error:
        raise ReadError(f"{name!r} is no model file: {error}") from error
    if size > max_bytes:
        raise ReadError(f"{name!r} would unpack to {size} bytes, more than {max_bytes} (max_bytes)")
    return Path(path).read_bytes()


def _format(content: bytes) -> int | None:
    """Which format of signalprep a file has; None for a file of others."""
    with zipfile.ZipFile(BytesIO(content)) as parts:
        if RECORD in parts.namelist():
            found = json.loads(parts.read(RECORD))["format"]
            return found if isinstance(found, int) else None
        # The first format kept its record among what skops wrote.
        kept = set(json.loads(parts.read("schema.json"))["content"])
    return 1 if {"format", "versions", "cycles", "model"} <= kept else None


def _check_format(found: int | None, name: str) -> None:
    if found is None:
        raise ReadError(f"{name!r} is no model file of signalprep")
    if found != FORMAT:
        raise ReadError(
            f"{name!r} is a model file of format {found}; signalprep {__version__} reads format "
            f"{FORMAT}. Fit the model again and save it with signalprep {__version__}, or read the "
            "file with the version that wrote it"
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
