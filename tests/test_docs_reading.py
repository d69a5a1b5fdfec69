"""The page on reading logs: its examples run and print what it shows."""

from __future__ import annotations

import doctest
import importlib
import re
import tempfile
import textwrap
import tomllib
from pathlib import Path

import numpy as np
import pytest

import signalprep as sp

PAGE = Path(__file__).parents[1] / "docs" / "reading.rst"
FLAGS = doctest.NORMALIZE_WHITESPACE | doctest.ELLIPSIS
PARSER = doctest.DocTestParser()

pytestmark = pytest.mark.skipif(not PAGE.exists(), reason="the documentation is not here")


def _sections():
    """Text of each section by its title; what stands before the first one is the set-up."""
    text = PAGE.read_text(encoding="utf-8") if PAGE.exists() else ""
    parts = re.split(r"^(.+)\n-{4,}$", text, flags=re.MULTILINE)
    return parts[0], dict(zip(parts[1::2], parts[2::2], strict=True))


SET_UP, SECTIONS = _sections()
EXTRAS = {"Parquet": "pyarrow", "MDF": "asammdf"}


@pytest.fixture
def names(tmp_path, monkeypatch):
    """What every section may use: the names of the set-up, numpy and pandas."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    found = {}
    for example in PARSER.get_examples(SET_UP + "\n>>> import numpy as np, pandas as pd\n"):
        exec(example.source, found)
    return found


@pytest.mark.parametrize("title", [title for title in SECTIONS if ">>>" in SECTIONS[title]])
def test_examples_print_what_the_page_shows(names, title):
    if title in EXTRAS:
        pytest.importorskip(EXTRAS[title])
    test = PARSER.get_doctest(SECTIONS[title], names, title, str(PAGE), 0)
    found: list[str] = []
    result = doctest.DocTestRunner(optionflags=FLAGS).run(test, out=found.append)
    assert result.attempted == len(test.examples) > 0
    assert result.failed == 0, "".join(found)


def test_every_parameter_has_its_example_or_its_words():
    import inspect

    text = PAGE.read_text(encoding="utf-8")
    own = {"path", "check", "n_jobs", "progress"}
    for name in inspect.signature(sp.read_log).parameters.keys() - own:
        assert re.search(rf"\b{name}=|`{name}`", text), name


def test_every_option_of_the_page_is_one():
    import signalprep.cli._reading as reading

    known = {reading.option_of(field.name) for field in reading.fields(reading.Reading)}
    text = PAGE.read_text(encoding="utf-8")
    assert set(re.findall(r"--[a-z]+(?:-[a-z]+)*", text)) - {"--help"} <= known


def test_the_plugin_of_the_page_reads_its_files(tmp_path, monkeypatch):
    blocks = re.findall(
        r"\.\. code-block:: (\w+)\n\n((?:   .*\n|\n)+)", SECTIONS["Plug-ins"] + "\n"
    )
    code = {kind: textwrap.dedent(block) for kind, block in blocks}
    points = tomllib.loads(code["toml"])["project"]["entry-points"]["signalprep.readers"]
    monkeypatch.syspath_prepend(tmp_path)
    (tmp_path / "bench_reader.py").write_text(code["python"])
    information = tmp_path / "bench_reader-1.0.dist-info"
    information.mkdir()
    (information / "METADATA").write_text("Name: bench_reader\nVersion: 1.0\n")
    lines = "\n".join(f"{suffix} = {place}" for suffix, place in points.items())
    (information / "entry_points.txt").write_text(f"[signalprep.readers]\n{lines}\n")
    importlib.invalidate_caches()
    dtype = np.dtype([("stamp", "<u4"), ("i_a", "<i2"), ("u_dc", "<i2")])
    records = [(7_000_000, 150, 4000), (7_001_000, -32768, 4001), (7_002_000, -150, 4002)]
    np.array(records, dtype=dtype).tofile(tmp_path / "trip.ilog")
    log = sp.read_log(tmp_path / "trip.ilog")
    np.testing.assert_allclose(log.index.get_level_values("time"), [0.0, 0.001, 0.002])
    np.testing.assert_allclose(log["i_a"], [1.5, 1.5, -1.5])
    np.testing.assert_allclose(log["u_dc"], [400.0, 400.1, 400.2])
    assert sp.units(log).to_dict() == {"i_a": "A", "u_dc": "V"}
