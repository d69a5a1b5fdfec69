"""Separator, decimal mark and header line of a text table, found from its first lines."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from signalprep.errors import ReadError

SAMPLE_BYTES = 1 << 16
MISSING = (
    *("", "NaN", "nan", "NAN", "-nan", "-NaN", "NA", "N/A", "n/a", "#N/A", "#NA", "<NA>"),
    *("NULL", "null", "None", "1.#QNAN", "-1.#QNAN", "1.#IND", "-1.#IND"),
)
NUMBER = {
    mark: re.compile(
        rf"[+-]?(?:\d+(?:{re.escape(mark)}\d*)?|{re.escape(mark)}\d+)(?:[eE][+-]?\d+)?"
    )
    for mark in (".", ",")
}
_SEPARATORS = (";", "\t", ",", "|", " ")
GROUPED = re.compile(r"[+-]?[1-9]\d{0,2}(?:[.,' \u00a0\u202f]\d{3})+(?:[.,]\d+)?")
_INFINITE = re.compile(r"[+-]?inf(?:inity)?", re.IGNORECASE)
_DATE = re.compile(
    r"\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:[.,]\d+)?)?(?:Z| ?[+-]\d\d(?::?\d\d)?)?)?"
)
_SAMPLE_LINES = 50


@dataclass(frozen=True)
class Dialect:
    """How a text table is written.

    Attributes
    ----------
    separator : one character; a blank stands for any run of blanks and tabs.
    decimal : "." or ",".
    decimal_seen : whether a number with this mark was among the lines looked at.
    header : whether the first line holds names.
    fields : fields of the first line, as text.
    """

    separator: str
    decimal: str
    decimal_seen: bool
    header: bool
    fields: tuple[str, ...]


class _Guess(NamedTuple):
    score: float
    n_fields: int
    dialect: Dialect
    maybe_grouped: bool  # every number with a decimal mark could as well be one of thousands


def sniff(
    file: str, data: bytes, separator: str | None, decimal: str | None
) -> tuple[Dialect, bytes, int]:
    """Find the dialect of the table below a block of lines that begin with "#".

    What is given is kept. Where the rows below have no header, the last of those lines is it if it
    has as many fields.

    Returns
    -------
    dialect, data, n_comments
        The comment lines are blank in `data`, so that lines keep their numbers.
    """
    data, n_comments = _without_comments(file, data, separator, decimal)
    guesses = _guesses(file, data, separator, decimal)
    best = _best(guesses)
    if best.score == 0 and separator is None:
        raise ReadError(f"{file}: {_why_no_table(_sample(data))}")
    if decimal is None and separator is None:
        _refuse_ambiguous(file, best, guesses)
    return best.dialect, data, n_comments


def _without_comments(
    file: str, data: bytes, separator: str | None, decimal: str | None
) -> tuple[bytes, int]:
    start, n_comments, last = 0, 0, b""
    while data.startswith(b"#", start):
        end = data.find(b"\n", start)
        end = len(data) if end < 0 else end
        last, start, n_comments = data[start:end], end + 1, n_comments + 1
    rest = data[start:]
    if not n_comments:
        return data, 0
    below = _best(_guesses(file, rest, separator, decimal))
    for line in () if below.dialect.header else (last.lstrip(b"# "), last):
        headed = line + b"\n" + rest
        guess = _best(_guesses(file, headed, separator, decimal))
        fits = guess.score > 0 and guess.n_fields == below.n_fields
        if guess.dialect.header and fits and all(guess.dialect.fields):
            return b"\n" * (n_comments - 1) + headed, n_comments - 1
    return b"\n" * n_comments + rest, n_comments


def _guesses(file: str, data: bytes, separator: str | None, decimal: str | None) -> list[_Guess]:
    lines = _sample(data)
    if not lines:
        raise ReadError(f"{file}: the file is empty")
    guesses = []
    for candidate in _SEPARATORS if separator is None else (separator,):
        rows = split_lines(lines, candidate)
        for mark in (".", ",") if decimal is None else (decimal,):
            if mark != candidate or any('"' in line for line in lines):
                guesses.append(_judge(rows, candidate, mark))
    return guesses


def _best(guesses: Sequence[_Guess]) -> _Guess:
    return max(guesses, key=lambda guess: (guess.score, guess.n_fields))


def split_lines(lines: Iterable[str], separator: str) -> list[list[str]]:
    """Split lines into fields; quotes protect separators."""
    if separator == " ":
        return [line.split() for line in lines]
    rows = csv.reader(lines, delimiter=separator, skipinitialspace=True)
    return [[field.strip() for field in row] for row in rows]


def is_number(field: str, decimal: str) -> bool:
    """Tell whether the field is a number written with this decimal mark."""
    return bool(NUMBER[decimal].fullmatch(field) or _INFINITE.fullmatch(field))


def is_date(field: str) -> bool:
    """Tell whether the field is an ISO 8601 date, with or without a time of day."""
    return bool(_DATE.fullmatch(field))


def _sample(data: bytes) -> list[str]:
    """First lines that are not blank, without the one the sample cuts off."""
    sample = data[:SAMPLE_BYTES]
    if len(data) > SAMPLE_BYTES and b"\n" in sample:
        sample = sample[: sample.rindex(b"\n")]
    lines = sample.decode("utf-8", errors="ignore").split("\n")
    return [line for line in lines if line.strip()][:_SAMPLE_LINES]


def _judge(rows: Sequence[Sequence[str]], separator: str, decimal: str) -> _Guess:
    """Score: share of lines with the first line's fields, times the share of readable ones."""
    first = rows[0]
    header = _is_header(rows, decimal)
    data = rows[1:] if header else rows
    right = [row[: len(first)] for row in data if _fits(row, len(first))]
    fields = [field for row in right for field in row]
    numbers = sum(_is_value(field, decimal) for field in fields)
    readable = numbers + sum(field in MISSING for field in fields)
    score = len(right) / len(data) * readable / len(fields) if numbers else 0.0
    marked = [field for field in fields if decimal in field and is_number(field, decimal)]
    grouped = bool(marked) and all(GROUPED.fullmatch(field) for field in marked)
    dialect = Dialect(separator, decimal, bool(marked), header, tuple(first))
    return _Guess(score, len(first), dialect, grouped)


