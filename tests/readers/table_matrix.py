"""Small tables as loggers, spreadsheets and people write them, each with its truth.

``python tests/readers/table_matrix.py --n 2500 --seed 0`` reads so many and says what became of
them.
"""

from __future__ import annotations

import argparse
import itertools
import random
import sys
import tempfile
import warnings
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from matrix_judge import EXACT, FAILURES, REMEDIED, Outcome, read_and_judge
from matrix_text import DIMENSIONS, Table, contradiction, make_table

__all__ = ["EXACT", "FAILURES", "REMEDIED", "read_and_judge", "tables"]

CANDIDATES = 25
N_ODD = 3  # dimensions in which every other table is not as usual
USUAL_TIMES = ("s", "unstated s", "ISO T")
Choices = Counter[tuple[str, str]]
Pair = tuple[str, str, str, str]


def tables(n: int, seed: int) -> Iterator[Table]:
    """Give n tables, see `all_choices`."""
    for number, choices in enumerate(all_choices(n, seed)):
        yield make_table(choices, random.Random(f"{seed} {number}"), f"table {number:04d}")


def all_choices(n: int, seed: int) -> Iterator[dict[str, str]]:
    """Choices for n tables; pairs that have not occurred yet come first.

    Every other table is odd in few dimensions, as most files are; the others in all of them.
    """
    rng = random.Random(seed)
    seen: set[Pair] = set()
    for number in range(n):
        choices = max(
            _candidates(rng, number % 2 == 0), key=lambda choices: len(pairs(choices) - seen)
        )
        seen |= pairs(choices)
        yield choices


def pairs(choices: dict[str, str]) -> set[Pair]:
    """Every two choices that occur together."""
    return {(*a, *b) for a, b in itertools.combinations(choices.items(), 2)}


def _candidates(rng: random.Random, mild: bool) -> list[dict[str, str]]:
    found: list[dict[str, str]] = []
    while len(found) < CANDIDATES:
        choices = {name: rng.choice(values) for name, values in DIMENSIONS.items()}
        if mild:
            odd = rng.sample(sorted(DIMENSIONS), N_ODD)
            usual = {name: values[0] for name, values in DIMENSIONS.items()}
            usual["time"] = rng.choice(USUAL_TIMES)
            choices = usual | {name: choices[name] for name in odd}
        if not contradiction(choices):
            found.append(choices)
    return found


def describe(table: Table, outcome: Outcome) -> str:
    """The choices of a table that are not the usual ones, its first lines, and what went wrong."""
    special = ", ".join(
        f"{name} {value!r}"
        for name, value in table.choices.items()
        if value != "none" and (name, value) not in (("header", "plain"), ("last line end", "yes"))
    )
    encoding = table.choices["encoding"]
    lines = table.content.decode(encoding).replace("\r\n", "\n").replace("\r", "\n").split("\n")
    shown = "\n".join(f"    | {line}" for line in [*lines[:8], "...", *lines[-3:]])
    refusal = f"\n    first refusal: {outcome.refusal}" if outcome.refusal else ""
    return f"{table.title} ({special})\n  {outcome.kind}: {outcome.words}{refusal}\n{shown}"


def _print_shares(title: str, part: Choices, total: Choices) -> None:
    print(f"\n{title}")
    share = {choice: part[choice] / count for choice, count in total.items()}
    for choice in sorted(share, key=lambda choice: -share[choice])[:20]:
        print(f"  {share[choice]:4.0%} of {total[choice]:4d}  {choice[0]} {choice[1]!r}")


def main() -> int:
    """Judge tables, print the outcomes and the first failures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--n", type=int, default=2500, help="number of tables")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--show", type=int, default=10, help="failures to print in full")
    parser.add_argument("--only", type=int, help="judge the table of this number alone")
    parser.add_argument("--keep", type=Path, help="folder for the files that failed")
    options = parser.parse_args()
    warnings.simplefilter("error")
    judged: dict[str, Choices] = {kind: Counter() for kind in (EXACT, REMEDIED, *FAILURES)}
    outcomes: Counter[str] = Counter()
    failed: list[str] = []
    with tempfile.TemporaryDirectory() as folder:
        for number, table in enumerate(tables(options.n, options.seed)):
            if options.only not in (None, number):
                continue
            outcome = read_and_judge(table, Path(folder))
            outcomes[outcome.kind] += 1
            judged[outcome.kind].update(table.choices.items())
            if outcome.kind in FAILURES:
                failed.append(describe(table, outcome))
                if options.keep:
                    options.keep.mkdir(parents=True, exist_ok=True)
                    (options.keep / f"{table.title}.csv").write_bytes(table.content)
    for text in failed[: options.show]:
        print(text, end="\n\n")
    for kind in judged:
        print(f"{outcomes[kind]:6d} {kind}")
    total = sum(judged.values(), Counter())
    _print_shares("choices that are most often not read at once:", total - judged[EXACT], total)
    if failed:
        wrong = sum((judged[kind] for kind in FAILURES), Counter())
        _print_shares("choices that fail most often:", wrong, total)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
