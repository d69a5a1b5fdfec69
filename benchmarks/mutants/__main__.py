"""Alter the source in one place at a time and see whether the tests notice.

make mutants                                 sixty places of each package, at most 20 minutes
make mutants MUTANTS_OPTIONS="--seed 1"      other places
make mutants MUTANTS_OPTIONS="--only io/_rows.py --per-package 0"   all places of a file
make mutants MUTANTS_OPTIONS="--only io/_rows.py:40"    all places of a line
make mutants MUTANTS_OPTIONS="--again"       those that survived the last time
"""

from __future__ import annotations

import argparse
import importlib
import importlib.util
import json
import os
import sys
import time
from collections.abc import Iterable

import pandas as pd

from . import forks
from .judge import WALL_LIMIT, Answer, in_parts, judge, judge_nothing, plan
from .kills import Kills
from .known import reason
from .mutants import PACKAGES, Mutant, sample
from .pytest_run import REPOSITORY
from .reach import KEPT, SOURCE, Reach, reaches

LEAST = 0.9
AT_ONCE = 2
RESERVE = 90.0
"""Seconds at the end for the killers, which must pass on the source as it is."""
LAST = KEPT / "survivors.json"
TESTS = (*PACKAGES, "trial", "results")
ALSO = (
    "test_public_defaults.py",
    "test_log.py",
    "test_lookahead.py",
    "test_far_dates.py",
    "test_readme.py",
)
PRELOADED = """numpy pandas scipy.signal scipy.stats scipy.optimize scipy.spatial numba
    sklearn.compose sklearn.ensemble sklearn.inspection sklearn.linear_model sklearn.model_selection
    sklearn.neighbors sklearn.pipeline sklearn.preprocessing sklearn.utils.estimator_checks
    statsmodels.api jinja2 typer rich pytest"""


def main() -> int:
    options = read_options()
    ends = time.monotonic() + 60.0 * options.minutes - RESERVE
    prepare()
    reached = find_reach(options.jobs)
    drawn = (
        last_survivors()
        if options.again
        else sample(options.seed, options.per_package, options.only)
    )
    answers: dict[Mutant, Answer] = {}
    kills = Kills()
    answers |= {m: Answer(kills.killer(m), 0.0) for m in drawn if kills.killer(m) and not reason(m)}
    if answers:
        print(f"{len(answers)} of {len(drawn)} killed before, by tests that did not change")
    left = [mutant for mutant in drawn if mutant not in answers and not reason(mutant)]
    in_time = (plan(mutant, reached) for mutant in left if time.monotonic() < ends)
    for trial, answer in forks.in_children(in_time, judge, options.jobs, WALL_LIMIT):
        answers[trial.mutant] = answer = answer or Answer("time", 0.0)
        kills.add(trial.mutant, answer.killer)
        if not answer.killer:
            spent = f"{answer.seconds:4.0f} s of tests"
            print(f"{len(answers):4d} survived {spent}  {trial.mutant}", flush=True)
    doubtful = kills_in_doubt(answers, options.jobs)
    kills.forget(doubtful)
    KEPT.mkdir(exist_ok=True)
    LAST.write_text(json.dumps([(m.file, m.number) for m in survivors(answers)]), encoding="utf-8")
    return told(drawn, answers, doubtful)


def read_options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--per-package", type=int, default=60, help="0: all")
    parser.add_argument("--minutes", type=float, default=20.0)
    parser.add_argument("--only", default="", help="package, file or file:line, as in io/_rows.py")
    parser.add_argument("--again", action="store_true", help="what survived the last time")
    parser.add_argument("--jobs", type=int, default=AT_ONCE)
    return parser.parse_args()


