"""What a new study on page and JSON takes: its files, and its name in two lists."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import signalprep

SECTION = '''"""Seasons: in which month which error."""

from signalprep.report.sections._section import Section, Study


def _facts(found):
    return {"months": found.studies["seasons"].months}


def _content(found):
    return {"seasons": {"months": found.studies["seasons"].months}}


SECTION = Section(
    "seasons",
    "body",
    _facts,
    _content,
    link="Seasons",
    study=Study("audit", "--seasons", "Show in which month the model fails."),
)
'''
TEMPLATE = """<section>
<h2 id="seasons">Where the year is hard</h2>
<p>{{ facts.months | join(", ") }}</p>
</section>
"""
SCHEMA = {
    "properties": {"seasons": {"anyOf": [{"$ref": "#/$defs/seasons"}, {"type": "null"}]}},
    "$defs": {
        "seasons": {
            "type": "object",
            "properties": {"months": {"type": "array", "items": {"type": "string"}}},
            "required": ["months"],
            "additionalProperties": False,
        }
    },
}
NEW = {
    "report/sections/_seasons.py": SECTION,
    "report/templates/sections/seasons.html": TEMPLATE,
    "report/schema/seasons.json": json.dumps(SCHEMA),
}
EDITS = {
    "report/_pages.py": ('            "next",\n', '            "next",\n            "seasons",\n'),
    "results/_studies.py": (
        "    audit: results.Audit | None\n",
        "    audit: results.Audit | None\n    seasons: results.Audit | None\n",
    ),
}
USE = """
import json
from pathlib import Path
from types import SimpleNamespace

from example_validation import example_rows, example_validation
from json_schema_subset import violations
from signalprep.cli import app
from signalprep.report import json_schema
from typer.testing import CliRunner

validation = example_validation(example_rows(n_cycles=4, n=60), None, n_bootstrap=5)
study = SimpleNamespace(target="T_pm", months=["<May>", "June"])
validation.to_html("page.html", seasons=study)
validation.to_json("with.json", seasons=study)
validation.to_json("without.json")
for name in ("with", "without"):
    content = json.loads(Path(f"{name}.json").read_text())
    assert violations(content, json_schema(), json_schema()) == []
    print(content["seasons"])
page = Path("page.html").read_text()
print("&lt;May&gt;, June" in page, '<a href="#seasons">Seasons</a>' in page)
print("--seasons" in CliRunner().invoke(app, ["report", "--help"]).output)
"""


def test_three_files_and_two_lines(tmp_path: Path) -> None:
    root = tmp_path / "signalprep"
    shutil.copytree(Path(signalprep.__file__).parent, root)
    for name, text in NEW.items():
        assert not (root / name).exists()
        (root / name).write_text(text, encoding="utf-8")
    for name, (old, new) in EDITS.items():
        text = (root / name).read_text(encoding="utf-8")
        assert old in text
        (root / name).write_text(text.replace(old, new, 1), encoding="utf-8")
    tests = Path(__file__).resolve().parents[1]
    path = os.pathsep.join([str(tmp_path), str(tests)])
    done = subprocess.run(
        [sys.executable, "-c", USE],
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": path, "NUMBA_DISABLE_JIT": "1"},  # kernels are not new
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == [
        "{'months': ['<May>', 'June']}",
        "None",
        "True True",
        "True",
    ]
