"""An integer model: what it predicts, says of itself, and is once it has been saved and read."""

from __future__ import annotations

import contextlib
import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from sklearn.exceptions import NotFittedError
from sklearn.linear_model import Ridge
from sklearn.preprocessing import MaxAbsScaler, MinMaxScaler, RobustScaler, StandardScaler

import signalprep as sp
from signalprep.embedded import STATUS_WORDS, Format, IntegerModel, lower
from signalprep.errors import InvalidLogError, InvalidParameterError, LoweringError, ReadError

FORMATS = {
    "i_d": Format(lsb=0.01, bits=16),
    "speed": Format(lsb=0.5, bits=15, signed=False),
    "T": Format(lsb=0.1, offset=-40.0, bits=12, signed=False, not_available=4095),
}


def _log(n: int = 400) -> pd.DataFrame:
    rng = np.random.default_rng(0)
    codes = np.stack(
        [rng.integers(-9000, 9000, n), rng.integers(0, 12000, n), rng.integers(100, 2000, n)]
    )
    columns = {
        name: one.decode(row) for (name, one), row in zip(FORMATS.items(), codes, strict=True)
    }
    frame = pd.DataFrame({"trip": np.repeat(["a", "b", "c", "d"], n // 4), **columns})
    return sp.as_log(frame, cycle="trip", rate=10.0)


def _target(log: pd.DataFrame) -> pd.Series:
    return 0.3 * log["i_d"] - 0.002 * log["speed"] + log["T"] + 5.0


def _fitted(*steps: object) -> tuple[object, pd.DataFrame]:
    log = _log()
    return sp.make_pipeline(*steps, Ridge(1e-3)).fit(log, _target(log)), log


SCALERS = [
    StandardScaler(),
    StandardScaler(with_mean=False),
    MinMaxScaler((-2, 3)),
    RobustScaler(),
    MaxAbsScaler(),
    *(sp.Scaler(method) for method in ("zscore", "minmax", "robust")),
]


@pytest.mark.parametrize("scaler", SCALERS, ids=repr)
def test_a_scaled_linear_model_loses_nothing_but_32_bits(scaler: object) -> None:
    pipeline, log = _fitted(scaler)
    integer = lower(pipeline, FORMATS)
    error = np.abs(integer.predict(log) - pipeline.predict(log)).max()
    assert error < 1e-6 * np.abs(_target(log)).max()


def test_limits_hold_clip_and_flag_as_the_float_step_does() -> None:
    log = _log()
    for action in ("hold", "clip", "keep"):
        step = sp.PhysicalLimits(
            {"i_d": (-50.0, 30.0), "T": (None, 100.0)}, action=action, add_indicator=True
        )
        pipeline = sp.make_pipeline(step, Ridge(1e-6)).fit(log, _target(log))
        found = lower(pipeline, FORMATS).predict(log)
        np.testing.assert_allclose(found, pipeline.predict(log), rtol=0, atol=1e-5)


def test_a_stream_gives_what_the_batch_gives() -> None:
    pipeline, log = _fitted(sp.PhysicalLimits({"i_d": (-50.0, 30.0)}), sp.Scaler())
    integer = lower(pipeline, FORMATS)
    whole, live, found = integer.predict(log), integer.stream(), []
    for cycle in log.index.unique("cycle"):
        live.reset()
        rows = log.loc[[cycle]]
        found += [live.push(rows.iloc[:1]), live.push(dict(rows.iloc[1])), live.push(rows.iloc[2:])]
    np.testing.assert_array_equal(np.concatenate(found), whole)


def test_status_tells_what_is_wrong_with_a_row() -> None:
    pipeline, log = _fitted(sp.Scaler())
    integer = lower(pipeline, FORMATS, calibration=log)
    rows = np.array([[0, 100, 500], [0, 100, 4095], [0, 32767, 500], [0, 20000, 500], [0, 1, 5000]])
    words = [
        [word for bit, word in STATUS_WORDS.items() if status & bit]
        for status in integer.status(rows, codes=True)
    ]
    assert words[0] == []
    assert words[1] == [STATUS_WORDS[4]]
    assert words[2] == words[3] == [STATUS_WORDS[8]]
    assert words[4] == [STATUS_WORDS[2], STATUS_WORDS[8]]
    held = integer.predict(rows[:2], codes=True)
    assert held[1] == held[0]  # the temperature that is not available


def test_saved_and_read_it_is_the_same(tmp_path: Path) -> None:
    pipeline, log = _fitted(sp.PhysicalLimits({"i_d": (-50.0, 30.0)}), sp.Scaler())
    integer = lower(pipeline, FORMATS, calibration=log)
    integer.save(tmp_path / "a.json")
    again = IntegerModel.load(tmp_path / "a.json")
    np.testing.assert_array_equal(again.predict(log), integer.predict(log))
    again.save(tmp_path / "b.json")
    assert (tmp_path / "a.json").read_bytes() == (tmp_path / "b.json").read_bytes()
    assert list(again.training_cycles_) == ["a", "b", "c", "d"]
    assert repr(again) == repr(integer)


def test_a_damaged_file_is_refused(tmp_path: Path) -> None:
    integer = lower(_fitted(sp.Scaler())[0], FORMATS)
    path = tmp_path / "model.json"
    integer.save(path)
    text = path.read_text()
    rng = np.random.default_rng(0)
    for _ in range(60):
        at = int(rng.integers(len(text)))
        path.write_text(text[:at] + text[at + int(rng.integers(1, 40)) :])
        with contextlib.suppress(ReadError):
            IntegerModel.load(path)  # or it is still one
    with pytest.raises(ReadError, match="cannot be read"):
        IntegerModel.load(tmp_path / "none.json")
    contents = json.loads(text) | {"format": 99}
    with pytest.raises(ReadError, match="no integer model of format"):
        IntegerModel.from_json(contents)


def test_tables_and_words_tell_what_it_is() -> None:
    integer = lower(_fitted(sp.PhysicalLimits({"i_d": (-50.0, 30.0)}), sp.Scaler())[0], FORMATS)
    assert list(integer.formats_.index) == list(FORMATS)
    dot = integer.proof_.query("op == 'Dot' and step == 'ridge'").iloc[0]
    assert 32 <= dot["bits"] <= dot["sum_bits"] < 64
    cost = integer.cost_
    assert cost.loc["all", "macs"] == cost["macs"].iloc[:-1].sum()
    assert {"physicallimits", "ridge"} <= set(cost["step"])
    assert "physicallimits -> ridge" in repr(integer)


@pytest.mark.parametrize(
    ("formats", "words"),
    [
        ({"i_d": FORMATS["i_d"]}, "has none for 'speed', 'T'"),
        ({**FORMATS, "u": Format(1.0)}, "no channel 'u'"),
        ({**FORMATS, "T": 0.1}, "must be a Format; got float"),
        ([1], "must be a dict"),
    ],
)
def test_formats_must_name_the_channels(formats: object, words: str) -> None:
    pipeline, _ = _fitted(sp.Scaler())
    with pytest.raises(InvalidParameterError, match=words):
        lower(pipeline, formats)


@pytest.mark.parametrize(
    ("parameters", "words"),
    [
        ({"lsb": 0.0}, "above 0"),
        ({"lsb": True}, "above 0; got True"),
        ({"lsb": 1.0, "bits": 1}, "from 2 to 32"),
        ({"lsb": 1.0, "bits": 32, "signed": False}, "an unsigned format .* from 2 to 31"),
        ({"lsb": 1.0, "bits": 8, "not_available": 128}, "from -128 to 127"),
        ({"lsb": 1.0, "offset": float("nan")}, "finite"),
        ({"lsb": 1.0, "signed": "no"}, "signed must be True or False; got 'no'"),
    ],
)
def test_a_format_that_cannot_be_is_refused(parameters: dict, words: str) -> None:
    with pytest.raises(InvalidParameterError, match=words):
        Format(**parameters)


def test_what_has_no_integer_form_is_named() -> None:
    log = _log()
    y = _target(log)
    ahead = sp.make_pipeline(sp.SavitzkyGolayFilter(5, causal=False), Ridge()).fit(log, y)
    with pytest.raises(LoweringError, match=r"step 'savitzkygolayfilter'.* samples ahead"):
        lower(ahead, FORMATS)
    clips = sp.make_pipeline(MinMaxScaler(clip=True), Ridge()).fit(log, y)
    with pytest.raises(LoweringError, match=r"'minmaxscaler' \(MinMaxScaler\).* it clips"):
        lower(clips, FORMATS)
    with pytest.raises(NotFittedError):
        lower(sp.make_pipeline(sp.Scaler(), Ridge()), FORMATS)


def test_rows_that_cannot_be_encoded_are_named() -> None:
    pipeline, log = _fitted(sp.Scaler())
    integer = lower(pipeline, FORMATS)
    with pytest.raises(InvalidParameterError, match="channel 'i_d'.*not_available="):
        integer.predict(log.assign(i_d=np.nan))
    with pytest.raises(InvalidLogError, match="'speed'"):
        integer.predict(log.drop(columns="speed"))
    with pytest.raises(InvalidParameterError, match="whole numbers"):
        integer.predict(np.full((3, 3), 0.5), codes=True)


def test_a_warm_up_is_what_it_is_said_to_be() -> None:
    log = _log()
    steps = (sp.ExponentialFeatures(["2s"], statistics=["mean"]), sp.Scaler(), Ridge())
    pipeline = sp.make_pipeline(*steps).fit(log, _target(log))
    for warm_up, rows in ((None, 70), (7, 7), ("2s", 20), (0, 0)):
        status = lower(pipeline, FORMATS, warm_up=warm_up).status(log)
        warming = pd.Series(status & 1, log.index).groupby("cycle").sum()
        assert (warming == rows).all()
    with pytest.raises(InvalidParameterError, match="warm_up"):
        lower(pipeline, FORMATS, warm_up=-1)


def test_a_log_at_another_rate_is_refused_as_the_float_pipeline_refuses_it(tmp_path: Path) -> None:
    pipeline, log = _fitted(sp.HampelFilter(5))
    model = lower(pipeline, FORMATS)
    faster = sp.as_log(log.reset_index(drop=True), rate=50.0)
    model.save(tmp_path / "model.json")
    for one in (model, IntegerModel.load(tmp_path / "model.json")):
        assert one.sample_time_ == 0.1
        with pytest.raises(InvalidLogError, match=r"sample time 0\.1 s"):
            one.predict(faster)
    with pytest.raises(InvalidLogError, match=r"sample time 0\.1 s"):
        lower(pipeline, FORMATS, calibration=faster)
    contents = model.to_json() | {"sample_time": -1.0}
    with pytest.raises(ReadError, match="sample_time must be above 0"):
        IntegerModel.from_json(contents)


@pytest.mark.parametrize("row", [[1.5, 2, 3], [np.nan, 2, 3], [np.inf, 2, 3]], ids=str)
def test_a_stream_takes_no_code_that_is_no_whole_number(row: list) -> None:
    pipeline, _ = _fitted(sp.HampelFilter(5))
    with pytest.raises(InvalidParameterError, match="needs whole numbers"):
        lower(pipeline, FORMATS).stream().push(row, codes=True)


def test_a_stream_takes_rows_by_their_names() -> None:
    pipeline, log = _fitted(sp.HampelFilter(5))
    model = lower(pipeline, FORMATS)
    row, first = log.iloc[0], model.predict(log)[:1]
    for given in (row, row[["T", "speed", "i_d"]], row[["T", "speed", "i_d"]].to_dict()):
        np.testing.assert_array_equal(model.stream().push(given), first)
    with pytest.raises(InvalidLogError, match="channels 'speed'"):
        model.stream().push({"i_d": 1.0, "T": 2.0})


def test_what_saturates_is_never_taken_for_what_is_missing() -> None:
    top, bottom = FORMATS["T"], Format(0.1, bits=8, not_available=-128)
    values = [-1000.0, 1000.0, np.inf, np.nan]
    np.testing.assert_array_equal(top.encode(values), [0, 4094, 4094, 4095])
    np.testing.assert_array_equal(bottom.encode(values), [-127, 127, 127, -128])
    np.testing.assert_array_equal(top.encode(top.decode([0, 4094, 4095])), [0, 4094, 4095])


@pytest.mark.parametrize("given", [None, Ridge, 7, "model.skops"], ids=repr)
def test_what_is_no_model_is_refused(given: object) -> None:
    with pytest.raises(InvalidParameterError, match="fitted must be a fitted pipeline or model"):
        lower(given, FORMATS)


def test_channels_hold_real_numbers() -> None:
    pipeline, log = _fitted()
    model = lower(pipeline, FORMATS)
    for other in (log["T"].astype(complex), log["T"].astype(str), log["T"].astype(object)):
        with pytest.raises(InvalidLogError, match="channel 'T' must hold real numbers; got "):
            model.predict(log.assign(T=other))
        with pytest.raises(InvalidLogError, match="must hold real numbers; got an array of"):
            model.predict(log.assign(T=other).to_numpy())
    flags = log.assign(T=log["T"] > 50.0)  # as for every step
    np.testing.assert_array_equal(model.predict(flags), model.predict(flags.astype(float)))


def test_a_format_that_cannot_be_that_of_its_channel_is_doubted() -> None:
    pipeline, log = _fitted()
    model = lower(pipeline, FORMATS | {"speed": Format(0.001, bits=15, signed=False)})
    words = r"channel 'speed' saturates in \d+% of the rows: .* 0 to 32\.767, and .*mend lsb"
    for asked in (model.predict, model.status):
        with pytest.warns(UserWarning, match=words):
            asked(log)
    with pytest.warns(UserWarning, match=words):
        lower(pipeline, model.formats, calibration=log)
    model.predict(model.formats["speed"].decode([[1, 1, 1]]))  # what fits
