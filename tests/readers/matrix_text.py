"""Write the text of a table from its choices, and say what it means.

The truth comes from the numbers that are written, never from reading the text again.
"""

from __future__ import annotations

import itertools
import random
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from matrix_times import FORMS, RESTARTING, STATED, WITH_BLANKS, Setting, Stamps

DIMENSIONS: dict[str, tuple[str, ...]] = {
    "separator": (",", ";", "\t", "|", "blanks"),
    "decimal": (".", ","),
    "header": (
        "plain",
        "units []",
        "units ()",
        "units {}",
        "units /",
        "units _",
        "quoted",
        "trailing in header",
        "trailing in rows",
        "trailing in both",
        "duplicated",
        "numbers",
        "comment",
        "none",
    ),
    "time": tuple(FORMS),
    "preamble": (
        "none",
        "# lines",
        "key,value",
        "free text",
        "key: value",
        "blank lines",
        "sep=",
        "title",
        "sample interval",
    ),
    "units row": ("none", "plain", "bracketed", "with an empty line"),
    "cells": (
        "plain",
        "quoted",
        "padded",
        "plus signs",
        "percent",
        "units",
        "switches",
        "thousands",
        "row counter",
    ),
    "line ends": ("\n", "\r\n", "\r"),
    "encoding": ("utf-8", "utf-8-sig", "latin-1", "cp1252", "utf-16"),
    "missing": ("none", "", "NaN", "---", "-", "n.a.", "?", "#NV", "\\N", "#DIV/0!", "∞"),
    "footer": ("none", "n rows", "comment", "comment inside", "header again", "restart"),
    "last line end": ("yes", "no"),
}
SIGNALS = (
    ("speed", "rpm"),
    ("torque", "Nm"),
    ("current", "A"),
    ("voltage", "V"),
    ("coolant", "°C"),
    ("winding", "degC"),
    ("pressure", "bar"),
    ("i_d", "A"),
    ("u_q", "V"),
    ("Kühlmittel", "degC"),
    ("Motor Torque", "Nm"),
    ("vehicle speed", "km/h"),
)
KEYS = (("Device", "TB3"), ("Serial number", "4711"), ("Operator", "Ann Müller"), ("Run", "12"))
SENTENCES = (
    "Measured on test bench 3, cold start.",
    "Sensor 2 was replaced on day 4; see the note of the workshop",
    "Prüfstand Süd",
    "Exported by the tool of the bench.",
)
COUNTERS = ("", "Index", "Rec", "Record Number", "No.")
SWITCHES = (("ON", "OFF"), ("on", "off"), ("True", "False"), ("TRUE", "FALSE"))
TITLES = ("Run 12", "Cold start on bench 3 in winter", "Fahrt")


@dataclass
class Signal:
    """One channel and how it is written: its true values, with None where it has none."""

    name: str
    unit: str
    texts: list[str]
    values: list[float | None]


@dataclass
class Table:
    """A text table and its truth.

    Attributes
    ----------
    content : bytes of the file.
    choices : what was chosen in each dimension.
    names : what each channel may be called: pairs (name, unit) that are both right.
    values : one list of floats a channel, NaN where a value is missing.
    stamps : the truth about time.
    bounds : first row of each cycle, and the number of rows.
    may_lack_last_row : the last line has no end, so it may as well be cut off.
    facts : parameters of read_log that are true of this table.
    """

    title: str
    content: bytes
    choices: dict[str, str]
    names: list[list[tuple[str, str]]]
    values: list[list[float]]
    stamps: Stamps
    bounds: list[int]
    may_lack_last_row: bool
    facts: dict[str, Any] = field(default_factory=dict)


