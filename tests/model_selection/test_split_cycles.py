"""split_cycles: three logs, and a file that keeps the test set what it was."""

import json
import os

import numpy as np
import pandas as pd
import pytest

import signalprep as sp
from signalprep.errors import InvalidLogError, InvalidParameterError, ReadError


@pytest.fixture
def log(make_log):
    rng = np.random.default_rng(0)
    log = make_log(lengths=tuple(rng.integers(20, 80, 20)))
    ids = [f"trip {k:02d}" for k in log.index.codes[0]]
    return sp.as_log(log.reset_index(drop=True), cycle=ids, rate=10.0)


def ids(parts):
    return [list(sp.cycles(part)) for part in parts]


def test_parts_hold_whole_cycles_and_their_share_of_rows(log):
    parts = sp.split_cycles(log)
    assert sorted(cycle for part in ids(parts) for cycle in part) == list(sp.cycles(log))
    for part, size in zip(parts, (0.7, 0.15, 0.15), strict=True):
        assert abs(len(part) / len(log) - size) < 0.03
        for cycle in sp.cycles(part):
            pd.testing.assert_frame_equal(part.loc[cycle], log.loc[cycle])


def test_the_split_follows_from_the_log_and_the_seed(log):
    assert ids(sp.split_cycles(log)) == ids(sp.split_cycles(log))
    a = ids(sp.split_cycles(log, random_state=1))
    assert a == ids(sp.split_cycles(log, random_state=1))
    assert any(a != ids(sp.split_cycles(log, random_state=seed)) for seed in range(2, 6))


def test_stratified_parts_have_every_kind(log):
    kind = pd.Series(["city", "hill", "bench", "highway"] * 5, index=sp.cycles(log))
    parts = sp.split_cycles(log, sizes=(0.5, 0.25, 0.25), stratify=kind)
    assert all(set(kind[part]) == set(kind) for part in ids(parts))


def test_groups_stay_in_one_part(log):
    group = pd.Series(np.arange(20) // 2, index=sp.cycles(log))
    for part in ids(sp.split_cycles(log, together=group)):
        assert (group[part].value_counts() == 2).all()


def test_a_file_keeps_the_split(log, tmp_path):
    path = tmp_path / "split.json"
    first = sp.split_cycles(log, random_state=3, path=path)
    again = sp.split_cycles(log, path=path)
    for a, b in zip(first, again, strict=True):
        pd.testing.assert_frame_equal(a, b)
    assert [file.name for file in tmp_path.iterdir()] == ["split.json"]
    assert json.loads(path.read_text())["format"] == "signalprep cycle split"


def test_new_cycles_are_trained_on_or_refused(log, tmp_path):
    path = tmp_path / "split.json"
    new = sp.cycles(log)[-1]
    old = log.drop(index=new, level="cycle")
    before = ids(sp.split_cycles(old, path=path))
    after = ids(sp.split_cycles(log, path=path))
    assert after[1:] == before[1:]
    assert set(after[0]) - set(before[0]) == {new}
    with pytest.raises(InvalidLogError, match="cycle 'trip 19' is new"):
        sp.split_cycles(log, path=path, new_cycles="raise")


def test_training_cycles_may_go_and_channels_may_come(log, tmp_path):
    path = tmp_path / "split.json"
    train, _, test = sp.split_cycles(log, path=path)
    fewer = log.drop(index=sp.cycles(train)[0], level="cycle").assign(more=1.0)
    _, _, again = sp.split_cycles(fewer, path=path)
    pd.testing.assert_frame_equal(again.drop(columns="more"), test)
    sp.split_cycles(log[["c1"]], path=path)


@pytest.mark.parametrize("part", [1, 2])
def test_a_held_out_cycle_that_is_gone_or_changed_is_refused(log, tmp_path, part):
    path = tmp_path / "split.json"
    cycle = sp.cycles(sp.split_cycles(log, path=path)[part])[0]
    name = ("train", "validation", "test")[part]

    def refused(changed, message):
        with pytest.raises(InvalidLogError, match=message):
            sp.split_cycles(changed, path=path)

    refused(log.drop(index=cycle, level="cycle"), f"every {name} cycle .*'{cycle}' is missing")
    rows = np.flatnonzero(log.index.get_level_values("cycle") == cycle)
    refused(log.drop(index=log.index[rows[-1:]]), f"{name} cycle '{cycle}' .*rows; got")
    nudged = log.copy()
    nudged.iloc[rows[3], 1] += 1e-12
    refused(nudged, f"{name} cycle '{cycle}' .*channel 'c1' has changed")
    refused(log.rename(columns=str.upper), "none of its channels is left")
    late = sp.as_log(
        log.reset_index(drop=True), cycle=log.index.get_level_values("cycle"), rate=9.0
    )
    refused(late, "its times have changed")


def test_the_sign_of_zero_and_the_kind_of_nan_do_not_matter(log, tmp_path):
    path = tmp_path / "split.json"
    zeros = log.assign(c0=0.0, text="a", flag=True)
    zeros.iloc[::7, 1] = np.nan
    sp.split_cycles(zeros, path=path)
    sp.split_cycles(zeros.assign(c0=-0.0, c1=-zeros["c1"] * -1.0), path=path)
    with pytest.raises(InvalidLogError, match="channel 'text' has changed"):
        sp.split_cycles(zeros.assign(text="b"), path=path)


def test_datetimes_and_whole_number_ids(tmp_path, make_log):
    log = make_log(lengths=(20,) * 6)
    stamps = pd.Timestamp("2024-01-01") + pd.to_timedelta(np.arange(120), unit="s")
    log.index = pd.MultiIndex.from_arrays([log.index.codes[0], stamps], names=["cycle", "time"])
    path = tmp_path / "split.json"
    before = ids(sp.split_cycles(log, path=path))
    assert ids(sp.split_cycles(log, path=path)) == before
    coarser = log.copy()
    coarser.index = coarser.index.set_levels(coarser.index.levels[1].as_unit("ms"), level=1)
    assert ids(sp.split_cycles(coarser, path=path)) == before


def test_a_new_copy_of_a_test_cycle_is_refused(log, tmp_path):
    path = tmp_path / "split.json"
    test = sp.cycles(sp.split_cycles(log, path=path)[2])[0]
    copy = pd.concat({"copy": log.loc[test]}, names=["cycle"])
    both = pd.concat([log, copy])
    group = {cycle: cycle for cycle in sp.cycles(log)} | {"copy": test}
    with pytest.raises(InvalidParameterError, match=r"'copy' \(train\).* are one group"):
        sp.split_cycles(both, path=path, together=group)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[1, 2",
        "[]",
        '{"format": "another"}',
        '{"format": "signalprep cycle split", "version": 2}',
        '{"format": "signalprep cycle split", "version": 1}',
        '{"format": "signalprep cycle split", "version": 1, "sizes": [1, 2, 3], "train": [],'
        ' "held_out": [{"cycle": 1}]}',
        "[" * 100_000,
        f'{{"format": {"1" * 5000}}}',
    ],
)
def test_files_that_are_no_split_are_refused(log, tmp_path, text):
    path = tmp_path / "split.json"
    path.write_text(text)
    with pytest.raises(ReadError, match=r"split.json"):
        sp.split_cycles(log, path=path)
    assert path.read_text() == text


