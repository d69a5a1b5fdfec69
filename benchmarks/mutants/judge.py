"""One mutant: put it in the place of its module, and run the tests that reach it."""

from __future__ import annotations

import importlib
import importlib.abc
import importlib.machinery
import importlib.util
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from types import CodeType, ModuleType
from typing import Any

import numpy as np

from . import forks
from .mutants import Mutant
from .pytest_run import file_of, run_tests
from .reach import SOURCE, Reach
from .users import is_at_import, lines_to_reach

TESTS_FIRST = 2.0
TESTS_FOR = 15.0
"""Processor seconds of tests after which a mutant has survived."""
FARTHER = 3.0
"""A test that is a step farther away counts as so many times as slow."""
SLACK = 5.0
TIMES = 6.0
"""A batch may take that many times its seconds, and the slack, before the mutant hangs."""
WALL_LIMIT = 900.0
TOGETHER = 10
"""Files whose killers are tried in one child."""
AT_IMPORT = ("tests/test_public_defaults.py",)
"""Tests that read what is there after an import, and run none of it."""


@dataclass(frozen=True)
class Batch:
    """Tests that are run together, and the seconds they took."""

    tests: tuple[str, ...]
    seconds: float


@dataclass(frozen=True)
class Trial:
    """A mutant and what shall be tried on it, in order."""

    mutant: Mutant
    batches: tuple[Batch, ...]


@dataclass(frozen=True)
class Answer:
    """What killed a mutant ("" where it survived), and how many seconds were looked for it."""

    killer: str
    seconds: float


def plan(mutant: Mutant, reached: dict[str, Reach]) -> Trial:
    """Tests that reach a mutant: the quickest first, those that stand near it before others."""
    wanted, at_import = lines_to_reach(mutant), is_at_import(mutant)
    found: list[tuple[int, float, str]] = []
    for file, reach in reached.items():
        rank = closeness(mutant.file, file)
        for test, lines in reach.lines.items():
            if test in reach.failed:
                continue
            if (file in AT_IMPORT and at_import) or any(
                lines.get(name, 0) & place for name, place in wanted.items()
            ):
                found.append((rank, reach.seconds[test], test))
    found.sort(key=lambda one: (one[1] * FARTHER ** one[0], one[2]))
    ends = np.cumsum([seconds for _, seconds, _ in found])
    few, all_ = (int(np.searchsorted(ends, limit)) + 1 for limit in (TESTS_FIRST, TESTS_FOR))
    return Trial(mutant, tuple(_batch(part) for part in (found[:few], found[few:all_]) if part))


def _batch(found: list[tuple[int, float, str]]) -> Batch:
    """Tests by file, so that none sets up its module twice."""
    files = list(dict.fromkeys(file_of(test) for _, _, test in found))
    tests = sorted((test for _, _, test in found), key=lambda test: files.index(file_of(test)))
    return Batch(tuple(tests), sum(seconds for _, seconds, _ in found))


def closeness(source: str, test: str) -> int:
    """0: the tests that mirror a file or stand in it; 1: those of its package; 2: others."""
    package, _, name = source.rpartition("/")
    if test == f"src/signalprep/{source}" or test == f"tests/{package}/test_{name.lstrip('_')}":
        return 0
    top = package.partition("/")[0]
    return 1 if test.startswith((f"src/signalprep/{top}/", f"tests/{top}/")) else 2


def judge(trial: Trial, folder: Path) -> Answer:
    """Try one mutant (in a child)."""
    path = SOURCE / trial.mutant.file
    code = compile(trial.mutant.tree(), str(path), "exec", dont_inherit=True)
    stand = Stand(path, code)
    sys.meta_path.insert(0, stand)
    spent = 0.0
    forks.limit_seconds(TIMES * SLACK)
    try:  # before pytest puts an importer of its own before this one
        module = importlib.import_module(stand.name)
    except Exception as error:
        return Answer(f"import: {type(error).__name__}", spent)
    if module.__loader__ is not stand.loader:
        raise ImportError(f"{stand.name} was there already")
    for batch in trial.batches:
        forks.limit_seconds(TIMES * batch.seconds + SLACK)
        failed = run_tests(batch.tests, folder, "--exitfirst")
        spent += batch.seconds
        if failed:
            return Answer(failed[0], spent)
    return Answer("", spent)


def judge_nothing(tests: Sequence[str], folder: Path) -> list[str]:
    """Those of the tests that fail on the source as it is (in a child)."""
    return run_tests(tests, folder)


def in_parts(tests: set[str]) -> list[tuple[str, ...]]:
    """Tests of some files each."""
    files = sorted({file_of(test) for test in tests})
    parts = [set(files[k : k + TOGETHER]) for k in range(0, len(files), TOGETHER)]
    return [tuple(sorted(test for test in tests if file_of(test) in part)) for part in parts]


class Stand(importlib.abc.MetaPathFinder):
    """Finds one module, with other code than its file has."""

    def __init__(self, path: Path, code: CodeType) -> None:
        self.path = path
        parts = ("signalprep", *path.relative_to(SOURCE).with_suffix("").parts)
        self.name = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
        self.loader = Loader(self.name, str(path))
        self.loader.code = code

    def find_spec(
        self, name: str, path: Any = None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        if name != self.name:
            return None
        return importlib.util.spec_from_file_location(name, self.path, loader=self.loader)


class Loader(importlib.machinery.SourceFileLoader):
    """Loads the code it was given."""

    code: CodeType

    def get_code(self, fullname: str) -> CodeType:
        return self.code