def contradiction(choices: dict[str, str]) -> bool:
    """Whether no file can have these choices together, or nobody could read it."""
    blanks, header = choices["separator"] == "blanks", choices["header"]
    utf = choices["encoding"].startswith("utf")
    has_units_row = choices["units row"] != "none"
    return (
        (blanks and (header.startswith("trailing") or choices["preamble"] == "sep="))
        or (blanks and (choices["missing"] == "" or choices["time"] in WITH_BLANKS))
        or (header == "none" and (has_units_row or choices["time"] in STATED))
        or (header == "none" and choices["footer"] in ("header again", "restart"))
        or (has_units_row and (header == "comment" or header.startswith("units")))
        or (choices["missing"] == "∞" and not utf)
        or (choices["footer"] == "restart" and choices["time"] not in RESTARTING)
        or (choices["preamble"] == "sample interval" and choices["time"] == "Excel days")
        or _cells_contradict(choices)
    )


def _cells_contradict(choices: dict[str, str]) -> bool:
    cells = choices["cells"]
    if cells == "row counter":
        return choices["header"] in ("none", "comment") or choices["footer"] == "restart"
    return choices["separator"] == "blanks" and cells in ("quoted", "padded", "units")


def make_table(choices: dict[str, str], rng: random.Random, title: str) -> Table:
    """Write one table."""
    n_rows = rng.randint(12, 60)
    ticks, bounds = _ticks(rng, n_rows, choices)
    blanks = choices["separator"] == "blanks"
    stamps = FORMS[choices["time"]](
        Setting(
            rng,
            ticks,
            choices["decimal"],
            "header" if choices["units row"] == "none" else "units row",
            not blanks,
            choices["encoding"].startswith("utf"),
        )
    )
    signals = _signals(rng, choices, n_rows)
    position = _position(rng, len(signals)) if stamps.headers else 0
    headers, names = _headers(rng, choices, signals)
    if choices["header"] == "none":
        headers, names = _unnamed(stamps, position, len(signals))
    body = _Body(rng, choices, signals, stamps, position, headers)
    if choices["cells"] == "row counter":
        body.count_rows(n_rows)
    lines, skip = body.lines(bounds)
    text = choices["line ends"].join(lines)
    ends = choices["last line end"] == "yes"
    text += choices["line ends"] if ends else ""
    return Table(
        title,
        text.encode(choices["encoding"]),
        choices,
        names,
        [[float("nan") if v is None else v for v in signal.values] for signal in signals],
        stamps,
        bounds,
        not ends and choices["footer"] not in ("n rows", "comment"),
        _facts(choices, stamps, skip, ends),
    )


def _ticks(rng: random.Random, n_rows: int, choices: dict[str, str]) -> tuple[list[int], list[int]]:
    """Steps from the start of each row, with a gap now and then, and the borders of the cycles."""
    if choices["footer"] == "restart":
        first = 2 * n_rows // 3
        return [*range(first), *range(n_rows - first)], [0, first, n_rows]
    gap = rng.randint(3, 40) if rng.random() < 0.15 and choices["time"] != "no time" else 0
    at = rng.randrange(4, n_rows - 3)
    return [row + gap * (row >= at) for row in range(n_rows)], [0, n_rows]


def _position(rng: random.Random, n_signals: int) -> int:
    """How many channels stand before the time: mostly none."""
    return 0 if rng.random() < 0.8 else rng.randint(1, n_signals)


def _signals(rng: random.Random, choices: dict[str, str], n_rows: int) -> list[Signal]:
    header = choices["header"]
    blanks = choices["separator"] == "blanks"
    pool = [
        (name, unit)
        for name, unit in SIGNALS
        if not (blanks and " " in name)
        and not (header in ("units /", "units _") and unit in ("km/h", "°C"))
        and not (header == "units _" and " " in name)
    ]
    if header == "none":
        chosen = rng.sample(pool, rng.randint(3, 5))
    else:
        chosen = rng.sample(pool, rng.randint(2, 5))
    if header == "numbers":
        chosen = [(str(k + 1), unit) for k, (_, unit) in enumerate(chosen)]
        chosen[-1] = ("speed", "rpm")  # one word tells the header from a row
    if header == "duplicated":
        chosen[-1] = (chosen[0][0], chosen[-1][1])
    kinds = ["decimals", *rng.choices(("decimals", "whole", "exponent", "flag"), k=len(chosen))]
    signals = [
        _signal(rng, name, unit, kind, choices["decimal"], n_rows)
        for (name, unit), kind in zip(chosen, kinds, strict=False)
    ]
    _dress(rng, signals, choices)
    if choices["missing"] != "none":
        _leave_out(rng, signals, choices["missing"], n_rows)
    return signals