def _fits(row: Sequence[str], n_fields: int) -> bool:
    return len(row) == n_fields or (len(row) == n_fields + 1 and row[-1] == "")


def _is_value(field: str, decimal: str) -> bool:
    return is_number(field, decimal) or is_date(field)


def _is_header(rows: Sequence[Sequence[str]], decimal: str) -> bool:
    """Tell whether the first line holds names: no values, or text above a column of values."""
    first, data = rows[0], rows[1:]
    values = [_is_value(field, decimal) for field in first]
    words = [k for k, field in enumerate(first) if field not in MISSING and not values[k]]
    if not words or not any(values) or not data:
        return bool(words)
    for k in words:
        below = [row[k] for row in data if len(row) > k and row[k] not in MISSING]
        if 2 * sum(_is_value(field, decimal) for field in below) > len(below):
            return True
    return False


def _refuse_ambiguous(file: str, best: _Guess, guesses: Sequence[_Guess]) -> None:
    """Quoted, ``1,234`` may be 1.234 or 1234; without a header ``1,5`` may be one number or two."""
    if best.dialect.separator == best.dialect.decimal == "," and best.maybe_grouped:
        raise ReadError(
            f"{file}: the comma may be the decimal mark or separate thousands; give decimal="
        )
    if best.dialect.separator != "," or best.dialect.header:
        return
    for other in guesses:
        if (
            other.score == best.score
            and other.dialect.decimal == ","
            and other.dialect.decimal_seen
        ):
            raise ReadError(
                f"{file}: the comma may separate columns or be the decimal mark "
                f"({','.join(best.dialect.fields)}); give sep= and decimal="
            )


def _why_no_table(lines: Sequence[str]) -> str:
    n_header, *n_data = (line.count(",") + 1 for line in lines)
    if n_data and len(set(n_data)) == 1 and n_data[0] > n_header > 1:
        return (
            f"no separator fits: the first line has {n_header} fields, the others {n_data[0]}; if "
            "the comma is both separator and decimal mark, the numbers cannot be told apart"
        )
    if not n_data:
        return f"no rows below the first line ({lines[0][:60]!r})"
    return f"no table of numbers found (second line: {lines[1][:60]!r}); give sep= and decimal="
