"""Windows as C: rings of samples, samples in order, medians and what they deviate from them."""

from __future__ import annotations

from signalprep.embedded.program import _ops as ops
from signalprep.embedded.program._c_frame import Frame
from signalprep.embedded.program._c_lines import filled
from signalprep.embedded.program._c_types import CType, CValue, literal

__all__ = ["Windows"]

_NEXT = "$place = ($place == ${last}U) ? 0U : (uint16_t)($place + 1U);"

# every sample stands in the ring twice, so that the last ones are neighbours wherever they begin
_RING = f"""
$here = ($kind)$x;
$again = ($kind)$x;
{_NEXT}
$pointer = &$here;
"""

_SORTED = f"""
{{
    const int32_t leaving = (int32_t)$leaving;
    const int32_t entering = (int32_t)$x;
    int32_t below = $least;
    for (uint32_t i = 0U; i < ${{n}}U; ++i)
    {{
        const int32_t here = (int32_t)$here;
        const int32_t after = (int32_t)$after;
        const int32_t stays = (here < leaving) ? here : after;
        const int32_t lower = (stays < entering) ? stays : entering;
        $here = ($kind)((lower > below) ? lower : below);
        below = stays;
    }}
    $leaving = ($kind)entering;
    {_NEXT}
}}
"""

_SPREAD = """
{
    /* distances from the median, ascending: each is that of the next number */
    /* below or of the next one above */
    const uint32_t n = (uint32_t)$count;
    uint32_t below = ((n - 1U) / 2U) + 1U;
    uint32_t above = below;
    const int32_t low = (int32_t)$below;
    const int32_t twice = low + (int32_t)$middle;
    int32_t before = 0;
    int32_t last = 0;
    for (uint32_t i = 0U; i <= (n / 2U); ++i)
    {
        const int32_t down_by = (below > 0U)
            ? (twice - (2 * (int32_t)$below)) : $far;
        const int32_t up_by = (above < n)
            ? ((2 * (int32_t)$above) - twice) : $far;
        before = last;
        if ((below > 0U) && (down_by <= up_by))
        {
            last = down_by;
            below -= 1U;
        }
        else
        {
            last = up_by;
            above += 1U;
        }
    }
    $median = ($kind)twice;
    $deviation = ($kind)(last + (((n % 2U) == 1U) ? last : before));
}
"""


class Windows(Frame):
    """Ops that look at the last samples of one number."""

    def window(self, number: int, op: ops.Window, x: CValue) -> CValue:
        kind, n = self.kind(number), op.size
        if n == 1:
            return self.each(number, op, lambda _: x.at("0"))
        low, high = (end[0] for end in self.proof.ranges[number])
        ring = self.field(f"r{number}", kind, 2 * n, 0, low, high)
        place = self._place(number, n)
        here, again = ring.at(place), ring.at(f"{place} + {n}U")
        pointer = self.pointer(number, op, kind, ring.at("0"))
        self.say(
            *filled(
                _RING, kind=kind.name, x=x.at("0"), here=here, again=again, place=place,
                last=n - 1, pointer=pointer,
            )
        )  # fmt: skip
        return CValue(f"v{number}", n, kind)

    def _place(self, number: int, n: int) -> str:
        """Where the oldest sample stands."""
        return self.field(f"p{number}", CType("uint16_t", 2), 1, 0, 0, n - 1).name

    def sorted(self, number: int, op: ops.Sorted, x: CValue) -> CValue:
        kind, n = self.kind(number), op.size
        span = [end[0] for end in self.proof.ranges[number]]
        ordered = self.field(f"o{number}", kind, n + 1, op.beyond, *span)
        ring = self.field(f"r{number}", kind, n + 1, op.beyond, *span)  # the last one is not used
        place = self._place(number, n)
        self.say(
            *filled(
                _SORTED, kind=kind.name, n=n, last=n - 1, x=x.at("0"), place=place,
                leaving=ring.at(place), least=literal(span[0]), here=ordered.at("i"),
                after=ordered.at("i + 1U"),
            )
        )  # fmt: skip
        return ordered

    def spread(self, number: int, op: ops.Spread, ordered: CValue, count: CValue) -> CValue:
        out = self.local(number, op)
        low, high = (end[0] for end in self.proof.ranges[op.args[0]])
        self.say(
            *filled(
                _SPREAD, kind=out.kind.name, count=count.at("0"), below=ordered.at("below - 1U"),
                middle=ordered.at("n / 2U"), above=ordered.at("above"),
                far=literal(2 * (high - low)),  # no distance is as long
                median=out.at("0"), deviation=out.at("1"),
            )
        )  # fmt: skip
        return out
