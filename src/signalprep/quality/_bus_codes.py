"""Codes of a bus that were not read as they were meant: signs, codes for no value, full scale."""

from __future__ import annotations

from collections.abc import Hashable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from signalprep._kernels._quantisation import quantisation_step
from signalprep.quality._log_check import Problem
from signalprep.quality._samples import Samples

__all__ = ["CodeFacts", "code_facts", "code_problems"]

WIDTHS = (*range(8, 17), 24, 32)  # bits of the fields in question
ENDS = tuple(2**bits - 1 for bits in sorted({*WIDTHS, 7, 23, 31}))  # 0x7F to 0xFFFFFFFF
LARGE = frozenset({*ENDS, *(end - 1 for end in ENDS), 0x80, 0x8000, 0x80000000})
SMALL = frozenset({-0x80, -0x8000, -0x80000000})
MOST_CODES = 3  # for no value, at either end of a channel
WHOLE = 0.01  # of a code, by which a value may be off: as SignedCodes allows
TIGHT = 1e-9  # of a code: off by no more than rounding
SAMPLE = 1000  # values that tell most channels that hold no codes
LONE = 0.25  # of the range of all other values: the least distance of a code for no value
APART = 10  # times the widest distance between two of these
SMALL_NOISE = 8  # codes that a signal at rest about zero may move by
MANY_STAYS = 10  # times that it goes below zero
SHORT_STAY = 4  # samples that it stays there on average, at most
ORDINARY = 4  # times the usual large change: the most that a change through zero may be
FEW_WRAPS = 5  # with fewer, nothing may lie in the middle of the range
ONE_WAY = 0.05  # share of changes against the others, below which a channel counts or turns


@dataclass(frozen=True)
class CodeFacts:
    """What the codes of one channel look like.

    Attributes
    ----------
    lsb : scale of the channel; values are whole multiples of it.
    sentinels : codes that seem to mean that there is no value.
    others : least and greatest value of all other samples.
    n_sentinels, sentinel_row : how many samples have these codes, and the first.
    bits : width of a signed field that was read as unsigned, 0 for none.
    n_wraps, wrap_row : changes of sign that read as jumps, and the row after the first.
    ends : codes at the ends of a field, at which a moving signal lies flat.
    """

    lsb: float = 1.0
    sentinels: tuple[int, ...] = ()
    others: tuple[float, float] = (np.nan, np.nan)
    n_sentinels: int = 0
    sentinel_row: int = -1
    bits: int = 0
    n_wraps: int = 0
    wrap_row: int = -1
    ends: tuple[int, ...] = ()

    def explain(self, end: float) -> bool:
        """Whether a channel that lies flat at this end of its range does so for its codes."""
        return self.bits > 0 or round(end / self.lsb) in (*self.sentinels, *self.ends)


NOTHING = CodeFacts()


def code_facts(x: np.ndarray, borders: np.ndarray, flat_ends: list[float]) -> CodeFacts:
    """Look at the codes of a channel.

    Parameters
    ----------
    x : ndarray of shape (n_samples,)
    borders : ndarray of bool of shape (n_samples - 1,)
        Between which samples time does not run on.
    flat_ends : list of float
        Ends of the range at which the channel is saturated.
    """
    rows = np.flatnonzero(np.isfinite(x))
    values = x[rows]
    for lsb in _scales(values):
        codes = np.rint(values / lsb)
        segment = np.concatenate(([0], np.cumsum(borders)))[rows]
        facts = _facts(codes, rows, segment, lsb, flat_ends)
        if facts.sentinels or facts.bits or facts.ends:
            return facts
    return NOTHING


def _scales(values: np.ndarray) -> Iterator[float]:
    """Steps that all values are whole multiples of, first 1."""
    largest = float(np.abs(values).max(initial=0.0))
    if _all_whole(values, 1.0, largest, WHOLE):
        yield 1.0
    change = np.abs(np.diff(values))
    change = change[change > 8 * np.finfo(np.float64).eps * largest]
    if not len(change):
        return
    lsb = _in_few_digits(values, float(change.min()), largest)
    if lsb == 0.0:  # a fast signal never moves by a single step
        lsb = _in_few_digits(values, quantisation_step(values), largest)
    if lsb not in (0.0, 1.0):
        yield lsb


def _in_few_digits(values: np.ndarray, step: float, largest: float) -> float:
    """The step as somebody may have written it down, 0 where values are no multiples of it.

    Values of single precision are multiples of a decimal step but for their rounding.
    """
    for allowed in (TIGHT, WHOLE):
        for digits in range(1, 16):
            lsb = float(f"{step:.{digits}g}")
            near = lsb > 0 and abs(lsb - step) <= WHOLE * step
            if near and _all_whole(values, lsb, largest, allowed):
                return lsb
    return 0.0


