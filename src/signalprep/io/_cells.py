"""What a single cell of a text table is: a number, a time, a switch, nothing, or text."""

from __future__ import annotations

import re
from collections.abc import Iterable

from signalprep.io._units import is_unit

QUIET = (
    *("", "NaN", "nan", "NAN", "-nan", "-NaN", "NA", "N/A", "n/a", "#N/A", "#NA", "<NA>"),
    *("NULL", "null", "None", "1.#QNAN", "-1.#QNAN", "1.#IND", "-1.#IND"),
)
"""Words for a missing cell in any column."""

LOUD = frozenset(
    (
        *("-", "--", "---", "----", "-----", "_", "?", "??", "???", "*", "**", "***", "."),
        *("n.a.", "n.a", "n/v", "n.v.", "n.d.", "n/d", "nd", "k.a.", "nil", "none", "na", "void"),
        *("#nv", "#n/v", "#div/0!", "#wert!", "#value!", "#ref!", "#bezug!", "#num!", "#zahl!"),
        *("#null!", "#name?", "#error", "error", "err", "invalid", "bad", "no data", "nodata"),
        *("missing", "unavailable", "not available", "unknown", "\\n", "∞", "+∞", "-∞", "−∞"),
        *("overload", "ovl", "ovld", "ol", "+ol", "-ol", "over", "ovr", "overrange", "overflow"),
        *("1.#inf", "-1.#inf", "+1.#inf", "1.#inf00", "-1.#inf00", "1.#j", "-1.#j", "1.#r"),
        *("1.#ind00", "-1.#ind00", "1.#qnan0", "-1.#qnan0", "1.#snan", "burnout"),
        *("clipped", "qnan", "snan", "nan(ind)", "-nan(ind)", "nan(snan)", "(null)"),
    )
)
"""Words for a missing cell among numbers, in lower case: taken as such, counted and reported."""

SWITCHES = {"true": 1.0, "false": 0.0, "on": 1.0, "off": 0.0}
"""Words of a switch."""

NUMBER = {
    mark: re.compile(
        rf"[+-]?(?:\d+(?:{re.escape(mark)}\d*)?|{re.escape(mark)}\d+)(?:[eE][+-]?\d+)?"
    )
    for mark in (".", ",")
}
GROUPED = re.compile(r"[+-]?[1-9]\d{0,2}(?:[.,' \u00a0\u202f]\d{3})+(?:[.,]\d+)?")
_INFINITE = re.compile(r"[+-]?inf(?:inity)?", re.IGNORECASE)
_CLOCK_OF_DAY = r"\d{1,2}:\d\d(?::\d\d(?:[.,:]\d{1,9})?)?"
ISO = re.compile(
    r"\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:[.,]\d+)?)?(?:Z| ?[+-]\d\d(?::?\d\d)?| UTC| GMT)?)?"
    r"|\d{8}T\d{6}(?:[.,]\d+)?Z?"
)
DATE = re.compile(
    r"(?:\d{1,2}[./-]\d{1,2}[./-](?:\d{4}|\d\d)|\d{4}[./]\d{1,2}[./]\d{1,2}"
    r"|\d{1,2}[- ][A-Za-z]{3}[- ]\d{4})"
    rf"(?:[ T,]+{_CLOCK_OF_DAY}(?: ?[AaPp]\.?[Mm]\.?)?)?"
)
CLOCK = re.compile(
    r"-?(?:(?P<days>\d+)(?: ?d(?:ays?)?,?[ :]?|\.| )[ ]*)?(?P<hours>\d+):(?P<minutes>\d\d)"
    r"(?::(?P<seconds>\d\d))?(?:[.,:](?P<fraction>\d{1,9}))?(?P<half> ?[AaPp]\.?[Mm]\.?)?"
)
QUANTITY = re.compile(
    r"(?:(?P<name>[^\W\d][\w .-]*?)\s*[:=]\s*)?"
    r"(?P<number>[+-]?(?:\d+(?:[.,]\d*)?|[.,]\d+)(?:[eE][+-]?\d+)?)"
    r"\s*(?P<unit>[^\d\s.,+:=-].*)?"
)
_SIGN = re.compile(r"(?P<sign>[+-]|\u2212)\s*(?=[\d.,])")
_KINDS = {
    "date": (ISO, DATE),
    "clock": (CLOCK,),
    "switch": (re.compile("|".join(SWITCHES), re.IGNORECASE),),
    "grouped": (GROUPED,),
}
COMMENT = re.compile(r"\s*(?:#|%|//|;|\*|!|--\s|')")


def is_number(field: str, decimal: str) -> bool:
    """Tell whether the field is a number written with this decimal mark."""
    return bool(NUMBER[decimal].fullmatch(plain_sign(field)) or _INFINITE.fullmatch(field))


def plain_sign(field: str) -> str:
    """A number with a minus sign of typography, or blanks behind its sign, as programs write it.

    Examples
    --------
    >>> plain_sign("\u22124.5"), plain_sign("+   25.3")
    ('-4.5', '+25.3')
    """
    match = _SIGN.match(field)
    return ("+" if match["sign"] == "+" else "-") + field[match.end() :] if match else field


def is_missing(field: str, words: Iterable[str] = ()) -> bool:
    """Tell whether the field says that there is no value, among numbers."""
    return field in QUIET or field.casefold() in LOUD or field in words


def quoted(cell: object, most: int = 40) -> str:
    """A cell in quotes for a message; of a long one its beginning."""
    text = str(cell)
    return repr(text) if len(text) <= most else f"{text[:most]!r}... ({len(text)} characters)"


def kind_of(field: str, decimal: str, words: Iterable[str] = ()) -> str:
    """What a field is, when `decimal` is the decimal mark.

    Returns
    -------
    kind : {"missing", "number", "date", "clock", "switch", "quantity", "grouped", "text"}
        "date" with or without a time of day; "clock" is a time of day or a duration with colons;
        "quantity" a number with its unit or its name in the same cell; "grouped" one with
        separated thousands.

    Examples
    --------
    >>> [kind_of(cell, ".") for cell in ("1.5", "", "ON", "40%", "10:00:01", "2024-05-01", "D")]
    ['number', 'missing', 'switch', 'quantity', 'clock', 'date', 'text']
    """
    if is_missing(field, words):
        return "missing"
    if is_number(field, decimal):
        return "number"
    for kind, patterns in _KINDS.items():
        if any(pattern.fullmatch(field) for pattern in patterns):
            return kind
    return "quantity" if _is_quantity(field, decimal) else "text"


def _is_quantity(field: str, decimal: str) -> bool:
    match = QUANTITY.fullmatch(field)
    if match is None or not (match["name"] or match["unit"]):
        return False
    unit_fits = match["unit"] is None or is_unit(match["unit"])
    return unit_fits and is_number(match["number"], decimal)
