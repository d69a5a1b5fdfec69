"""Which tests run which lines, and how long they take: found once, kept by content of the files."""

from __future__ import annotations

import hashlib
import pickle
import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType
from typing import Any

import coverage
import pytest

from . import forks
from .pytest_run import REPOSITORY, Watch, file_of, run_files

KEPT = REPOSITORY / ".mutants"
SOURCE = REPOSITORY / "src" / "signalprep"
WALL_LIMIT = 900.0
TOGETHER = 4
"""Test files that share a child."""


@dataclass
class Reach:
    """What the tests of one file reach.

    Attributes
    ----------
    seconds : dict of str to float
        Processor seconds of each test, with those of the wider fixtures it needs.
    lines : dict of str to dict of str to int
        By test and source file (relative to the package): bit k is set where line k runs.
    failed : list of str
        Tests that fail without any alteration; they are not used.
    """

    seconds: dict[str, float] = field(default_factory=dict)
    lines: dict[str, dict[str, int]] = field(default_factory=dict)
    failed: list[str] = field(default_factory=list)


def reaches(test_files: Iterable[str], at_once: int) -> Iterator[tuple[str, Reach | None]]:
    """The reach of each test file, from what is kept or found anew; None where that failed."""
    KEPT.mkdir(exist_ok=True)
    source = digest(sorted(SOURCE.rglob("*.py")))
    missing: dict[str, Path] = {}
    for name in test_files:
        kept = KEPT / f"{source}-{digest([REPOSITORY / name])}.reach"
        if kept.exists():
            yield name, pickle.loads(kept.read_bytes())
        else:
            missing[name] = kept
    parts = [tuple(missing)[k : k + TOGETHER] for k in range(0, len(missing), TOGETHER)]
    for names, found in forks.in_children(parts, find_reach, at_once, WALL_LIMIT):
        for name in names:
            reach = None if found is None else found.get(name, Reach())
            if reach is not None:
                missing[name].write_bytes(pickle.dumps(reach))
            yield name, reach


def digest(paths: Iterable[Path]) -> str:
    """Files by name and content."""
    made = hashlib.sha256()
    for path in paths:
        content = path.read_bytes()
        made.update(f"{path.relative_to(REPOSITORY)} {len(content)}\n".encode() + content)
    return made.hexdigest()[:16]


def find_reach(test_files: tuple[str, ...], folder: Path) -> dict[str, Reach]:
    """Run the tests of some files under coverage (in a child)."""
    measured = coverage.Coverage(data_file=None, source=[str(SOURCE)], config_file=False)
    measured.start()
    import signalprep

    for name in signalprep.__all__:
        getattr(signalprep, name)
    recorder = Recorder(measured=measured)
    run_files(test_files, folder, recorder)
    measured.stop()
    return recorder.reaches(measured.get_data())


@dataclass(eq=False)
class Recorder(Watch):
    """A plugin: lines and seconds by test, those of wider fixtures by fixture."""

    measured: coverage.Coverage = field(default_factory=coverage.Coverage)
    context: str = ""
    seconds: dict[str, float] = field(default_factory=lambda: defaultdict(float))
    needs: dict[str, list[str]] = field(default_factory=dict)
    caches: list[Any] = field(default_factory=list)
    seen_modules: int = 0

    def enter(self, context: str) -> None:
        self.seconds[self.context] += forks.seconds_used()
        self.context = context
        self.seconds[context] -= forks.seconds_used()
        self.measured.switch_context(context)

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Any:
        self.forget()
        self.needs[item.nodeid] = list(getattr(item, "fixturenames", ()))
        self.enter(item.nodeid)
        try:
            return (yield)
        finally:
            self.enter("")

    @pytest.hookimpl(wrapper=True)
    def pytest_fixture_setup(self, fixturedef: Any) -> Any:
        if fixturedef.scope == "function":
            return (yield)
        before = self.context
        self.enter(f"fixture {fixturedef.baseid} {fixturedef.argname}")
        try:
            return (yield)
        finally:
            self.enter(before)

    def forget(self) -> None:
        """Empty what test modules keep: each test that needs it shall be seen to reach it."""
        if len(sys.modules) != self.seen_modules:
            self.seen_modules = len(sys.modules)
            tests = str(REPOSITORY / "tests")
            self.caches = [
                held
                for module in list(sys.modules.values())
                if isinstance(module, ModuleType)
                and str(getattr(module, "__file__", None) or "").startswith(tests)
                for held in vars(module).values()
                if hasattr(held, "cache_clear")
            ]
        for held in self.caches:
            held.cache_clear()

    def reaches(self, data: coverage.CoverageData) -> dict[str, Reach]:
        """What was recorded by test file, fixtures shared out to the tests that need them."""
        by_context: dict[str, dict[str, int]] = defaultdict(dict)
        for path in data.measured_files():
            name = str(Path(path).relative_to(SOURCE))
            for line, contexts in data.contexts_by_lineno(path).items():
                for context in contexts:
                    held = by_context[context]
                    held[name] = held.get(name, 0) | 1 << line
        found: dict[str, Reach] = defaultdict(Reach)
        for test in self.failed:
            found[file_of(test)].failed.append(test)
        fixtures = [name for name in self.seconds if name.startswith("fixture ")]
        for test, needs in self.needs.items():
            lines, seconds = dict(by_context[test]), self.seconds[test]
            for fixture in fixtures:
                _, base, name = fixture.split(" ")
                if name in needs and test.startswith(base):
                    seconds += self.seconds[fixture]
                    for file, bits in by_context[fixture].items():
                        lines[file] = lines.get(file, 0) | bits
            reach = found[file_of(test)]
            reach.lines[test], reach.seconds[test] = lines, seconds
        return found
