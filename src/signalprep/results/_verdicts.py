"""Verdicts: the verdict on each of several targets, and what they come to."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from html import escape

from signalprep.results._verdict import Verdict
from signalprep.wording import format_count

SAID = (
    ("fail", "fails", "fail"),
    ("cannot tell", "cannot be told yet", "cannot be told yet"),
    ("pass", "passes", "pass"),
)
"""What is said of one target and of several, by their answer."""


class Verdicts(Mapping[str, Verdict]):
    """Whether a model keeps the limits of each of its targets.

    Made by `Validations.verdict`: a mapping from the name of each target that has limits to its
    :class:`Verdict`.

    Parameters
    ----------
    by_target : mapping of str to Verdict
        At least one.
    unlimited : sequence of str, default=()
        Targets that no limit was given for.
    """

    def __init__(self, by_target: Mapping[str, Verdict], unlimited: Sequence[str] = ()) -> None:
        self._by_target = dict(by_target)
        self._unlimited = list(unlimited)

    def __getitem__(self, target: str) -> Verdict:
        return self._by_target[target]

    def __iter__(self) -> Iterator[str]:
        return iter(self._by_target)

    def __len__(self) -> int:
        return len(self._by_target)

    @property
    def answer(self) -> str:
        """Over all targets: "fail" if one fails, "pass" if all pass, else "cannot tell"."""
        answers = {verdict.answer for verdict in self.values()}
        if "fail" in answers:
            return "fail"
        return "pass" if answers == {"pass"} else "cannot tell"

    @property
    def ok(self) -> bool:
        """Whether the answer is "pass"."""
        return self.answer == "pass"

    @property
    def sentence(self) -> str:
        """Which targets fail, cannot be told yet, pass, and have no limit."""
        said = []
        for answer, one, several in SAID:
            names = [target for target, verdict in self.items() if verdict.answer == answer]
            if names:
                said.append(f"{_listed(names)} {one if len(names) == 1 else several}")
        if self._unlimited:
            has = "has" if len(self._unlimited) == 1 else "have"
            said.append(f"{_listed(self._unlimited)} {has} no limit")
        return "; ".join(said)

    def _head(self) -> str:
        return f"Verdict on {format_count(len(self), 'target', 'targets')}: {self.answer}"

    def __repr__(self) -> str:
        head = self._head()
        each = (f"  {line}" for one in self.values() for line in repr(one).splitlines())
        return "\n".join([head, f"  {self.sentence}", *each])

    def _repr_html_(self) -> str:
        head = f"{self._head()}\n  {self.sentence}"
        return "\n".join([f"<pre>{escape(head)}</pre>", *(v._repr_html_() for v in self.values())])


def _listed(names: Sequence[str]) -> str:
    return " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)
