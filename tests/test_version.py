"""The version is said in one place, and everything that names it says the same."""

import re
import tomllib
from importlib.metadata import version

import signalprep as sp
from conftest import REPOSITORY
from signalprep._version import versions


def test_it_is_written_once():
    written = re.compile(rf"(?<![\d.]){re.escape(sp.__version__)}(?![\d.])")
    files = [*REPOSITORY.glob("src/**/*.py"), *REPOSITORY.glob("docs/*.py")]
    files.append(REPOSITORY / "pyproject.toml")
    found = [file.name for file in files if written.search(file.read_text(encoding="utf-8"))]
    assert found == ["_version.py"]


def test_the_build_reads_it():
    project = tomllib.loads((REPOSITORY / "pyproject.toml").read_text(encoding="utf-8"))
    assert project["project"]["dynamic"] == ["version"]
    place = REPOSITORY / project["tool"]["hatch"]["version"]["path"]
    assert f'__version__ = "{sp.__version__}"' in place.read_text(encoding="utf-8")


def test_the_installed_package_and_what_is_recorded_agree():
    assert version("signalprep") == sp.__version__ == versions()["signalprep"]
    assert list(versions())[:2] == ["python", "signalprep"]