def prepare() -> None:
    """What every child needs, loaded once; signalprep itself is not."""
    sys.path[:0] = [str(SOURCE.parent)]
    spec = importlib.util.spec_from_file_location("threads_and_caches", REPOSITORY / "conftest.py")
    assert spec is not None
    assert spec.loader is not None
    rules = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(rules)
    rules.pytest_configure()
    os.chdir(REPOSITORY)
    for name in PRELOADED.split():
        importlib.import_module(name)
    assert not any(name.partition(".")[0] == "signalprep" for name in sys.modules)


def find_reach(jobs: int) -> dict[str, Reach]:
    """What the tests reach, by their file."""
    folders = [*(f"tests/{name}" for name in TESTS), *(f"src/signalprep/{p}" for p in PACKAGES)]
    files = [f"tests/{name}" for name in ALSO]
    for folder in folders:
        inside = (REPOSITORY / folder).rglob("*.py" if folder.startswith("src") else "test_*.py")
        shown = (path for path in inside if folder.startswith("tests") or ">>>" in path.read_text())
        files += sorted(str(path.relative_to(REPOSITORY)) for path in shown)
    start = time.monotonic()
    found: dict[str, Reach] = {}
    for name, reach in reaches(files, jobs):
        if reach is None:
            print(f"{name} did not run; it is left out", flush=True)
        elif reach.lines:
            found[name] = reach
            for test in reach.failed:
                print(f"{test} fails as things are; it is left out", flush=True)
    tests = sum(len(reach.lines) for reach in found.values())
    print(f"{tests} tests, which lines they run: {time.monotonic() - start:.0f} s", flush=True)
    return found


def kills_in_doubt(answers: dict[Mutant, Answer], jobs: int) -> set[str]:
    """Tests that killed, and fail without any mutant when they are run alone."""
    killers = {answer.killer for answer in answers.values() if "::" in answer.killer}
    failed: set[str] = set()
    for tests, wrong in forks.in_children(in_parts(killers), judge_nothing, jobs, WALL_LIMIT):
        failed.update(tests if wrong is None else wrong)
    return failed


def survivors(answers: dict[Mutant, Answer]) -> list[Mutant]:
    return sorted((m for m, answer in answers.items() if not answer.killer), key=str)


def last_survivors() -> list[Mutant]:
    return [Mutant(file, number) for file, number in json.loads(LAST.read_text(encoding="utf-8"))]


def told(drawn: list[Mutant], answers: dict[Mutant, Answer], doubtful: set[str]) -> int:
    """Print what came of it; 1 where too many survived."""
    rows = []
    for mutant in drawn:
        answer = answers.get(mutant)
        rows.append(
            {
                "package": mutant.package,
                "equivalent": bool(reason(mutant)),
                "not tried": answer is None and not reason(mutant),
                "killed": answer is not None and answer.killer not in ("", "time", *doubtful),
                "timed out": answer is not None and answer.killer == "time",
                "survived": answer is not None and answer.killer == "",
                "in doubt": answer is not None and answer.killer in doubtful,
            }
        )
    if not rows:
        print("no mutant there")
        return 1
    table = pd.DataFrame(rows).groupby("package", sort=False).sum()
    table.loc["all"] = table.sum()
    # what ran out of time counts neither way: a busy machine is no test
    judged = table["killed"] + table["survived"]
    table["share killed"] = (table["killed"] / judged).round(3)
    print_mutants("survived", survivors(answers))
    print_mutants("compute the same", [mutant for mutant in drawn if reason(mutant)])
    for test in sorted(doubtful):
        print(f"fails alone without any mutant, so its kills do not count: {test}")
    print(table.to_string())
    return int(not table.loc["all", "share killed"] >= LEAST)


def print_mutants(title: str, mutants: Iterable[Mutant]) -> None:
    mutants = sorted(mutants, key=lambda mutant: (mutant.file, mutant.change.line))
    print(f"\n{title}: {len(mutants)}")
    for mutant in mutants:
        why = reason(mutant)
        print(f"  {mutant}" + (f"\n      {why}" if why else ""))
    print()


if __name__ == "__main__":
    sys.exit(main())
