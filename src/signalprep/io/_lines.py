"""Lines of a text: where each begins, its number, and its fields."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from signalprep.io._cells import COMMENT


class Line(NamedTuple):
    """One physical line; `offset` is its first byte, `number` counts from 1."""

    offset: int
    number: int
    text: str


def lines_of(data: bytes, offset: int = 0, number: int = 1) -> Iterator[Line]:
    """Lines of UTF-8 text from a place on."""
    while offset < len(data):
        end = data.find(b"\n", offset)
        end = len(data) if end < 0 else end
        yield Line(offset, number, data[offset:end].decode("utf-8"))
        offset, number = end + 1, number + 1


def lines_at(data: bytes, place: int, count: int, most_bytes: int) -> list[str]:
    """Some whole lines that are not blank, from the first line end after a place on."""
    start = data.find(b"\n", place) + 1
    last = min(len(data), start + most_bytes)
    found: list[str] = []
    while start and len(found) < count:
        end = data.find(b"\n", start, last)
        if end < 0:
            break
        line = data[start:end]
        if line.strip():
            found.append(line.decode("utf-8", errors="replace"))
        start = end + 1
    return found


def split_line(line: str, separator: str) -> list[str]:
    """Fields of a line; quotes protect separators, a blank is any run of blanks."""
    if separator == " " and '"' not in line:
        return line.split()
    if separator == " ":
        line = line.replace("\t", " ").strip()
    if '"' not in line:
        return [field.strip() for field in line.split(separator)]
    try:
        fields = next(csv.reader([line], delimiter=separator, skipinitialspace=True), [])
    except csv.Error:  # a field longer than the reader bears
        fields = line.split(separator)
    return [field.strip() for field in fields]


def split_lines(lines: Iterable[str], separator: str) -> list[list[str]]:
    """Fields of each line."""
    return [split_line(line, separator) for line in lines]


def uncommented(line: str) -> str:
    """The line without a comment mark in front."""
    stripped = line.strip()
    while match := COMMENT.match(stripped):
        stripped = stripped[match.end() :].lstrip()
    return stripped
