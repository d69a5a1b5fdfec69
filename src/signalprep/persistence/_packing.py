"""What pandas holds, as lists and arrays that a model file can hold, and back."""

from __future__ import annotations

import copy
from typing import Any

import numpy as np
import pandas as pd
from sklearn.base import BaseEstimator

from signalprep._base import Stored
from signalprep.errors import ReadError

__all__ = ["pack", "unpack"]

KIND = "pandas:kind"


def pack(thing: Any) -> Any:
    """The same with every pandas object replaced, inside estimators, lists, tuples and dicts too.

    Estimators are copied, not changed.
    """
    if isinstance(thing, (pd.DataFrame, pd.Series, pd.Index)):
        return _pack_pandas(thing)
    return _inside(thing, pack)


def unpack(thing: Any) -> Any:
    """What `pack` was given."""
    if isinstance(thing, dict) and KIND in thing:
        return _unpack_pandas(thing)
    return _inside(thing, unpack)


def _inside(thing: Any, change: Any) -> Any:
    if isinstance(thing, (BaseEstimator, Stored)):
        changed = copy.copy(thing)
        for name, value in vars(thing).items():
            vars(changed)[name] = change(value)
        return changed
    if type(thing) in (list, tuple):
        return type(thing)(change(one) for one in thing)
    if type(thing) is dict:
        return {key: change(value) for key, value in thing.items()}
    return thing


def _pack_pandas(thing: Any) -> dict[str, Any]:
    if isinstance(thing, pd.MultiIndex):
        levels = [_pack_pandas(level) for level in thing.levels]
        codes = [np.asarray(code, dtype=np.int64) for code in thing.codes]
        return {KIND: "MultiIndex", "levels": levels, "codes": codes, "names": list(thing.names)}
    if isinstance(thing, pd.Index):
        return {KIND: "Index", "name": thing.name, **_pack_values(thing)}
    if isinstance(thing, pd.Series):
        index = _pack_pandas(thing.index)
        return {KIND: "Series", "index": index, "name": thing.name, **_pack_values(thing)}
    columns = [_pack_values(thing.iloc[:, k]) for k in range(thing.shape[1])]
    head, index = _pack_pandas(thing.columns), _pack_pandas(thing.index)
    return {KIND: "DataFrame", "columns": head, "index": index, "data": columns}


def _pack_values(values: Any) -> dict[str, Any]:
    """Values and their dtype: numbers as an array, the rest as a list."""
    dtype = values.dtype
    if isinstance(dtype, pd.CategoricalDtype):
        codes = values.cat.codes if isinstance(values, pd.Series) else values.codes
        categories = _pack_pandas(dtype.categories)
        kept = np.asarray(codes, dtype=np.int64)
        return {"dtype": "category", "values": kept, "of": categories, "ordered": dtype.ordered}
    if isinstance(dtype, np.dtype) and dtype.kind in "biuf":
        return {"dtype": str(dtype), "values": values.to_numpy()}
    if isinstance(dtype, np.dtype) and dtype.kind in "mM":
        return {"dtype": str(dtype), "values": values.to_numpy().astype(np.int64)}
    return {"dtype": str(dtype), "values": [None if pd.isna(v) else v for v in values.tolist()]}


def _unpack_values(packed: dict[str, Any]) -> Any:
    dtype, values = packed["dtype"], packed["values"]
    if dtype == "category":
        categories = _unpack_pandas(packed["of"])
        return pd.Categorical.from_codes(values, categories, ordered=packed["ordered"])
    if dtype.startswith(("datetime64[", "timedelta64[")):
        return np.asarray(values).astype(dtype)
    return pd.array(values, dtype=dtype) if isinstance(values, list) else values


def _unpack_pandas(packed: dict[str, Any]) -> Any:
    kind = packed[KIND]
    if kind == "MultiIndex":
        levels = [_unpack_pandas(level) for level in packed["levels"]]
        return pd.MultiIndex(levels=levels, codes=packed["codes"], names=packed["names"])
    if kind == "Index":
        return pd.Index(_unpack_values(packed), name=packed["name"])
    if kind == "Series":
        index = _unpack_pandas(packed["index"])
        return pd.Series(_unpack_values(packed), index=index, name=packed["name"])
    if kind == "DataFrame":
        index = _unpack_pandas(packed["index"])
        columns = {k: _unpack_values(one) for k, one in enumerate(packed["data"])}
        return pd.DataFrame(columns, index=index).set_axis(
            _unpack_pandas(packed["columns"]), axis=1
        )
    raise ReadError(f"the model file holds an unknown kind of table: {kind!r}")
