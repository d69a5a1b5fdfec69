"""From raw MDF samples to numbers and words.

asammdf's tables are not used: it looks a code up in one way in short channels and in another in
long ones, and takes the borders of ranges as whole numbers. What computes (linear, rational,
interpolating tables, formulas) is left to it, in float64.
"""

from __future__ import annotations

import ast
from dataclasses import dataclass
from typing import Any

import numpy as np

__all__ = ["Converted", "NotConvertedError", "convert", "convert_texts"]

# Types of conversions, by generation of the format.
FORMULA = {3: 10, 4: 3}
NUMBERS_BY_RANGE = {3: -1, 4: 6}
WORDS_BY_CODE = {3: 11, 4: 7}
WORDS_BY_RANGE = {3: 12, 4: 8}
NUMBERS_BY_TEXT, TEXTS_BY_TEXT, WORDS_BY_BITS = 9, 10, 11
FUNCTIONS = {"abs", "arccos", "arcsin", "arctan", "cos", "cosh", "exp", "log", "log10", "sin"}
FUNCTIONS |= {"sinh", "sqrt", "tan", "tanh"}
ARITHMETIC = (ast.Expression, ast.BinOp, ast.UnaryOp, ast.Constant, ast.Name, ast.Load, ast.Call)
OPERATORS = (ast.Add, ast.Sub, ast.Mult, ast.Div, ast.Pow, ast.USub, ast.UAdd)


class NotConvertedError(Exception):
    """A conversion that cannot be carried out; the message says why."""


@dataclass
class Converted:
    """Samples after their conversion.

    Attributes
    ----------
    values : physical numbers, or codes where `labels` is not None.
    labels : words by code; None for a channel of numbers.
    is_text : which samples are words among numbers; None for none.
    changed : False where the raw samples are the values.
    """

    values: np.ndarray
    labels: dict[float, str] | None = None
    is_text: np.ndarray | None = None
    changed: bool = True


def convert(raw: np.ndarray, conversion: Any, generation: int) -> Converted:
    """Convert raw numbers; `generation` is 3 for MDF 2 and 3, 4 for MDF 4."""
    if conversion is None:
        return Converted(raw, changed=False)
    if generation == 4 and conversion.conversion_type == WORDS_BY_BITS:
        return Converted(raw, labels=_words_by_bits(raw, conversion), changed=False)
    if not _is_table(conversion, generation):
        values = _computed(raw, conversion, generation)
        return Converted(raw if values is None else values, changed=values is not None)
    codes, position = np.unique(raw, return_inverse=True)
    numbers, words = _look_up(codes, conversion, generation)
    if not _gives_numbers(conversion, generation):
        single = _single_codes(conversion, generation)
        named = dict(zip(single.tolist(), _look_up(single, conversion, generation)[1], strict=True))
        named |= dict(zip(codes.tolist(), words, strict=True))
        return Converted(raw, labels={c: w for c, w in named.items() if w}, changed=False)
    is_word = np.array([word is not None for word in words], dtype=bool)
    return Converted(numbers[position], is_text=is_word[position] if is_word.any() else None)


def convert_texts(texts: np.ndarray, conversion: Any) -> np.ndarray:
    """Convert texts of MDF 4 into other texts, or into numbers."""
    kind = None if conversion is None else conversion.conversion_type
    if kind == TEXTS_BY_TEXT:
        links = conversion.referenced_blocks
        n_pairs = (conversion.ref_param_nr - 1) // 2
        pairs = {
            _text(links[f"input_{k}_addr"]): _text(links[f"output_{k}_addr"])
            for k in reversed(range(n_pairs))
        }
        default = _text(links["default_addr"])
        found = [pairs.get(text, default or text) for text in texts.tolist()]
        return np.array(found, dtype=object)
    if kind == NUMBERS_BY_TEXT:
        links = conversion.referenced_blocks
        n_texts = conversion.val_param_nr - 1
        codes = {
            _text(links[f"text_{k}"]): conversion[f"val_{k}"] for k in reversed(range(n_texts))
        }
        default = conversion.val_default
        return np.array([codes.get(text, default) for text in texts.tolist()], dtype=np.float64)
    return texts


def _is_table(conversion: Any, generation: int) -> bool:
    kind = conversion.conversion_type
    return kind in (
        WORDS_BY_CODE[generation],
        WORDS_BY_RANGE[generation],
        NUMBERS_BY_RANGE[generation],
    )


def _computed(raw: np.ndarray, conversion: Any, generation: int) -> np.ndarray | None:
    """Physical numbers by asammdf, None where they are the raw ones."""
    if conversion.conversion_type == FORMULA[generation]:
        _check_formula(str(conversion.formula))
    elif generation == 4 and conversion.conversion_type in (NUMBERS_BY_TEXT, TEXTS_BY_TEXT):
        raise NotConvertedError("its conversion is from text, and its samples are numbers")
    given = raw.astype(np.float64)
    values = conversion.convert(given)
    if values is given:
        if conversion.conversion_type == FORMULA[generation]:
            raise NotConvertedError(f"its formula {conversion.formula!r} cannot be computed")
        return None
    values = np.broadcast_to(np.asarray(values), given.shape)
    if values.dtype.kind not in "fiu":
        raise NotConvertedError(
            f"its conversion (type {conversion.conversion_type}) gives no numbers"
        )
    return np.array(values, dtype=np.float64)