def _all_whole(values: np.ndarray, lsb: float, largest: float, allowed: float) -> bool:
    if largest / lsb >= 2.0 ** (WIDTHS[-1] + 1):
        return False
    for some in (values[:SAMPLE], values):
        codes = some / lsb
        rounding = 4 * np.finfo(np.float64).eps * np.abs(codes)
        if not (np.abs(codes - np.rint(codes)) <= allowed + rounding).all():
            return False
    return True


def _facts(
    codes: np.ndarray, rows: np.ndarray, segment: np.ndarray, lsb: float, flat_ends: list[float]
) -> CodeFacts:
    sentinels = _sentinels(codes)
    bits, wraps = 0, np.empty(0, dtype=np.intp)
    good = ~np.isin(codes, sentinels)
    if good.any() and codes[good].min() >= 0:
        largest = codes[good].max()
        width = next((bits for bits in WIDTHS if largest < 2**bits), 0)
        middle = _lone_middle(codes[good], width) if width else []
        good &= ~np.isin(codes, middle)
        if width and good.any():
            wraps = _wraps(codes[good], segment[good], width)
        if len(wraps):
            bits, sentinels = width, (*sentinels, *middle)
            wraps = rows[good][wraps]
    there = np.isin(codes, sentinels)
    low, high = int(codes[~there].min()), int(codes[~there].max())
    flat = [] if bits else [round(end / lsb) for end in flat_ends]
    return CodeFacts(
        lsb=lsb,
        sentinels=sentinels,
        others=(low * lsb, high * lsb),
        n_sentinels=int(there.sum()),
        sentinel_row=int(rows[np.argmax(there)]) if there.any() else -1,
        bits=bits,
        n_wraps=len(wraps),
        wrap_row=int(wraps[0]) if len(wraps) else -1,
        ends=tuple(end for end in (low, high) if end in flat and _ends_a_field(end, low)),
    )


def _ends_a_field(code: int, low: int) -> bool:
    """Whether a code is the largest of some field, or the smallest, which is below zero."""
    return code in ENDS if code > low else -code - 1 in ENDS


def _sentinels(codes: np.ndarray) -> tuple[int, ...]:
    """Codes at the ends of the range that stand alone far beyond all others."""
    if codes.max(initial=0.0) not in LARGE and codes.min(initial=0.0) not in SMALL:
        return ()
    distinct = np.unique(codes)
    first, last = 0, len(distinct)
    while last > 0 and distinct[last - 1] in LARGE and len(distinct) - last < MOST_CODES:
        last -= 1
    while first < last and distinct[first] in SMALL and first < MOST_CODES:
        first += 1
    others = distinct[first:last]
    if len(others) < 2:
        return ()
    far = max(LONE * (others[-1] - others[0]), APART * np.diff(others).max())
    found = []
    if first > 0 and others[0] - distinct[first - 1] > far:
        found += distinct[:first].tolist()
    beyond = last < len(distinct) and distinct[last] - others[-1] > far
    if beyond and not _is_noise_about_zero(codes, others, distinct[last]):
        found += distinct[last:].tolist()
    return tuple(int(code) for code in found)


def _is_noise_about_zero(codes: np.ndarray, others: np.ndarray, least: float) -> bool:
    """Whether the largest codes are -1 and -2, which a signal at rest takes for moments only."""
    if others[0] != 0 or others[-1] > SMALL_NOISE:
        return False
    high = codes >= least
    n_stays = int(high[0]) + int((high[1:] & ~high[:-1]).sum())
    return n_stays >= MANY_STAYS and high.sum() < SHORT_STAY * n_stays


def _lone_middle(codes: np.ndarray, width: int) -> list[int]:
    """The largest and smallest signed codes, where nothing else is near the middle."""
    half = 2 ** (width - 1)
    ends = [code for code in (half - 1, half) if (codes == code).any()]
    near = np.abs(codes - half) <= LONE * half
    return ends if ends and np.isin(codes[near], ends).all() else []


def _wraps(codes: np.ndarray, segment: np.ndarray, width: int) -> np.ndarray:
    """Positions right after a change of sign that reads as a jump through all codes; maybe none.

    What tells a signed signal from a turning angle or a counter, which jump as well: it never goes
    through the middle of the codes, where its sign would overflow, and it comes back.
    """
    full, half = 2.0**width, 2.0 ** (width - 1)
    upper = codes >= half
    change = np.where(np.diff(segment) == 0, np.diff(codes), 0.0)
    jumps = np.abs(change) > half
    through_middle = (upper[1:] != upper[:-1]) & ~jumps & (change != 0)
    signed = np.where(upper, codes - full, codes)
    change = np.where(jumps, change - np.sign(change) * full, change)
    if (
        jumps.any()
        and _lies_at_both_ends(codes, upper, full)
        and through_middle.sum() <= 0.01 * jumps.sum()
        and _are_ordinary(change, jumps)
        and _comes_back(change, jumps, bool((np.abs(signed) <= 3 / 4 * half).all()))
    ):
        return np.flatnonzero(jumps) + 1
    return np.empty(0, dtype=np.intp)


