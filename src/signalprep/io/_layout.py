"""Where the table of a text file begins, and how it is written."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from signalprep.errors import InvalidParameterError, ReadError
from signalprep.io._cells import GROUPED, is_number, kind_of
from signalprep.io._header_line import Head, find_head
from signalprep.io._lines import Line, lines_at, lines_of, split_line, split_lines
from signalprep.io._request import Request
from signalprep.io._time_units import time_name

SEPARATORS = (";", "\t", ",", "|", " ")
SMALL = 1 << 16  # bytes of a file that is looked at whole
FEWEST_LINES, MOST_LINES = 12, 30
MOST_CELLS = 8_000  # to look at in each part of a large file
BLANKS = 0.8  # what a reading with blanks between fields counts beside one with marks
TYPED = ("number", "date", "clock", "switch", "quantity", "grouped")
NUMBERED = 3  # columns whose numbers in a row are hardly a sample
AFTER = 5  # lines that must go on as the first row begins
SETTINGS = 10  # rows that may stand above a header and be no samples


@dataclass(frozen=True)
class Layout:
    """How a text table is written.

    Attributes
    ----------
    separator : one character; a blank stands for any run of blanks and tabs.
    decimal : "." or ",".
    decimal_seen : whether a number with this mark was among the lines looked at.
    n_fields : fields of a row, with an empty last one where rows end with a separator.
    kinds : what the cells of each column are, see `kind_of`; "empty" where all are missing.
    first : the first row.
    head : what stands above it.
    """

    separator: str
    decimal: str
    decimal_seen: bool
    n_fields: int
    kinds: tuple[str, ...]
    first: Line
    head: Head


class _Guess(NamedTuple):
    separator: str
    decimal: str
    score: float
    n_fields: int
    kinds: tuple[str, ...]
    decimal_seen: bool
    maybe_grouped: bool  # every number with a decimal mark could as well be one of thousands


def find_layout(file: str, data: bytes, request: Request) -> Layout:
    """Find separator, decimal mark, header and first row; what the request gives is kept.

    The table begins where the number of fields and the kinds of the columns settle.

    Raises
    ------
    NoTableError
        No line looks like a row of a table.
    ReadError
        Two readings are possible.
    """
    if request.sep is not None and b'"' not in data:
        for name, mark in (("decimal", request.decimal), ("thousands", request.thousands)):
            if mark == request.sep:
                raise InvalidParameterError(
                    f"sep and {name} must differ where numbers are not quoted; got {mark!r} for "
                    "both"
                )
    offset, number = _skipped(file, data, request.skip or 0)
    declared = _declared_separator(data, offset) if request.sep is None else None
    if declared is not None:
        offset, number = data.find(b"\n", offset) + 1, number + 1
    separator = request.sep or declared
    sample = _sample(data, offset)
    if not sample:
        raise NoTableError(f"{file}: the file is empty")
    guesses = _guesses(sample, separator, request)
    best_score = max((guess.score for guess in guesses), default=0.0)
    if best_score == 0.0:
        raise NoTableError(f"{file}: {_why_no_table(sample, request)}")
    likely = [guess for guess in guesses if guess.score > best_score - 1e-9]
    layouts = []
    for guess in likely:
        first, head = _first_row(data, offset, number, guess, request)
        layouts.append((guess, first, head))
    guess, first, head = max(
        layouts, key=lambda found: (found[2].quality, found[0].separator != " ", found[0].n_fields)
    )
    if request.decimal is None and request.thousands is None:
        _refuse_ambiguous(file, guess, head, likely, separator is not None)
    _refuse_another_count(file, guess, head)
    _refuse_numbers_as_names(file, guess, first, head, request)
    layout = Layout(
        guess.separator,
        guess.decimal,
        guess.decimal_seen,
        guess.n_fields,
        guess.kinds,
        first,
        head,
    )
    return layout if separator is None or request.sep else _noted(layout, declared)


class NoTableError(ReadError):
    """A text file holds no table."""


def _noted(layout: Layout, declared: str | None) -> Layout:
    return replace(layout, head=layout.head._replace(declared=declared))


def _skipped(file: str, data: bytes, skip: int) -> tuple[int, int]:
    offset = 0
    for _ in range(skip):
        end = data.find(b"\n", offset)
        if end < 0:
            raise NoTableError(f"{file}: nothing is left below the {skip} lines of skip=")
        offset = end + 1
    return offset, skip + 1


def _declared_separator(data: bytes, offset: int) -> str | None:
    """The separator that a first line such as ``sep=;`` declares."""
    end = data.find(b"\n", offset)
    line = data[offset : end if end >= 0 else len(data)].decode("utf-8").strip().strip('"')
    plain = line.casefold().replace(" ", "")
    word = plain.removeprefix("sep=")
    if word == plain:
        return None
    mark = line.partition("=")[2].strip(" ")
    return mark if len(mark) == 1 else "\t" if word in ("\\t", "tab", "\t", "") else None


def _sample(data: bytes, offset: int) -> list[str]:
    """Lines to judge by: all of a small file, else some from its middle and its end."""
    size = len(data) - offset
    if size <= SMALL:
        lines = data[offset:].decode("utf-8").split("\n")
        return [line for line in lines if line.strip()]
    probe = lines_at(data, offset + size // 2, 1, size)
    longest = max(map(len, probe), default=80)
    fields = max((probe[0].count(mark) for mark in SEPARATORS), default=1) + 1 if probe else 1
    count = min(MOST_LINES, max(FEWEST_LINES, MOST_CELLS // fields))
    room = 4 * count * (longest + 1)
    places = (offset + size // 2, max(offset, len(data) - room - 1))
    lines = [line for place in places for line in lines_at(data, place, count, room)]
    return lines or [line for line in data[offset:].decode("utf-8").split("\n") if line.strip()]


def _guesses(sample: list[str], separator: str | None, request: Request) -> list[_Guess]:
    guesses = []
    quoted = any('"' in line for line in sample)
    for candidate in SEPARATORS if separator is None else (separator,):
        rows = split_lines(sample, candidate)
        for mark in (".", ",") if request.decimal is None else (request.decimal,):
            if (mark != candidate or quoted) and mark != request.thousands:
                guesses.append(_judge(rows, candidate, mark, request))
    return guesses


def _judge(rows: Sequence[Sequence[str]], separator: str, decimal: str, request: Request) -> _Guess:
    """Score: share of lines with the usual number of fields, times the share of readable ones."""
    kinds = [[_kind(field, decimal, request) for field in row] for row in rows]
    valued = [k for k, row in enumerate(kinds) if _is_valued(row)]
    counts = Counter(len(rows[k]) for k in valued)
    if not counts:
        return _Guess(separator, decimal, 0.0, 0, (), False, False)
    n_fields = max(counts, key=lambda count: (counts[count], count))
    right = [k for k in valued if len(rows[k]) == n_fields]
    known = [kind for k in right for kind in kinds[k]]
    readable = sum(kind != "text" for kind in known) - 0.1 * known.count("grouped")
    score = len(right) / len(rows) * readable / len(known)
    score *= BLANKS if separator == " " else 1.0
    columns = tuple(_usual([kinds[k][j] for k in right]) for j in range(n_fields))
    if not any(kind in TYPED for kind in columns):
        score = 0.0
    fields = [field for k in right for field in rows[k]]
    marked = [field for field in fields if decimal in field and is_number(field, decimal)]
    grouped = bool(marked) and all(GROUPED.fullmatch(field) for field in marked)
    return _Guess(separator, decimal, score, n_fields, columns, bool(marked), grouped)


def _kind(field: str, decimal: str, request: Request) -> str:
    if request.thousands is not None and GROUPED.fullmatch(field):
        field = field.replace(request.thousands, "")
    return kind_of(field, decimal, request.na_values)


def _is_valued(kinds: Sequence[str]) -> bool:
    """Whether a line looks like a row: it begins with a value, or most of its cells are some."""
    known = [kind for kind in kinds if kind != "missing"]
    values = sum(kind not in ("text", "switch") for kind in known)
    return bool(known) and (2 * values >= len(known) or (kinds[0] in ("number", "date", "clock")))


def _usual(kinds: Sequence[str]) -> str:
    """The kind of a column: that of most of its cells; text where none is."""
    counts = Counter(kind for kind in kinds if kind != "missing")
    if not counts:
        return "empty"
    kind, count = counts.most_common(1)[0]
    if kind in ("number", "quantity") and counts["quantity"] > 1:
        kind, count = "quantity", counts["number"] + counts["quantity"]
    return kind if 2 * count > counts.total() else "text"


def _first_row(
    data: bytes, offset: int, number: int, guess: _Guess, request: Request
) -> tuple[Line, Head]:
    """The first row, and what stands above it."""
    above: list[Line] = []
    ahead: list[Line] = []
    lines = iter(line for line in lines_of(data, offset, number) if line.text.strip())
    found: tuple[Line, Head] | None = None
    forced = request.header is True
    while True:
        while len(ahead) <= AFTER and (line := next(lines, None)) is not None:
            ahead.append(line)
        if not ahead:
            break
        line = ahead.pop(0)
        if not (forced and not above) and _begins(line, ahead, guess, request):
            above = _whole_header(above, [line, *ahead], guess)
            found = line, find_head(above, guess.separator, guess.kinds, guess.decimal, request)
            break
        above.append(line)
    if found is None:  # a few rows that do not follow one another
        rows = [k for k, line in enumerate(above) if _is_row(line.text, guess, request)]
        k = rows[0] if rows else len(above) - 1
        head = find_head(above[:k], guess.separator, guess.kinds, guess.decimal, request)
        return above[k], head
    if found[1].names is None and request.header is None:
        later = _header_below(found[0], ahead, lines, guess, request, above)
        found = later or found
    return found


def _whole_header(above: list[Line], rows: Sequence[Line], guess: _Guess) -> list[Line]:
    """The lines above, with the header in one line and with a field for each column.

    Names in quotes may hold line ends; R and pandas write no name above the numbers of the rows.
    """
    joined: list[Line] = []
    pending = False
    for line in above:
        if pending:
            joined[-1] = joined[-1]._replace(text=f"{joined[-1].text} {line.text.strip()}")
        else:
            joined.append(line)
        pending = joined[-1].text.count('"') % 2 == 1
    if not above or pending:
        joined = above
    if (
        len(joined) < len(above)
        and len(split_line(joined[-1].text, guess.separator)) == guess.n_fields
    ):
        return joined
    fields = split_line(above[-1].text, guess.separator) if above else []
    short = len(fields) == guess.n_fields - 1 and guess.kinds[-1] != "empty"
    named = short and any(time_name(field).named for field in fields)
    numbers = [split_line(row.text, guess.separator)[0] for row in rows]
    start = int(numbers[0]) if numbers[0] in ("0", "1") else -1
    if named and len(rows) > 2 and numbers == [str(start + k) for k in range(len(rows))]:
        head = above[-1]._replace(text=f'""{guess.separator}{above[-1].text.strip()}')
        return [*above[:-1], head]
    return above


def _header_below(
    first: Line,
    ahead: list[Line],
    lines: object,
    guess: _Guess,
    request: Request,
    above: list[Line],
) -> tuple[Line, Head] | None:
    """Settings of numbers may look like rows and stand above the header: look for one below."""
    block = [first, *ahead]
    for line in lines:  # type: ignore[attr-defined]
        block.append(line)
        if len(block) >= SETTINGS + 3 * AFTER:
            break
    for k in range(1, min(SETTINGS, len(block))):
        if _is_row(block[k].text, guess, request):
            continue
        head = find_head(
            [*above, *block[: k + 1]], guess.separator, guess.kinds, guess.decimal, request
        )
        rest = block[k + 1 :]
        while rest and not _is_row(rest[0].text, guess, request):
            rest = rest[1:]
        if head.names is not None and head.line == block[k].number and len(rest) > k:
            whole = [*above, *block[: block.index(rest[0])]]
            return rest[0], find_head(whole, guess.separator, guess.kinds, guess.decimal, request)
    return None


def _begins(line: Line, ahead: Sequence[Line], guess: _Guess, request: Request) -> bool:
    """Whether the rows begin with this line: it is one, and so are most of the next."""
    if not _is_row(line.text, guess, request):
        return False
    after = [_is_row(other.text, guess, request) for other in ahead]
    return 2 * sum(after) >= len(after)


def _is_row(text: str, guess: _Guess, request: Request) -> bool:
    fields = split_line(text, guess.separator)
    return is_row(fields, guess.kinds, guess.decimal, request)


def is_row(fields: Sequence[str], kinds: Sequence[str], decimal: str, request: Request) -> bool:
    """Whether fields fit the kinds of the columns: the first typed one, and more than half."""
    if len(fields) != len(kinds):
        return False
    typed = [k for k, kind in enumerate(kinds) if kind in TYPED]
    fits = [_cell_fits(fields[k], kinds[k], decimal, request) for k in typed]
    present = [fit for k, fit in zip(typed, fits, strict=True) if fields[k]]
    bad = len(fits) - sum(fits)
    found = [kind_of(fields[k], decimal) for k in typed if fields[k]]
    if "quantity" not in kinds and found and all(kind == "quantity" for kind in found):
        return False  # a line of sample times such as 10ms, between header and rows
    if not present or not present[0] or 2 * bad >= len(fits) or bad > max(1, len(fits) // 4):
        return False
    return bad == 0 or not any(time_name(fields[k]).named for k in typed)


def _cell_fits(field: str, kind: str, decimal: str, request: Request) -> bool:
    found = _kind(field, decimal, request)
    if kind in ("number", "quantity", "grouped"):
        return found in ("number", "quantity", "grouped", "missing", "switch")
    return found in (kind, "missing")


def _refuse_ambiguous(
    file: str, best: _Guess, head: Head, guesses: Sequence[_Guess], separator_given: bool
) -> None:
    """``1,234`` may be 1.234 or 1234; without a header ``1,5`` may be one number or two."""
    mark = {",": "comma", ".": "point"}[best.decimal]
    if best.maybe_grouped and not (best.decimal == "." and best.separator in (",", " ")):
        other = {",": ".", ".": ","}[best.decimal]
        raise ReadError(
            f"{file}: the {mark} may be the decimal mark or separate thousands; give "
            f"decimal={best.decimal!r}, or thousands={best.decimal!r} (then the decimal mark is "
            f"{other!r})"
        )
    if separator_given or best.separator != "," or head.names is not None:
        return
    for other_guess in guesses:
        if other_guess.decimal == "," and other_guess.decimal_seen:
            raise ReadError(
                f"{file}: the comma may separate columns or be the decimal mark; give sep= and "
                "decimal="
            )


def _refuse_numbers_as_names(
    file: str, guess: _Guess, first: Line, head: Head, request: Request
) -> None:
    """A first line 0, 1, 2, ... may name the columns, as of a frame without names, or be a row."""
    if head.names is not None or request.header is not None or request.names is not None:
        return
    fields = split_line(first.text, guess.separator)
    counted = [str(k) for k in range(len(fields))]
    if len(fields) >= NUMBERED and fields == counted:
        raise ReadError(
            f"{file}: line {first.number} ({', '.join(fields[:6])}{', ...' * (len(fields) > 6)}) "
            "may hold names or the first row; give header=True or header=False"
        )


def _refuse_another_count(file: str, guess: _Guess, head: Head) -> None:
    """A line right above the rows that has fields, but another number of them."""
    if head.names is not None or head.other_count is None:
        return
    found, line = head.other_count
    if guess.separator == "," and guess.n_fields > found > 1 and guess.n_fields % found == 0:
        raise ReadError(
            f"{file}: no separator fits: line {line} has {found} fields, the rows "
            f"{guess.n_fields}; if the comma is both separator and decimal mark, the numbers "
            f"cannot be told apart; else skip={line} leaves that line out, and names= gives the "
            f"{guess.n_fields} columns names"
        )
    raise ReadError(
        f"{file}: the rows have {guess.n_fields} fields, line {line} above them has {found}: "
        f"names= gives the {guess.n_fields} columns names and skip={line} leaves that line out"
    )


def _why_no_table(lines: Sequence[str], request: Request) -> str:
    n_header, *n_data = (line.count(",") + 1 for line in lines)
    if n_data and len(set(n_data)) == 1 and n_data[0] > n_header > 1:
        return (
            f"no separator fits: the first line has {n_header} fields, the others {n_data[0]}; if "
            "the comma is both separator and decimal mark, the numbers cannot be told apart"
        )
    if not n_data:
        return f"no rows below the first line ({lines[0][:60]!r})"
    remedy = "give sep= and decimal=, or skip= where many lines stand above the table"
    if request.sep is not None:
        remedy = f"no line is a row with sep={request.sep!r}; is it a table of text?"
    return f"no table of numbers found (second line: {lines[1][:60]!r}); {remedy}"