def _check_formula(formula: str) -> None:
    """Take only arithmetic: a formula is text from a file, and is evaluated."""
    try:
        tree = ast.parse(formula.strip("\0 "), mode="eval")
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        raise NotConvertedError(f"its formula {formula!r} is not understood") from error
    names = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
    calls = [node.func for node in ast.walk(tree) if isinstance(node, ast.Call)]
    called = {call.id for call in calls if isinstance(call, ast.Name)}
    plain = all(isinstance(node, ARITHMETIC + OPERATORS) for node in ast.walk(tree))
    if not plain or len(formula) > 1000 or called - FUNCTIONS or names - called - {"X", "X1"}:
        raise NotConvertedError(f"its formula {formula!r} is not plain arithmetic in X")


def _entries(conversion: Any, generation: int) -> list[tuple[float, float, Any]]:
    """Lowest and highest raw value of each entry of a table, and what it stands for."""
    kind = conversion.conversion_type
    links = conversion.referenced_blocks or {}
    if kind == NUMBERS_BY_RANGE[generation]:
        places = range((conversion.val_param_nr - 1) // 3)
        return [
            (conversion[f"lower_{k}"], conversion[f"upper_{k}"], conversion[f"phys_{k}"])
            for k in places
        ]
    if kind == WORDS_BY_CODE[generation] and generation == 3:
        places = range(conversion.ref_param_nr)
        codes = [conversion[f"param_val_{k}"] for k in places]
        return [(code, code, conversion[f"text_{k}"]) for k, code in enumerate(codes)]
    if kind == WORDS_BY_CODE[generation]:
        codes = [conversion[f"val_{k}"] for k in range(conversion.val_param_nr)]
        return [(code, code, links[f"text_{k}"]) for k, code in enumerate(codes)]
    n_ranges = conversion.ref_param_nr - 1 if generation == 3 else conversion.val_param_nr // 2
    return [
        (conversion[f"lower_{k}"], conversion[f"upper_{k}"], links[f"text_{k}"])
        for k in range(n_ranges)
    ]


def _default(conversion: Any, generation: int) -> Any:
    if conversion.conversion_type == NUMBERS_BY_RANGE[generation]:
        return conversion.default
    found = (conversion.referenced_blocks or {}).get("default_addr")
    if generation == 3 and found and b"{X}" in found:
        return conversion  # a line for all that has no word: asammdf computes it
    return b"" if found is None else found


def _look_up(codes: np.ndarray, conversion: Any, generation: int) -> tuple[np.ndarray, list[Any]]:
    """Number or word of each code: NaN and None where it is the other."""
    entries = _entries(conversion, generation)
    # Where ranges overlap the narrowest that begins last is meant: some writers put the default
    # first, as a range from 0 to 0.
    entries = sorted(entries, key=lambda entry: (entry[0], entry[1]))
    chosen = np.full(len(codes), -1)
    half_open = codes.dtype.kind == "f"
    for k, (low, high, _) in enumerate(entries):
        below = (codes < high) | (codes == low) if half_open else codes <= high
        chosen[(codes >= low) & below] = k
    numbers = np.full(len(codes), np.nan)
    words: list[Any] = [None] * len(codes)
    for k in np.unique(chosen):
        rows = np.flatnonzero(chosen == k)
        meaning = _default(conversion, generation) if k < 0 else entries[k][2]
        found, named = _mean(codes[rows], meaning, conversion, generation)
        numbers[rows] = found
        for row, word in zip(rows, named, strict=True):
            words[row] = word
    return numbers, words


def _mean(codes: np.ndarray, meaning: Any, table: Any, generation: int) -> tuple[Any, list[Any]]:
    """What codes of one entry stand for: a text, a number, or a conversion of their own."""
    none: list[Any] = [None] * len(codes)
    if isinstance(meaning, bytes):
        return np.nan, [_text(meaning)] * len(codes)
    if isinstance(meaning, (int, float)):
        return float(meaning), none
    if meaning is table:
        return meaning.convert(codes.astype(np.float64)), none
    if _is_table(meaning, generation):
        return _look_up(codes, meaning, generation)
    values = _computed(codes, meaning, generation)
    return (codes if values is None else values), none


def _gives_numbers(conversion: Any, generation: int) -> bool:
    """Whether a table may give numbers: told by the table, so that no later sample changes it."""
    meanings = [entry[2] for entry in _entries(conversion, generation)]
    for meaning in [*meanings, _default(conversion, generation)]:
        if isinstance(meaning, bytes):
            continue
        if meaning is conversion or not hasattr(meaning, "conversion_type"):
            return True
        if not _is_table(meaning, generation) or _gives_numbers(meaning, generation):
            return True
    return False


def _single_codes(conversion: Any, generation: int) -> np.ndarray:
    """Codes that the table names one by one, whether or not they occur."""
    codes = np.array([low for low, high, _ in _entries(conversion, generation) if low == high])
    whole = codes.astype(np.int64)
    return whole if np.array_equal(whole, codes) else codes


def _words_by_bits(raw: np.ndarray, conversion: Any) -> dict[float, str]:
    codes = np.unique(raw)
    words = conversion.convert(codes)
    return {
        code: word
        for code, text in zip(codes.tolist(), words.tolist(), strict=True)
        if (word := _text(text))
    }


def _text(stored: Any) -> str:
    """Text of a block: UTF-8 in MDF 4, Latin-1 before."""
    if not isinstance(stored, bytes):
        return "" if stored is None else str(stored)
    stored = stored.split(b"\0")[0]
    try:
        return stored.decode("utf-8").strip()
    except UnicodeDecodeError:
        return stored.decode("latin-1").strip()