def _signal(rng: random.Random, name: str, unit: str, kind: str, mark: str, n_rows: int) -> Signal:
    digits = rng.choice((1, 2, 4))  # three after one to three others could be thousands
    scale = rng.choice((3, 80, 4000))
    numbers = [rng.uniform(-0.3, 1) * scale for _ in range(n_rows)]
    if kind == "decimals":
        texts = [f"{number:.{digits}f}" for number in numbers]
    elif kind == "exponent":
        texts = [f"{number:.{digits}{rng.choice('eE')}}" for number in numbers]
    else:
        whole = [round(number) if kind == "whole" else int(number > 0) for number in numbers]
        texts = [str(number) for number in whole]
    values: list[float | None] = [float(text) for text in texts]
    return Signal(name, unit, [text.replace(".", mark) for text in texts], values)


def _dress(rng: random.Random, signals: list[Signal], choices: dict[str, str]) -> None:
    """Write the cells of one channel in the way that was chosen; the numbers stay."""
    cells, mark = choices["cells"], choices["decimal"]
    signal = rng.choice(signals[1:])  # the first tells the decimal mark
    if cells == "percent":
        signal.unit = "%"
        if choices["header"] not in ("numbers", "duplicated"):
            signal.name = "duty"
        signal.texts = [f"{text}%" for text in signal.texts]
    elif cells == "units":
        signal.texts = [f"{text} {signal.unit}" for text in signal.texts]
    elif cells == "plus signs":
        signal.texts = [text if text[0] == "-" else f"+{text}" for text in signal.texts]
    elif cells == "switches":
        on, off = rng.choice(SWITCHES)
        signal.values = [float(rng.random() < 0.5) for _ in signal.values]
        signal.texts = [on if value else off for value in signal.values]
    elif cells == "thousands":
        point = "," if mark == "." else "."
        digits = rng.choice((0, 2))
        texts = [f"{rng.uniform(-900, 90_000):,.{digits}f}" for _ in signal.values]
        signal.values = [float(text.replace(",", "")) for text in texts]
        signal.texts = [text.translate(str.maketrans(",.", point + mark)) for text in texts]