def _lies_at_both_ends(codes: np.ndarray, upper: np.ndarray, full: float) -> bool:
    """Whether the codes reach both ends, and are more than two levels."""
    if codes.min() > full / 8 or codes.max() < full - full / 8:
        return False
    below, above = codes[~upper], codes[upper]
    few_above = above.min() == above.max() and below.max() > SMALL_NOISE
    return bool(below.min() < below.max() and not few_above)


def _are_ordinary(change: np.ndarray, jumps: np.ndarray) -> bool:
    """Whether jumps, read as changes of sign, are as small as other changes are."""
    usual = np.abs(change[~jumps & (change != 0)])
    large = max(float(np.quantile(usual, 0.99)), 1.0) if len(usual) else 1.0
    return bool(np.quantile(np.abs(change[jumps]), 0.9) <= ORDINARY * large)


def _comes_back(change: np.ndarray, jumps: np.ndarray, middle_is_empty: bool) -> bool:
    """Whether a signal goes to and fro about zero, and does not turn or count on."""
    if jumps.sum() < FEW_WRAPS and not middle_is_empty:
        return False
    if np.unique(np.sign(change[jumps])).size == 2:
        return True
    against = min((change > 0).sum(), (change < 0).sum())
    return middle_is_empty and bool(against > ONE_WAY * (change != 0).sum())


def code_problems(
    samples: Samples, channel: Hashable, facts: CodeFacts, missing: bool, share: float
) -> Iterator[Problem]:
    """Findings about the codes of a channel.

    Parameters
    ----------
    samples : where the codes are.
    channel : its name.
    facts : what `code_facts` saw.
    missing : whether it misses samples, which the step to paste must bear.
    share : of its rows that lie flat at an end.
    """
    step = _step_words(channel, facts, missing)

    def found(kind: str, text: str, row: int) -> Problem:
        code = samples.codes[row]
        cycle: Any = samples.ids[code] if code >= 0 else None
        text = f"channel {channel!r}: {text}, first {samples.place(row)}"
        return Problem("warning", kind, text, cycle, channel, row)

    if facts.bits:
        jumps = f"{facts.n_wraps} jump{'s' if facts.n_wraps > 1 else ''}"
        full = 2**facts.bits * facts.lsb
        text = (
            f"{jumps} between values near 0 and near {full:.9g}, as of signed numbers of "
            f"{facts.bits} bits that were read as unsigned; {step} reads them"
        )
        yield found("unsigned", text, facts.wrap_row)
    if facts.sentinels:
        values = ", ".join(f"{code * facts.lsb:.9g} ({_hex(code)})" for code in facts.sentinels)
        low, high = facts.others
        text = (
            f"{facts.n_sentinels} sample{'s' if facts.n_sentinels > 1 else ''} at {values}, far "
            f"from all others ({low:.9g} to {high:.9g}), as of a code for no value; {step} takes "
            "them out"
        )
        yield found("not available", text, facts.sentinel_row)
    if facts.ends:
        ends = " and ".join(f"{code * facts.lsb:.9g}" for code in facts.ends)
        text = (
            f"channel {channel!r}: {share:.2%} of the rows lie flat at {ends}, the end of what "
            f"{_bits_of(facts)} bits can say; {_limit_words(channel, facts, missing)} takes "
            "them out"
        )
        yield Problem("warning", "code limit", text, None, channel)


def _step_words(channel: Hashable, facts: CodeFacts, missing: bool) -> str:
    """The step that reads the codes, to be pasted."""
    words = []
    if facts.bits:
        words.append(f"bits={{{channel!r}: {facts.bits}}}")
    if facts.sentinels:
        codes = facts.sentinels[0] if len(facts.sentinels) == 1 else list(facts.sentinels)
        words.append(f"not_available={{{channel!r}: {codes}}}")
    if facts.lsb != 1.0:
        words.append(f"lsb={{{channel!r}: {facts.lsb!r}}}")
    return f"SignedCodes({', '.join(words + _policy(missing))})"


def _limit_words(channel: Hashable, facts: CodeFacts, missing: bool) -> str:
    """Limits half a code inside of the ends, so that no rounding matters."""
    low = next((f"{(code + 0.5) * facts.lsb:.9g}" for code in facts.ends if code < 0), "None")
    high = next((f"{(code - 0.5) * facts.lsb:.9g}" for code in facts.ends if code > 0), "None")
    limits = f"{{{channel!r}: ({low}, {high})}}"
    return f"PhysicalLimits({', '.join([limits, *_policy(missing)])})"


def _policy(missing: bool) -> list[str]:
    return ["nan_policy='omit'"] if missing else []


def _hex(code: int) -> str:
    """As it is sent; of the negative codes in question the two's complement is the amount."""
    return f"0x{abs(code):X}"


def _bits_of(facts: CodeFacts) -> int:
    """Width of the field at whose ends a channel lies flat; signed where values are negative."""
    largest = max(code if code > 0 else -code - 1 for code in facts.ends)
    return largest.bit_length() + int(facts.others[0] < 0)
