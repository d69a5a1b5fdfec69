"""Numbers, switches and labels from text cells."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from signalprep.errors import InvalidLogError
from signalprep.io._cells import (
    GROUPED,
    QUANTITY,
    SWITCHES,
    is_missing,
    is_number,
    plain_sign,
    quoted,
)
from signalprep.io._units import is_unit

MOST = 40  # letters of a word for a missing value
_SWAP = str.maketrans(",.", ".,")
_OTHER = {",": ".", ".": ","}


@dataclass(frozen=True)
class Notation:
    """How numbers are written: decimal mark, mark of thousands, words for no value."""

    decimal: str
    thousands: str | None = None
    na_values: tuple[str, ...] = ()


@dataclass
class Column:
    """A column of cells as values.

    Attributes
    ----------
    values : numbers, or labels as a series of text.
    unit : what stands behind every number.
    name : what stands before every number.
    missing : words taken for missing, with their counts.
    coerced : number of cells that are no numbers and were taken for missing on request.
    """

    values: np.ndarray | pd.Series
    unit: str | None = None
    name: str | None = None
    missing: dict[str, int] = field(default_factory=dict)
    coerced: int = 0


def parse(text: pd.Series, decimal: str) -> np.ndarray:
    """Numbers of the cells, NaN where a cell is missing or is no number with this decimal mark."""
    present = text.dropna().astype(str).str.strip()
    odd = present.str.match("[+-]\\s|\u2212")
    if odd.any():
        present = present.mask(odd, present[odd].map(plain_sign))
    values = np.full(len(text), np.nan)
    plain = present.str.translate(_SWAP) if decimal == "," else present
    values[text.notna().to_numpy()] = nearest(plain)
    return values


def nearest(text: pd.Series) -> np.ndarray:
    """The double nearest to what each cell says, NaN where that is no number.

    pandas before 3.1 gives a neighbour of it for some numbers of many digits.
    """
    there = pd.to_numeric(text, errors="coerce").notna().to_numpy()
    values = np.full(len(text), np.nan)
    values[there] = text.to_numpy(dtype=object)[there].astype(np.float64)
    return values


def unreadable(text: pd.Series, values: np.ndarray) -> np.ndarray:
    """Which cells hold something that did not become a number."""
    wrong = text.notna().to_numpy() & np.isnan(values)
    rows = np.flatnonzero(wrong)
    if len(rows):
        cells = text.iloc[rows].astype(str).str.strip().str.lower()
        wrong[rows] = ~cells.isin(("nan", "")).to_numpy()
    return wrong


def read_column(
    text: pd.Series,
    notation: Notation,
    *,
    column: str,
    file: str,
    coerce: bool,
    place: Callable[[int], str],
) -> Column:
    """Make a text column numeric, or leave it as labels when it holds no number at all.

    A column that mixes numbers with other text, or holds numbers written in another way, is an
    error; with `coerce` other text is missing. A column of numbers in another notation stays an
    error, since the file is misread then.
    """
    values = parse(text, notation.decimal)
    wrong = unreadable(text, values)
    if not wrong.any():
        return Column(values)
    cells = pd.Series(text.to_numpy(dtype=object)[wrong]).astype(str).str.strip()
    codes, unique = pd.factorize(cells)
    words = [str(word) for word in unique]
    found = Column(values)
    read = _read_words(words, notation, values)
    rows = np.flatnonzero(wrong)
    values[rows] = np.array([read.numbers.get(word, np.nan) for word in words])[codes]
    counts = np.bincount(codes, minlength=len(words))
    found.unit, found.name = read.unit, read.name
    found.missing = {word: int(counts[k]) for k, word in enumerate(words) if word in read.missing}
    bad = [k for k, word in enumerate(words) if word not in read.numbers | read.missing]
    if not bad:
        return found
    numeric = [k for k in bad if _is_other_number(words[k], notation.decimal)]
    known = int(np.isfinite(values).sum())
    if not known and not numeric:
        return Column(text)
    n_bad, n_numeric = int(counts[bad].sum()), int(counts[numeric].sum())
    if coerce and 2 * n_numeric <= known + n_bad:
        found.coerced = n_bad
        return found
    row = int(rows[np.isin(codes, bad)][0])
    remedy = _remedy(words[codes[np.searchsorted(rows, row)]], row, notation)
    raise InvalidLogError(
        f"{file}: column {column!r} must hold numbers; found {quoted(text.iloc[row])} at "
        f"{place(row)} ({n_bad} such cells{remedy}"
    )


def _remedy(word: str, row: int, notation: Notation) -> str:
    """The end of a message: why, and what to do that gives no wrong log."""
    if GROUPED.fullmatch(word):
        thousands, decimal = _marks(word, notation.decimal)
        return (
            f"; thousands must not be separated); thousands={thousands!r} with "
            f"decimal={decimal!r} reads them"
        )
    if is_number(word, _OTHER[notation.decimal]):
        return f"); decimal={_OTHER[notation.decimal]!r} reads them, where the whole file is so"
    more = "coerce=True reads them as missing, " if row > 0 else ""
    word_missing = (
        f"na_values=[{word!r}] takes that word for a missing value, " if len(word) <= MOST else ""
    )
    return f"); {more}{word_missing}columns= can leave the column out"


def _marks(word: str, decimal: str) -> tuple[str, str]:
    """Mark of thousands and decimal mark of a number with separated thousands."""
    marks = [mark for mark in word if mark in ",.' \u00a0\u202f"]
    thousands = " " if marks[0] in "\u00a0\u202f" else marks[0]
    if thousands not in _OTHER:
        return thousands, next((mark for mark in marks if mark in _OTHER), decimal)
    return thousands, _OTHER[thousands]


@dataclass
class _Words:
    """What the words of a column are."""

    numbers: dict[str, float]
    missing: dict[str, None]
    unit: str | None = None
    name: str | None = None


def _read_words(words: Iterable[str], notation: Notation, values: np.ndarray) -> _Words:
    """Words among numbers: for missing, switches, numbers with a unit or grouped on request."""
    missing = {word: None for word in words if is_missing(word, notation.na_values)}
    rest = [word for word in words if word not in missing]
    known = values[np.isfinite(values)]
    if rest and all(word.casefold() in SWITCHES for word in rest) and np.isin(known, (0, 1)).all():
        return _Words({word: SWITCHES[word.casefold()] for word in rest}, missing)
    if notation.thousands is not None:
        grouped = {word: _ungrouped(word, notation) for word in rest}
        if rest and all(value is not None for value in grouped.values()):
            return _Words(_known(grouped), missing)
    quantities = _quantities(rest, notation.decimal) if not known.any() else None
    if quantities is not None:
        quantities.missing.update(missing)
        return quantities
    return _Words({}, missing)


def _known(values: Mapping[str, float | None]) -> dict[str, float]:
    return {word: value for word, value in values.items() if value is not None}


def _ungrouped(word: str, notation: Notation) -> float | None:
    """The number of a word with separated thousands."""
    mark = notation.thousands or ""
    plain = word.replace("\u00a0", " ").replace("\u202f", " ") if mark == " " else word
    if not GROUPED.fullmatch(plain):
        return None
    plain = plain.replace(mark, "")
    return float(plain.replace(",", ".")) if is_number(plain, notation.decimal) else None


def _quantities(words: list[str], decimal: str) -> _Words | None:
    """Numbers with one and the same unit or name in every cell."""
    numbers: dict[str, float] = {}
    marks = set()
    for word in words:
        match = QUANTITY.fullmatch(word)
        if match is None or not is_number(match["number"], decimal):
            return None
        if not (match["name"] or match["unit"]):
            return None
        if match["unit"] and not is_unit(match["unit"]):
            return None
        marks.add((match["name"], match["unit"]))
        numbers[word] = float(match["number"].replace(",", "."))
    if len(marks) != 1:
        return None
    name, unit = marks.pop()
    return _Words(numbers, {}, unit, name)


def _is_other_number(word: str, decimal: str) -> bool:
    return bool(GROUPED.fullmatch(word)) or is_number(word, _OTHER[decimal])
