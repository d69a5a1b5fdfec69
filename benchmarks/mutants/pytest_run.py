"""pytest within a child: chosen tests only, and what they did."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

REPOSITORY = Path(__file__).resolve().parents[2]
OPTIONS = (
    "--quiet",
    "--tb=short",
    "-pno:cacheprovider",
    # A child runs pytest more than once; the second time hypothesis is there already.
    "-Wignore::pytest.PytestAssertRewriteWarning",
    f"--rootdir={REPOSITORY}",
)


@dataclass(eq=False)
class Watch:
    """A plugin: the tests that failed."""

    failed: list[str] = field(default_factory=list)

    def pytest_configure(self) -> None:
        import hypothesis

        quiet = [hypothesis.HealthCheck.too_slow]
        hypothesis.settings.register_profile(
            "mutants", derandomize=True, database=None, deadline=None, suppress_health_check=quiet
        )
        hypothesis.settings.load_profile("mutants")

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.failed and report.nodeid not in self.failed:
            self.failed.append(report.nodeid)


@dataclass(eq=False)
class Choose(Watch):
    """A plugin: only some tests, in this order."""

    order: dict[str, int] = field(default_factory=dict)

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        items[:] = [item for item in items if item.nodeid in self.order]
        items.sort(key=lambda item: self.order[item.nodeid])


def run_tests(tests: Sequence[str], folder: Path, *options: str) -> list[str]:
    """Run tests by their names; those that failed, or "collection"."""
    chosen = Choose(order={name: k for k, name in enumerate(tests)})
    code = run_files(list(dict.fromkeys(file_of(name) for name in tests)), folder, chosen, *options)
    if chosen.failed:
        return chosen.failed
    fine = (pytest.ExitCode.OK, pytest.ExitCode.NO_TESTS_COLLECTED)
    return [] if code in fine else ["collection"]


def run_files(files: Sequence[str], folder: Path, plugin: Any, *options: str) -> int:
    """Run test files with a plugin; the exit code of pytest."""
    base = f"--basetemp={folder / 'tmp'}"
    return int(pytest.main([*OPTIONS, base, *options, *files], plugins=[plugin]))


def file_of(test: str) -> str:
    """The file of a test by its name."""
    return test.partition("::")[0]
