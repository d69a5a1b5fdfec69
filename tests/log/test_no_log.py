"""Data that are no log: the words say what is wrong, and the call in them puts it right."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import Ridge

import signalprep as sp
from signalprep.errors import InvalidLogError, InvalidParameterError

HAS_ONE = sp.as_log(
    pd.DataFrame({"i_d": np.arange(8.0), "T_m": np.ones(8)}), cycle=[0] * 4 + [1] * 4, rate=2.0
)
SPOILT = {
    "swapped": HAS_ONE.swaplevel(),
    "renamed": HAS_ONE.rename_axis(["Cycle", "time"]),
    "swapped and renamed": HAS_ONE.swaplevel().rename_axis(["TIME", "cycle"]),
    "nameless": HAS_ONE.rename_axis([None, None]),
    "a level too many": HAS_ONE.assign(part=1).set_index("part", append=True),
    "out of order": HAS_ONE.assign(part=1)
    .set_index("part", append=True)
    .reorder_levels(["time", "part", "cycle"]),
    "reset": HAS_ONE.reset_index(),
    "half reset": HAS_ONE.reset_index("time"),
}


@pytest.mark.parametrize("how", SPOILT)
@pytest.mark.parametrize(
    "refuse",
    [
        lambda X: sp.validate(Ridge(), X, HAS_ONE["T_m"]),
        sp.split_cycles,
        lambda X: sp.Scaler().fit(X),
        lambda X: sp.HampelFilter(3).fit_transform(X),
    ],
    ids=["validate", "split_cycles", "Scaler", "HampelFilter"],
)
def test_what_the_message_says_makes_a_log(refuse, how):
    with pytest.raises(InvalidLogError) as raised:
        refuse(SPOILT[how])
    call = re.search(r"(?:as_log\()?\b(?:X|log)[.,][^:;]*?\)(?=,| puts| makes)", str(raised.value))
    assert call, raised.value
    code = call[0].removesuffix(", where the first tells the cycle")
    log = eval(code, {"as_log": sp.as_log, "X": SPOILT[how], "log": SPOILT[how]})
    pd.testing.assert_frame_equal(log[["i_d", "T_m"]], HAS_ONE)


def test_as_log_tells_a_spoilt_index_too():
    with pytest.raises(InvalidParameterError, match=r"frame\.swaplevel\(\) puts them right"):
        sp.as_log(SPOILT["swapped"])
    with pytest.raises(InvalidLogError, match=r"log\.swaplevel\(\) puts them right"):
        sp.rate(SPOILT["swapped"])


def test_ids_and_times_pass_where_they_are_not_worked_on():
    out = sp.HampelFilter(3, columns=["i_d"]).fit_transform(SPOILT["reset"])
    pd.testing.assert_frame_equal(out, SPOILT["reset"], check_dtype=False)