@pytest.mark.parametrize("make", [os.mkdir, os.mkfifo])
def test_what_is_no_file_is_no_split(log, tmp_path, make):
    make(tmp_path / "split.json")
    with pytest.raises(ReadError, match="split.json' must be a file"):
        sp.split_cycles(log, path=tmp_path / "split.json")


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"sizes": (0.7, 0.3)}, "sizes must be three positive parts that sum to 1"),
        ({"sizes": (0.7, 0.3, 0.0)}, "sizes must be three positive parts"),
        ({"sizes": (0.7, 0.2, 0.2)}, "sizes must be three positive parts"),
        ({"sizes": (0.7, np.nan, 0.3)}, "sizes must be three positive parts"),
        ({"sizes": "abc"}, "sizes must be three numbers"),
        ({"sizes": 0.7}, "sizes must be three numbers"),
        ({"new_cycles": "test"}, "new_cycles must be 'train' or 'raise'"),
        ({"path": "no/such/folder/split.json"}, "path must lie in an existing folder"),
    ],
)
def test_wrong_parameters(log, parameters, message):
    with pytest.raises(InvalidParameterError, match=message):
        sp.split_cycles(log, **parameters)


def test_other_sizes_than_in_the_file_are_refused(log, tmp_path):
    path = tmp_path / "split.json"
    sp.split_cycles(log, path=path)
    with pytest.raises(InvalidParameterError, match=r"sizes must be those of the split"):
        sp.split_cycles(log, sizes=(0.6, 0.2, 0.2), path=path)


def test_ids_that_json_would_change_are_refused(log, tmp_path):
    frame = log.reset_index(drop=True)
    odd = sp.as_log(frame, cycle=log.index.codes[0] + 0.5, rate=10.0)
    with pytest.raises(InvalidParameterError, match="ids must be text or whole numbers"):
        sp.split_cycles(odd, path=tmp_path / "split.json")
    assert not list(tmp_path.iterdir())


def test_too_few_cycles_and_no_log(make_log):
    with pytest.raises(InvalidParameterError, match="at least three cycles.*got 2 cycles"):
        sp.split_cycles(make_log(lengths=(20, 20)))
    with pytest.raises(InvalidLogError, match="See as_log"):
        sp.split_cycles(np.zeros((5, 2)))