def _leave_out(rng: random.Random, signals: list[Signal], word: str, n_rows: int) -> None:
    """Replace some cells by the word for "no value", at most one a row and few a channel."""
    for row in rng.sample(range(n_rows), max(1, n_rows // 10)):
        signal = rng.choice(signals)
        signal.texts[row], signal.values[row] = word, None


def _headers(
    rng: random.Random, choices: dict[str, str], signals: list[Signal]
) -> tuple[list[str], list[list[tuple[str, str]]]]:
    """Header of each channel, and the pairs of name and unit that are right."""
    style, blanks = choices["header"], choices["separator"] == "blanks"
    gap = "" if blanks else rng.choice((" ", ""))
    told = choices["units row"] != "none"
    headers, names = [], []
    for signal in signals:
        name, unit = signal.name, signal.unit
        header, right = name, [(name, unit if told else "")]
        if choices["cells"] in ("percent", "units"):
            right.append((name, unit))
        if style in ("units []", "units ()", "units {}"):
            header, right = f"{name}{gap}{style[-2]}{unit}{style[-1]}", [(name, unit)]
        elif style in ("units /", "units _"):
            mark = f"{gap}/{gap}" if style[-1] == "/" else "_"
            header = f"{name}{mark}{unit}"
            right = [(name, unit), (header, ""), (header, unit)]
        if style == "units {}":
            right.append((header, ""))
        headers.append(header)
        names.append(right)
    if style == "duplicated":
        names[-1] = [(f"{name} (2)", unit) for name, unit in names[-1]]
    return headers, names


def _unnamed(
    stamps: Stamps, position: int, n_signals: int
) -> tuple[list[str], list[list[tuple[str, str]]]]:
    """Names of columns without a header: x0, x1, ... with the time columns counted."""
    n_times = len(stamps.headers)
    stamps.headers = [f"x{position + k}" for k in range(n_times)]
    if n_times:
        stamps.facts["time"] = stamps.headers if n_times > 1 else stamps.headers[0]
    places = [k if k < position else k + n_times for k in range(n_signals)]
    return [f"x{k}" for k in places], [[(f"x{k}", "")] for k in places]


@dataclass
class _Body:
    """The lines of a table."""

    rng: random.Random
    choices: dict[str, str]
    signals: list[Signal]
    stamps: Stamps
    position: int
    headers: list[str]
    counter: list[str] = field(default_factory=list)
    counter_name: str = ""

    def count_rows(self, n_rows: int) -> None:
        """Put a column before all others that counts the rows, as indices of frames do."""
        first = self.rng.choice((0, 1))
        blanks = self.choices["separator"] == "blanks"
        names = [name for name in COUNTERS if not blanks or (name and " " not in name)]
        self.counter = [str(first + row) for row in range(n_rows)]
        self.counter_name = self.rng.choice(names)

    def lines(self, bounds: list[int]) -> tuple[list[str], int]:
        """All lines, and how many stand above the header (or the first row)."""
        n_columns = len(self.signals) + len(self.stamps.headers)
        above = _preamble(self.rng, self.choices, n_columns, self.stamps)
        head = self._head()
        n_rows = bounds[-1]
        rows = [self._row(k) for k in range(n_rows)]
        footer = self.choices["footer"]
        if footer in ("header again", "restart"):
            at = bounds[1] if footer == "restart" else 2 * n_rows // 3
            rows[at:at] = [line for line in head if line]
        elif footer == "comment inside":
            rows.insert(n_rows // 2, self.rng.choice(("# marker", "# stop; see notes", "#")))
        elif footer == "comment":
            rows.append(self.rng.choice(("# end of measurement", "# end; all is well, Ann")))
        elif footer == "n rows":
            blanks = self.choices["separator"] == "blanks"
            bare = () if blanks else (f"{n_rows} rows", f"{n_rows} rows selected.")
            rows += [*self.rng.choice(([], [""])), self.rng.choice((f"({n_rows} rows)", *bare))]
        return [*above, *head, *rows], len(above)

    def _around(self, times: list[str], others: list[str], count: str) -> list[str]:
        counted = [count] if self.counter else []
        return [*counted, *others[: self.position], *times, *others[self.position :]]

    def _join(self, cells: list[str], *, trailing: bool, quoted: bool = False) -> str:
        mark = self.choices["separator"]
        if mark == "blanks":
            gap = self.rng.choice((" ", "  ", " \t"))
            shown = [f'"{cell}"' for cell in cells] if quoted else cells
            return self.rng.choice(("", " ")) + gap.join(shown)
        shown = [f'"{cell}"' if quoted or mark in cell else cell for cell in cells]
        return mark.join(shown) + (mark if trailing else "")

    def _head(self) -> list[str]:
        style = self.choices["header"]
        if style == "none":
            return []
        trailing = style in ("trailing in header", "trailing in both")
        cells = self._around(self.stamps.headers, self.headers, self.counter_name)
        line = self._join(cells, trailing=trailing, quoted=style == "quoted")
        if style == "comment":
            line = self.rng.choice(("# ", "#", "% ", "// ")) + line.lstrip()
        if self.choices["units row"] == "none":
            return [line]
        return [line, *self._units_row(trailing)]

    def _units_row(self, trailing: bool) -> list[str]:
        blanks = self.choices["separator"] == "blanks"
        units = self._around(self.stamps.units, [signal.unit for signal in self.signals], "")
        marks = {"plain": ("",), "bracketed": ("()", "[]")}
        pair = self.rng.choice(marks.get(self.choices["units row"], ("", "()", "[]")))
        opening, closing = pair[:1], pair[1:]
        cells = [f"{opening}{unit}{closing}" if unit else "-" * blanks for unit in units]
        after = [""] if self.choices["units row"] == "with an empty line" else []
        return [self._join(cells, trailing=trailing), *after]

    def _row(self, row: int) -> str:
        times = [column[row] for column in self.stamps.cells]
        count = self.counter[row] if self.counter else ""
        cells = self._around(times, [signal.texts[row] for signal in self.signals], count)
        trailing = self.choices["header"] in ("trailing in rows", "trailing in both")
        if self.choices["cells"] == "padded":
            cells = [f"{cell:>9}" for cell in cells]
        return self._join(cells, trailing=trailing, quoted=self.choices["cells"] == "quoted")


def _preamble(
    rng: random.Random, choices: dict[str, str], n_columns: int, stamps: Stamps
) -> list[str]:
    """Lines above the header; without one, none of them looks like one."""
    kind, mark = choices["preamble"], choices["separator"]
    if kind == "none":
        return []
    if kind == "blank lines":
        return [""] * rng.randint(1, 3)
    if kind == "sep=":
        return [f"sep={mark}"]
    join = "  " if mark == "blanks" else mark
    interval = f"{float(stamps.seconds[1] - stamps.seconds[0]):.9f}".rstrip("0").rstrip(".")
    interval = interval.replace(".", choices["decimal"])
    quote = '"' if mark in interval else ""
    pool = {
        "# lines": [f"# {line}" for line in SENTENCES],
        "key,value": [f"{key}{join}{value}" for key, value in KEYS],
        "free text": list(SENTENCES),
        "key: value": [f"{key}: {value}" for key, value in KEYS],
        "title": list(TITLES),
        "sample interval": [
            f"{KEYS[0][0]}{join}{KEYS[0][1]}",
            f"Sample Interval [s]{join}{quote}{interval}{quote}",
        ],
    }[kind]
    if choices["header"] == "none":
        pool = [line for line in pool if not _may_be_header(line, mark, n_columns)]
    if not pool:
        return []
    chosen = rng.sample(pool, 1 if kind == "title" else rng.randint(1, len(pool)))
    return chosen + rng.choice(([], [""]))


def _may_be_header(line: str, mark: str, n_columns: int) -> bool:
    bare = line.lstrip("# ")
    counts = [len(text.split(None if mark == "blanks" else mark)) for text in (line, bare)]
    return n_columns in counts


def _facts(choices: dict[str, str], stamps: Stamps, skip: int, ends: bool) -> dict[str, Any]:
    """Parameters of read_log that are true of the table."""
    facts: dict[str, Any] = {
        "sep": " " if choices["separator"] == "blanks" else choices["separator"],
        "decimal": choices["decimal"],
        "encoding": choices["encoding"],
        "header": choices["header"] != "none",
        "skip": skip,
        **stamps.facts,
    }
    if choices["missing"] not in ("none", ""):
        facts["na_values"] = [choices["missing"]]
    if choices["cells"] == "thousands":
        facts["thousands"] = "," if choices["decimal"] == "." else "."
    if choices["footer"] == "restart":
        facts["cycle"] = "reset"
    if choices["footer"] in ("n rows", "comment"):
        facts["truncated"] = "drop"
    elif not ends:
        facts["truncated"] = "keep"
    return facts


def truth_in_seconds(stamps: Stamps, bounds: list[int]) -> list[list[Fraction]]:
    """Time of each row from the first row of its cycle, cycle by cycle."""
    return [
        [stamp - stamps.seconds[first] for stamp in stamps.seconds[first:last]]
        for first, last in itertools.pairwise(bounds)
    ]
