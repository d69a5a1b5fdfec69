"""Tables in every dialect: the log is exact, or the refusal says what to give to make it so."""

from __future__ import annotations

import csv
import functools
import itertools
import math
import random
from datetime import datetime
from fractions import Fraction

import numpy as np
import pandas as pd
import pytest
from matrix_judge import difference
from matrix_text import DIMENSIONS, contradiction, truth_in_seconds
from matrix_times import SECONDS
from table_matrix import FAILURES, all_choices, describe, pairs, read_and_judge, tables

N_TABLES, CHUNK, SEED = 300, 10, 0


@functools.cache
def _sample():
    return list(tables(N_TABLES, SEED))


@pytest.mark.parametrize("first", range(0, N_TABLES, CHUNK))
def test_tables_are_read_exactly_or_refused_with_a_remedy(tmp_path, first):
    judged = [
        (table, read_and_judge(table, tmp_path)) for table in _sample()[first : first + CHUNK]
    ]
    failed = [describe(*pair) for pair in judged if pair[1].kind in FAILURES]
    assert not failed, f"{len(failed)} of {CHUNK} tables\n" + "\n\n".join(failed)


def test_every_pair_of_choices_that_can_occur_is_among_2000_tables():
    rng = random.Random(1)
    possible = set()
    for a, b in itertools.combinations(DIMENSIONS, 2):
        for pair in itertools.product(DIMENSIONS[a], DIMENSIONS[b]):
            for _ in range(200):
                others = {name: rng.choice(values) for name, values in DIMENSIONS.items()}
                choices = others | {a: pair[0], b: pair[1]}
                if not contradiction(choices):
                    possible.add((a, pair[0], b, pair[1]))
                    break
    seen = set().union(*map(pairs, all_choices(2000, SEED)))
    assert not possible - seen


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_what_is_said_of_a_table_is_enough_to_read_it_by_hand(seed):
    """The oracle is right: a reader of a few lines gets the truth from the bytes and the facts."""
    for table in tables(200, seed):
        cells = _cells(table)
        assert len(cells) == table.bounds[-1], describe_facts(table)
        n_times = len(table.stamps.headers)
        position = _position(table, cells)
        for row, line in enumerate(cells):
            times, others = line[position : position + n_times], [*line]
            del others[position : position + n_times]
            assert len(others) == len(table.values), describe_facts(table)
            for text, values in zip(others, table.values, strict=True):
                assert _same(_number(table, text), values[row]), describe_facts(table)
            if n_times and table.choices["footer"] != "restart":
                truth = table.stamps.seconds[row] - table.stamps.seconds[0]
                start = cells[0][position : position + n_times]
                found = _seconds(table, times) - _seconds(table, start)
                wraps = table.choices["time"] == "clock" and found < 0
                assert found + 86_400 * wraps == truth, describe_facts(table)


def describe_facts(table):
    return f"{table.title}: {table.choices}, {table.facts}"


def _same(a, b):
    return a == b or (a is None and math.isnan(b))


def _cells(table):
    """Fields of the rows: below the header and the row of units, without comments and footers."""
    text = table.content.decode(table.facts["encoding"])
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    lines = lines[table.facts["skip"] :]
    head = []
    if table.facts["header"]:
        head = lines[: 2 if table.choices["units row"] != "none" else 1]
    rows, words = [], tuple(table.facts.get("na_values", ()))
    for line in lines[len(head) :]:
        comment = line.startswith("#") and not line.startswith(words)
        repeated = _squeezed(line) in [_squeezed(other) for other in head]
        footer = line.endswith(("rows", "rows)", "rows selected."))
        if line and not (comment or repeated or footer):
            rows.append(line)
    mark = table.facts["sep"]
    if mark == " ":
        return [line.split()[table.choices["cells"] == "row counter" :] for line in rows]
    cells = list(csv.reader(rows, delimiter=mark))
    trailing = table.choices["header"] in ("trailing in rows", "trailing in both")
    counted = table.choices["cells"] == "row counter"
    return [line[counted : len(line) - trailing] for line in cells]


def _squeezed(line):
    return " ".join(line.lstrip("#%/ ").split())


def _position(table, cells):
    """Position of the time: the column that holds its text throughout."""
    if not table.stamps.headers:
        return 0
    columns = [[cell.strip() for cell in column] for column in zip(*cells, strict=True)]
    return columns.index(table.stamps.cells[0])


