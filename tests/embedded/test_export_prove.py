"""Another prover sees the C: no alarm as it is, at least one where a bound has been broken."""

from __future__ import annotations

import shutil

import pytest

from exported_pipelines import cleaned, gru, linear, lstm, network, plain
from signalprep.embedded import export_c

pytestmark = [
    pytest.mark.tools,
    pytest.mark.skipif(
        shutil.which("frama-c") is None, reason="needs frama-c, of the Debian package frama-c-base"
    ),
]


@pytest.mark.parametrize("model", [linear, network, cleaned, gru, lstm, plain])
def test_no_alarm(tmp_path, model):
    found = export_c(model(), tmp_path, "winding").prove()
    assert (found.ok, found.answer) == (True, "pass"), repr(found)


MUTANTS = {
    "wider weights": ("static const int_least8_t w", "static const int16_t w", 300),
    "a clamp dropped": ("return (above > high) ? high : above;", "return above;", None),
    "a narrower state": ("int32_t q", "int16_t q", None),
}


def _mutated(text: str, before: str, after: str, factor: int | None) -> str:
    """The text with its first table of weights so many times as large, or one place changed."""
    assert before in text
    if factor is None:
        return text.replace(before, after)
    begin = text.index(before)
    start = text.index("{", begin) + 1
    end = text.index("}", start)
    numbers = ", ".join(str(int(n) * factor) for n in text[start:end].split(","))
    head = text[begin:start].replace(before, after)
    return text[:begin] + head.replace("int16_t", "int32_t") + numbers + text[end:]


@pytest.mark.parametrize("name", MUTANTS)
def test_what_breaks_a_bound_is_an_alarm(tmp_path, name):
    export = export_c(network(), tmp_path, "net")
    for file in ("net.c", "net.h"):
        path = tmp_path / file
        text = path.read_text(encoding="ascii")
        if MUTANTS[name][0] in text:
            path.write_text(_mutated(text, *MUTANTS[name]), encoding="ascii")
            break
    found = export.prove()
    assert not found.ok
    assert "alarms" in repr(found)
