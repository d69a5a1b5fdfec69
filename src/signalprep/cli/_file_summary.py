"""How the files of a log are written, on the terminal."""

from __future__ import annotations

from collections.abc import Callable

import pandas as pd

from signalprep.cli._messages import with_options
from signalprep.cli._say import say


def print_files(log: pd.DataFrame) -> None:
    """How the files are written and what was odd about some, one line for all that are alike."""
    from signalprep.io import reading_report

    files = reading_report(log)
    for words, names in _alike(files, _format_words):
        say(f"{len(names)} file{'s' * (len(names) > 1)}: {words}")
    for words, names in _alike(files, _odd_words):
        more = f" and {len(names) - 1} more" if len(names) > 1 else ""
        say(f"  {names[0]}{more}: {with_options(words)}")
    say()


def _alike(files: pd.DataFrame, words: Callable[[pd.Series], str]) -> list[tuple[str, list[str]]]:
    """Files by the words said about them."""
    groups: dict[str, list[str]] = {}
    for name, file in files.iterrows():
        groups.setdefault(words(file), []).append(str(name))
    return [(text, names) for text, names in groups.items() if text]


def _format_words(file: pd.Series) -> str:
    if file["format"] == "none":
        return ""
    words = [file[name] for name in ("format", "encoding", "compression") if file[name]]
    words += [f"{name} {file[name]!r}" for name in ("separator", "decimal") if file[name]]
    words += [f"cycles by {file['cycle']}"] if file["cycle"] else []
    if file["samples"]:
        return ", ".join([*words, "each channel with time stamps of its own"])
    unit = f" ({file['time_unit']})" if file["time_unit"] else ""
    words.append(f"time in {file['time']!r}{unit}" if file["time"] else "no time column")
    return ", ".join([*words, *([] if file["header"] else ["no header line"])])


def _odd_words(file: pd.Series) -> str:
    words = {
        "renamed": file["renamed"],
        "cells without a number, taken as missing": file["coerced"],
        "words taken as missing": file["missing_words"],
    }
    said = [f"{name}: {text}" for name, text in words.items() if text]
    return "; ".join([*said, *([file["notes"]] if file["notes"] else [])])