def _number(table, text):
    text = text.strip()
    if text in ("", *table.facts.get("na_values", [])):
        return None
    if text.lower() in ("on", "off", "true", "false"):
        return float(text.lower() in ("on", "true"))
    bare = text.removesuffix("%").partition(" ")[0].replace(table.facts.get("thousands", "x"), "")
    return float(bare.replace(",", ".") if table.facts["decimal"] == "," else bare)


def _seconds(table, texts):
    """Seconds of a time cell from the facts alone, where they are enough."""
    facts, text = table.facts, " ".join(text.strip() for text in texts)
    text = text.rpartition(" ")[2] if table.choices["time"] == "two clocks" else text
    unit = facts.get("time_unit")
    if isinstance(unit, str):
        return Fraction(text.replace(",", ".")) * SECONDS[unit]
    if unit is not None:
        return Fraction(text.replace(",", ".")) * 86_400
    if "time_format" in facts and table.choices["time"] != "ISO fraction":
        return _since(datetime.strptime(text, facts["time_format"]))
    if table.choices["time"].startswith("duration"):
        days, _, rest = text.rpartition(" days ")
        hours, minutes, seconds, *thousandths = rest.replace(",", ".").split(":")
        whole = 86_400 * int(days or 0) + 3600 * int(hours) + 60 * int(minutes)
        return whole + Fraction(seconds) + Fraction(int((thousandths or [0])[0]), 1000)
    head, _, fraction = text.replace(",", ".").partition(".")
    return _since(datetime.fromisoformat(head)) + Fraction(f"0.{fraction or 0}")


def _since(stamp):
    difference = stamp.replace(tzinfo=None) - datetime(1900, 1, 1)
    return Fraction(difference.days * 86_400 + difference.seconds) + Fraction(
        difference.microseconds, 10**6
    )


def test_a_restart_begins_anew():
    restarts = [table for table in tables(300, 4) if table.choices["footer"] == "restart"]
    assert restarts
    for table in restarts:
        parts = truth_in_seconds(table.stamps, table.bounds)
        assert [part[0] for part in parts] == [0, 0]
        assert sum(map(len, parts)) == table.bounds[-1]


def true_log(table):
    """The log that a perfect reader gives, its time in seconds, or in datetimes where it may be."""
    stamps, dated = table.stamps, table.stamps.zero is not None
    start = stamps.seconds[0] if stamps.from_start and not dated else 0
    times = [stamp - start for stamp in stamps.seconds]
    if dated:
        whole = [round((stamp + stamps.zero) * 10**9) for stamp in times]
        times = np.array(whole, dtype="datetime64[ns]")
    lengths = [last - first for first, last in itertools.pairwise(table.bounds)]
    cycles = np.repeat(np.arange(len(lengths)), lengths)
    levels = [cycles, times if dated else [float(stamp) for stamp in times]]
    index = pd.MultiIndex.from_arrays(levels, names=["cycle", "time"])
    names = [right[0][0] for right in table.names]
    log = pd.DataFrame(dict(zip(names, table.values, strict=True)), index=index)
    log.attrs["units"] = {right[0][0]: right[0][1] for right in table.names if right[0][1]}
    return log


def moved(log, step):
    """The log with its second row later by a part of a step."""
    times = log.index.get_level_values("time").to_series(index=range(len(log)))
    times.iloc[1] += (times.iloc[2] - times.iloc[1]) * step
    index = pd.MultiIndex.from_arrays([log.index.get_level_values("cycle"), times])
    return log.set_axis(index.set_names(["cycle", "time"]))


def test_the_judge_takes_the_truth_and_nothing_else():
    for table in tables(150, 6):
        log = true_log(table)
        where = describe_facts(table)
        assert difference(log, table) == "", where
        value = log.copy()
        row = int(np.flatnonzero(log.iloc[:, 0].notna())[0])
        value.iloc[row, 0] = np.nextafter(value.iloc[row, 0], np.inf)
        unit = log.copy()
        unit.attrs["units"] = {**log.attrs["units"], log.columns[-1]: "furlong"}
        others = [
            value,
            unit,
            moved(log, 1e-3),
            log.iloc[:-2],
            log.iloc[:, ::-1],
            log.iloc[:, :-1],
            log.assign(more=1.0),
            log.astype({log.columns[0]: object}),
        ]
        for number, other in enumerate(others):
            assert difference(other, table), f"{number}: {where}"
