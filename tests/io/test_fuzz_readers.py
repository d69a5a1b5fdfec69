"""A few hundred damaged files with odd parameters; `fuzz_readers.py` tries more."""

from __future__ import annotations

import random

import pytest
from fuzz_readers import DAMAGES, fuzz, parameters, text_seeds

from signalprep.io import read_log

N_FILES, CHUNK = 300, 100


@pytest.mark.parametrize("seed", range(N_FILES // CHUNK))
def test_damaged_files_are_read_or_refused(seed):
    found = [finding for _, finding in fuzz(CHUNK, seed) if finding is not None]
    told = [f"{one.name}: {one.kind}: {one.words} with {one.asked}" for one in found]
    assert not found, f"{len(found)} of {CHUNK} files\n" + "\n".join(told)


def test_most_files_are_damaged_and_some_are_read():
    kinds = [kind for kind, _ in fuzz(CHUNK, 0)]
    assert kinds.count("refused") > CHUNK // 4
    assert kinds.count("read") > CHUNK // 50


@pytest.mark.parametrize("damage", DAMAGES, ids=lambda damage: damage.__name__)
def test_every_damage_changes_a_file(damage):
    content = text_seeds(0)[0].content
    assert any(damage(random.Random(seed), content) != content for seed in range(20))


def test_every_parameter_is_tried():
    tried = set().union(*(parameters(random.Random(seed), {}) for seed in range(2000)))
    given = set(read_log.__kwdefaults__) - {"progress", "long_form"}
    assert given <= tried
