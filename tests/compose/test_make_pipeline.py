"""make_pipeline keeps the index from step to step."""

import pandas as pd
from sklearn.base import clone
from sklearn.linear_model import Ridge
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import StandardScaler

import signalprep as sp


def test_it_is_scikit_learns_own_pipeline():
    assert type(sp.make_pipeline(StandardScaler(), Ridge())) is Pipeline


def test_every_step_hands_on_a_frame_with_its_index(make_log):
    log = make_log()
    for pipeline in (
        sp.make_pipeline(StandardScaler(), StandardScaler()),
        clone(sp.make_pipeline(StandardScaler(), StandardScaler())),
    ):
        out = pipeline.fit(log).transform(log)
        assert isinstance(out, pd.DataFrame)
        assert out.index.equals(log.index)
