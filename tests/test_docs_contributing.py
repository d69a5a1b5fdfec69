"""The page for contributors: its examples are done to a copy and work, and its walks are true."""

from __future__ import annotations

import importlib
import inspect
import os
import re
import shutil
import subprocess
import sys
import textwrap
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import Any, NamedTuple

import pytest
from sklearn.linear_model import Ridge

import signalprep as sp
from conftest import REPOSITORY
from signalprep.cli import main

PAGE = REPOSITORY / "docs" / "contributing.rst"
TEXT = PAGE.read_text(encoding="utf-8") if PAGE.exists() else ""
PARTS = re.split(r"^(.+)\n-{4,}$", TEXT, flags=re.MULTILINE)
SECTIONS = dict(zip(PARTS[1::2], PARTS[2::2], strict=True))
BLOCK = re.compile(
    r"^\.\. code-block:: (\S+)\n   :caption: (\S+)\n\n((?:   .*\n|\n)+)", re.MULTILINE
)

pytestmark = pytest.mark.skipif(not TEXT, reason="the documentation is not here")


class Change(NamedTuple):
    """What a section does to a file: it makes a new one, or changes some lines of one there is."""

    path: str
    text: str
    is_new: bool

    def make(self, tree: Path) -> None:
        """Do it to a copy of the repository."""
        file = tree / self.path
        file.parent.mkdir(parents=True, exist_ok=True)
        if self.is_new:
            assert not file.exists()
            file.write_text(self.text, encoding="utf-8")
            return
        lines = self.text.splitlines()
        assert any(line[:1] in ("+", "-") for line in lines)
        old, new = (
            "".join(f"{line[1:]}\n" for line in lines if line[:1] != other) for other in "+-"
        )
        content = file.read_text(encoding="utf-8")
        assert content.count(old) == 1, f"{self.path} must hold once:\n{old}"
        file.write_text(content.replace(old, new), encoding="utf-8")


def changes_of(title: str) -> list[Change]:
    blocks = BLOCK.findall(SECTIONS[title] + "\n")
    return [
        Change(path, textwrap.dedent(text).rstrip("\n") + "\n", language != "diff")
        for language, path, text in blocks
    ]


EXAMPLES = [title for title in SECTIONS if BLOCK.search(SECTIONS[title] + "\n")]
MOST_EDITS = {"A section of page and JSON": 2, "A transformer": 4}
"""Files there already are that an example changes; of the others a single one."""


@pytest.mark.parametrize("title", EXAMPLES)
def test_an_example_done_to_a_copy_does_what_the_page_shows(title, tmp_path):
    package = tmp_path / "src" / "signalprep"
    shutil.copytree(
        REPOSITORY / "src" / "signalprep", package, ignore=shutil.ignore_patterns("__pycache__")
    )
    changes = changes_of(title)
    edited = {change.path for change in changes if not change.is_new}
    for path in edited:
        if not (tmp_path / path).exists():
            (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(REPOSITORY / path, tmp_path / path)
    for change in changes:
        change.make(tmp_path)
    assert len(edited) <= MOST_EDITS.get(title, 1)
    (tmp_path / "section.rst").write_text(SECTIONS[title], encoding="utf-8")
    options = [part for name in ("NORMALIZE_WHITESPACE", "ELLIPSIS") for part in ("-o", name)]
    environment = {
        "PYTHONPATH": str(package.parent),
        "NUMBA_DISABLE_JIT": "1",
        "TMPDIR": str(tmp_path),
    }
    done = subprocess.run(
        [sys.executable, "-W", "error", "-m", "doctest", *options, "section.rst"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        env={**os.environ, **environment},
        check=False,
    )
    assert ">>>" in SECTIONS[title]
    assert done.returncode == 0, done.stdout + done.stderr


def names_of(title: str) -> list[str]:
    """What a walk names, in its order."""
    return re.findall(r"`([a-z_]+(?:\.\w+)+)`", SECTIONS[title])


def named(name: str) -> Any:
    """What stands behind a name such as `trial._folds.run_folds`."""
    found, path = sp, "signalprep"
    for part in name.removeprefix("signalprep.").split("."):
        path = f"{path}.{part}"
        found = getattr(found, part) if hasattr(found, part) else importlib.import_module(path)
    return found


@pytest.fixture
def log():
    return sp.datasets.simulate_pmsm(n_cycles=4, rate=1.0, random_state=0)


def through_validate(log, folder):
    regimes = sp.RegimeBinner({"omega_m": [0, 200, 400]})
    model = sp.make_pipeline(sp.HampelFilter(), Ridge())
    X, y = log.drop(columns="T_pm"), log["T_pm"]
    sp.validate(model, X, y, regimes=regimes, cv=4, n_bootstrap=20)


def through_push(log, folder):
    X, y = log.drop(columns="T_pm"), log["T_pm"]
    model = sp.make_pipeline(sp.HampelFilter(), Ridge()).fit(X, y)
    sp.stream(model).push(X.iloc[0])


def through_report(log, folder):
    for cycle, rows in log.groupby(level="cycle"):
        rows.droplevel("cycle").to_csv(folder / f"{cycle}.csv")
    asked = "--target T_pm --regimes omega_m=0:200:400 --folds 2 --limit rmse=20".split()
    files = ["--output", str(folder / "page.html"), "--json", str(folder / "page.json")]
    sys.argv = ["signalprep", "report", str(folder), *asked, *files]
    with pytest.raises(SystemExit) as end:
        main()
    assert end.value.code in (0, 1, 3)


RUNS: dict[str, Callable[..., None]] = {
    "How X goes through validate": through_validate,
    "How a row goes through push": through_push,
    "How a file goes through signalprep report": through_report,
}


@pytest.mark.parametrize("title", RUNS)
def test_a_walk_meets_what_it_names_in_this_order(title, log, tmp_path, monkeypatch):
    monkeypatch.setattr(sys, "argv", [])
    codes: dict[Any, str] = {}
    for name in names_of(title):
        function = named(name)
        code = getattr(inspect.unwrap(function), "__code__", None)
        if code is not None and not hasattr(function, "registry"):  # it has several
            codes.setdefault(code, name)
    met: dict[Any, None] = {}

    def look(frame: FrameType, event: str, argument: Any) -> None:
        if event == "call" and frame.f_code in codes:
            met.setdefault(frame.f_code)

    sys.setprofile(look)
    try:
        RUNS[title](log, tmp_path)
    finally:
        sys.setprofile(None)
    assert len(codes) >= 6
    assert [codes[code] for code in met] == list(codes.values())


def test_every_walk_is_walked():
    assert set(RUNS) == {title for title in SECTIONS if title.startswith("How ")}
