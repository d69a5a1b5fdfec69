"""README.md: its script runs as printed, prints what is printed, and its commands exist."""

import os
import re
import shutil
import subprocess
import sys

import pytest
from typer.testing import CliRunner

from conftest import REPOSITORY
from signalprep.cli import app

TEXT = (REPOSITORY / "README.md").read_text(encoding="utf-8")
NUMBER = re.compile(r"-?\d+(?:\.\d+)?")


def block(language):
    """Give the one fenced block of a language."""
    (found,) = re.findall(rf"```{language}\n(.*?)```", TEXT, re.DOTALL)
    return found


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """Run the script as printed, in a folder with nothing but the sample data."""
    folder = tmp_path_factory.mktemp("readme")
    logs = "sample_data/drive_cycles"
    shutil.copytree(REPOSITORY / logs, folder / logs)
    (folder / "script.py").write_text(block("python"), encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-W", "error", "script.py"],
        cwd=folder,
        capture_output=True,
        encoding="utf-8",
        env={**os.environ, "PYTHONIOENCODING": "utf-8"},
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return folder, done.stdout


def test_script_has_at_most_fifteen_lines():
    assert len(block("python").strip().splitlines()) <= 15


def test_script_writes_the_page(run):
    folder, _ = run
    page = (folder / "report.html").read_text(encoding="utf-8")
    assert page.lstrip().lower().startswith("<!doctype html>")
    assert "T_pm" in page


def test_script_prints_what_the_readme_says(run):
    _, printed = run
    shown = block("text")
    assert NUMBER.sub("#", printed).split() == NUMBER.sub("#", shown).split()
    numbers = [float(number) for number in NUMBER.findall(printed)]
    assert numbers == pytest.approx([float(n) for n in NUMBER.findall(shown)], rel=0.01)


def test_caption_says_how_many_cells_are_weak():
    printed = re.search(r"(\d+) of \d+ regimes have evidence, (\d+) of them weak", block("text"))
    caption = re.search(r"Of the (\d+) cells\s+with evidence (\d+) are weak", TEXT)
    assert caption.groups() == printed.groups()


def test_make_targets_exist():
    makefile = (REPOSITORY / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"^([a-z-]+):", makefile, re.MULTILINE))
    for name in ("README.md", "CONTRIBUTING.md"):
        text = (REPOSITORY / name).read_text(encoding="utf-8")
        named = set(re.findall(r"(?:^ +|`)make ([a-z-]+)", text, re.MULTILINE))
        assert {"report", "test"} <= named
        assert named <= targets


def test_commands_and_their_options_exist():
    lines = re.findall(r"^ +signalprep ((?:.*\\\n)*.*)$", TEXT, re.MULTILINE)
    assert {line.split()[0] for line in lines} == {"check", "report"}
    for line in [*lines, "report --pipeline"]:
        command = line.split()[0]
        shown = CliRunner().invoke(app, [command, "--help"], env={"COLUMNS": "200"})
        assert shown.exit_code == 0
        for option in re.findall(r"--[a-z]+", line):
            assert option in shown.output


def test_files_that_the_readme_names_exist():
    pictures = re.findall(r"!\[.*?\]\((.*?)\)", TEXT)
    assert pictures
    for name in [*pictures, "LICENSE", "CONTRIBUTING.md", "sample_data/drive_cycles"]:
        assert name in TEXT
        assert (REPOSITORY / name).exists()
    assert all((REPOSITORY / name).stat().st_size <= 120 * 1024 for name in pictures)
