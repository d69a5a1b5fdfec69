"""Splits in files, labels and logs that cannot be, in words."""

from __future__ import annotations

import json
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

import signalprep as sp
from signalprep.errors import InvalidLogError, InvalidParameterError, ReadError
from signalprep.model_selection._bayesian_search_cv import _quiet
from signalprep.model_selection._split_file import (
    PARTS,
    _fingerprint,
    _is_complete,
    _plain_id,
    _read,
)
from signalprep.model_selection._strata import _binned

ENTRY = {"rows": 3, "time": "sum", "channels": {"a": "sum"}}
HELD_OUT = [{**ENTRY, "cycle": k, "part": part} for k, part in enumerate(PARTS[1:])]
WHOLE = {"sizes": [0.6, 0.2, 0.2], "train": ["a", 7], "held_out": HELD_OUT}


@pytest.fixture
def log():
    values = np.random.default_rng(0).normal(size=(40, 2))
    frame = pd.DataFrame(values, columns=["a", "b"])
    return sp.as_log(frame, cycle=np.repeat(range(4), 10), rate=1.0)


@pytest.mark.parametrize(
    ("change", "complete"),
    [
        ({}, True),
        ({"sizes": [1, 0, 0]}, True),
        ({"sizes": [0.6, 0.4]}, False),
        ({"sizes": [0.6, 0.2, 0.1, 0.1]}, False),
        ({"sizes": [0.6, 0.2, "0.2"]}, False),
        ({"sizes": "0.6"}, False),
        ({"train": None}, False),
        ({"held_out": {}}, False),
        ({"held_out": [1]}, False),
        ({"held_out": [*HELD_OUT, {}]}, False),
        ({"held_out": HELD_OUT[:1]}, False),
        ({"held_out": []}, False),
        ({"train": [0]}, False),
        ({"train": ["a", "a"]}, False),
        ({"train": [1.5]}, False),
        ({"held_out": [*HELD_OUT, {**HELD_OUT[0], "cycle": 9}]}, True),
        *(
            ({"held_out": [*HELD_OUT, {**HELD_OUT[0], "cycle": 9, **wrong}]}, False)
            for wrong in (
                {"cycle": None},
                {"part": "train"},
                {"rows": "3"},
                {"time": 3},
                {"channels": []},
                {"channels": {"a": 1}},
            )
        ),
    ],
)
def test_files_that_are_complete(change, complete):
    assert _is_complete(WHOLE | change) is complete


def test_files_that_are_no_split(tmp_path):
    path = tmp_path / "split.json"
    with pytest.raises(ReadError, match="must be a file to be read as a split of cycles"):
        _read(tmp_path)
    path.write_text("no", encoding="utf-8")
    with pytest.raises(ReadError, match="cannot be read as a split of cycles"):
        _read(path)
    for content in ([], {"format": "other"}):
        path.write_text(json.dumps(content), encoding="utf-8")
        with pytest.raises(ReadError, match="must be a split of cycles that split_cycles wrote"):
            _read(path)


def test_splits_of_other_logs(tmp_path, log):
    path = tmp_path / "split.json"
    first = sp.split_cycles(log, path=path, random_state=0)
    held_out = [cycle for part in first[1:] for cycle in part.index.unique("cycle")]
    with pytest.raises(InvalidLogError, match="must hold a cycle to train on; all are held out"):
        sp.split_cycles(log.loc[held_out], path=path)
    with pytest.raises(InvalidLogError, match="none of its channels is left to compare"):
        sp.split_cycles(log.rename(columns={"a": "c", "b": "d"}), path=path)


def test_names_and_ids_that_no_file_keeps(log):
    with pytest.raises(InvalidLogError, match="column names must be unique, as text too"):
        _fingerprint(log.set_axis([1, "1"], axis=1))
    assert _plain_id(np.int64(3)) == 3
    assert _plain_id("a") == "a"
    for cycle in (True, 1.5, None, ("a",)):
        with pytest.raises(InvalidParameterError, match="must be text or whole numbers"):
            _plain_id(cycle)


def test_channels_of_one_name_are_not_compared(log):
    with pytest.raises(InvalidLogError, match="must be unique; 'a' occurs more than once"):
        sp.group_near_duplicates(log.set_axis(["a", "a"], axis=1))


def test_labels_by_which_folds_are_stratified(log):
    with pytest.raises(InvalidLogError, match="reads X; got None"):
        _binned(sp.RegimeBinner({"a": 2}), None, None, "stratify")
    with pytest.raises(
        InvalidParameterError, match=r"must name columns of X \('a', 'b'\); got 'z'"
    ):
        _binned(sp.RegimeBinner({"z": 2}), log, None, "stratify")
    fitted = sp.RegimeBinner({"a": [-9.0, 0.0, 9.0]}).fit(log)
    (labels,) = _binned(fitted, log, None, "stratify")
    assert labels.tolist() == ["[0, 9]" if a >= 0 else "[-9, 0)" for a in log["a"]]
    (numbers,) = _binned(sp.RegimeBinner({0: [-9.0, 0.0, 9.0]}), log[["a"]].to_numpy(), None, "s")
    assert numbers.tolist() == labels.tolist()


def test_trials_are_not_told_one_by_one():
    said = []
    optuna = SimpleNamespace(
        logging=SimpleNamespace(
            get_verbosity=lambda: "before", set_verbosity=said.append, WARNING="warning"
        )
    )
    with _quiet(optuna):
        assert said == ["warning"]
    assert said == ["warning", "before"]


def test_groups_of_rows_are_told_of_cycles_that_were_compared(log):
    found = sp.group_near_duplicates(log)
    assert found.of_rows(log.loc[[0, 3]]).tolist() == [0] * 10 + [3] * 10
    strange = log.loc[[2]].rename(index={2: 9}, level="cycle")
    with pytest.raises(InvalidLogError, match="cycles that were compared; got 9"):
        found.of_rows(pd.concat([log.loc[[0, 1]], strange]))
