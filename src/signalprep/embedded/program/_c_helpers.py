"""Functions of C that steps call: products, shifts to the right, roots, angles and limits."""

from __future__ import annotations

from string import Template

__all__ = ["HELPERS"]

_DOWN = """\
static ${kind}_t $name(${kind}_t x, uint32_t bits)
{
    /* x / 2^bits, ties up, of a number below 2^$below */
    const ${kind}_t zero = ${macro}_C($zero);
    const u${kind}_t half = (U${macro}_C(1) << bits) >> 1;
    const ${kind}_t lifted = x + zero;
    const u${kind}_t found = ((u${kind}_t)lifted + half) >> bits;
    const u${kind}_t base = (u${kind}_t)zero >> bits;
    return (${kind}_t)found - (${kind}_t)base;
}
"""

_AT_LEAST = """\
static $kind at_least$end($kind x, $kind low)
{
    return (x < low) ? low : x;
}
"""

_AT_MOST = """\
static $kind at_most$end($kind x, $kind high)
{
    return (x > high) ? high : x;
}
"""

_CLAMP = """\
static $kind clamp$end($kind x, $kind low, $kind high)
{
    const $kind above = (x < low) ? low : x;
    return (above > high) ? high : above;
}
"""

_LIMITS = {"at_least": _AT_LEAST, "at_most": _AT_MOST, "clamp": _CLAMP}


def _down(name: str, bits: int) -> str:
    zero = f"0x{1 << (bits - 2):X}"
    return Template(_DOWN).substitute(
        name=name, kind=f"int{bits}", macro=f"INT{bits}", zero=zero, below=bits - 2
    )


def _limits(kind: str, end: str) -> dict[str, str]:
    return {
        name + end: Template(text).substitute(kind=kind, end=end) for name, text in _LIMITS.items()
    }


HELPERS = {
    "scale": """\
static int32_t scale(int32_t x, int32_t m)
{
    /* x * m / 2^32, ties up; 2^62 is added and taken away so that nothing negative is shifted */
    const int64_t product = (int64_t)x * m;
    const int64_t lifted = product + INT64_C(0x4000000080000000);
    const uint64_t positive = (uint64_t)lifted;
    const uint32_t upper = (uint32_t)(positive >> 32);
    return (int32_t)upper - 0x40000000;
}
""",
    "down": _down("down", 64),
    "down32": _down("down32", 32),
    "root": """\
static int32_t root(int64_t x, int64_t by, uint32_t bits)
{
    /* the root of 2^(bits - 1) * x / by, bit by bit: `rest` is what is left of x, and `twice` is */
    /* the root so far times 2 * by; they are below 2^63 */
    const uint64_t whole = (uint64_t)by << bits;
    const uint64_t last = (2U * whole) - 1U;
    uint64_t rest = ((uint64_t)x < last) ? (uint64_t)x : last;
    uint64_t part = whole / 2U;
    uint64_t twice = 0U;
    uint32_t found = 0U;
    for (uint32_t i = 0U; i < bits; ++i)
    {
        const uint64_t tried = twice + part;
        found *= 2U;
        if (tried <= rest)
        {
            rest -= tried;
            twice = tried + part;
            found += 1U;
        }
        rest *= 2U;
        part /= 2U;
    }
    return (int32_t)found;
}
""",
    "wrap": """\
static int32_t wrap(uint32_t x, uint32_t half)
{
    /* x modulo 2 * half, from -half on */
    const uint32_t lifted = (x + half) & ((2U * half) - 1U);
    return (int32_t)lifted - (int32_t)half;
}
""",
    **_limits("int32_t", ""),
    **_limits("int64_t", "64"),
}
