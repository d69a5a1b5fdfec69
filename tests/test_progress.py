"""The progress bar hands items on, whether it shows or not."""

import io
import time

import pytest

from signalprep import _progress
from signalprep._progress import track


def test_items_come_as_they_are():
    for show in (None, False):
        assert list(track(iter(range(5)), 5, "work", show)) == [0, 1, 2, 3, 4]


def test_a_bar_shows_when_the_work_takes_long(monkeypatch):
    monkeypatch.setattr(_progress, "PATIENCE", 0.0)
    written = io.StringIO()
    monkeypatch.setattr("sys.stderr", written)
    for _ in track(range(2), 2, "folds of work", show=True):
        time.sleep(0.2)
    assert "folds of work" in written.getvalue()


def test_quick_work_shows_nothing(monkeypatch):
    written = io.StringIO()
    monkeypatch.setattr("sys.stderr", written)
    assert list(track(range(3), 3, "folds", show=True)) == [0, 1, 2]
    assert written.getvalue().strip() == ""


def test_an_error_ends_the_bar():
    def broken():
        yield 1
        raise RuntimeError("work failed")

    with pytest.raises(RuntimeError, match="work failed"):
        list(track(broken(), 2, "folds", show=True))
