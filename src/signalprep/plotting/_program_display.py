"""ProgramDisplay: an integer program, ops as boxes and formats on the lines between them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, NamedTuple

from signalprep.errors import InvalidParameterError

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from signalprep.embedded import IntegerModel

DETAILS = ("steps", "ops")
COLOURS = {"state": "#fde68a", "sum": "#bfdbfe", "choice": "#ddd6fe", "plain": "#f3f4f6"}
KINDS = {
    **dict.fromkeys(("State", "Hold", "Window", "Sorted", "First"), "state"),
    **dict.fromkeys(("Dot", "Scale", "Mul", "Table"), "sum"),
    **dict.fromkeys(("Select", "Pick", "Walk", "Spread"), "choice"),
}
LEGEND = {"state": "remembers", "sum": "reckons", "choice": "chooses", "plain": "moves and bounds"}

_MOST_OPS = 60  # boxes that can be read
_WIDTH, _HEIGHT = 1.55, 0.62  # of a box, in inches
_GAP_X, _GAP_Y = 0.75, 0.5


class _Box(NamedTuple):
    """A box: what it says, its colour, the row and the column that it stands in."""

    text: str
    kind: str
    row: int
    column: int


class ProgramDisplay:
    """An integer program: ops, or the steps that they come from, and what goes between them.

    Steps of the pipeline go down, what waits for what goes right. A line says how many numbers go
    along it, and the bits that each is proven to need. Constants are left out. Make one with
    :meth:`from_model`.

    Parameters
    ----------
    boxes : dict of {name: (text, kind, row, column)}
    lines : dict of {(from, to): text}

    Attributes
    ----------
    figure_ : Figure
        What was drawn on.
    ax_ : Axes
        Where it was drawn.
    text_ : list of Text
        What the boxes say.

    Examples
    --------
    >>> import numpy as np, signalprep as sp
    >>> from sklearn.linear_model import Ridge
    >>> from signalprep.embedded import Format, lower
    >>> log = sp.as_log(np.arange(12.0).reshape(-1, 2), rate=10.0)
    >>> model = lower(Ridge().fit(log, log["x0"]), {"x0": Format(0.1), "x1": Format(0.1)})
    >>> [text.get_text() for text in sp.ProgramDisplay.from_model(model, detail="steps").text_]
    ['input\\n2 channels', 'ridge\\nDot, Shift']
    """

    figure_: Any
    ax_: Any
    text_: list[Any]

    def __init__(
        self, boxes: dict[Any, tuple[str, str, int, int]], lines: dict[tuple[Any, Any], str]
    ) -> None:
        self.boxes = boxes
        self.lines = lines

    @classmethod
    def from_model(
        cls, model: IntegerModel, *, detail: str | None = None, ax: Axes | None = None
    ) -> ProgramDisplay:
        """Draw the program of an integer model.

        Parameters
        ----------
        model : IntegerModel
        detail : {"steps", "ops"}, default=None
            What a box stands for. None: an op, where there are few enough to be read.
        ax : Axes, default=None
            Where to draw; None: a new figure.

        Returns
        -------
        display : ProgramDisplay

        Raises
        ------
        InvalidParameterError
            An unknown detail.
        """
        if detail not in (None, *DETAILS):
            raise InvalidParameterError(f"detail must be 'steps', 'ops' or None; got {detail!r}")
        drawn = [n for n, op in enumerate(model.program.ops) if type(op).__name__ != "Const"]
        if detail is None:
            detail = "ops" if len(drawn) <= _MOST_OPS else "steps"
        boxes, lines = (_ops if detail == "ops" else _steps)(model, drawn)
        return cls(dict(boxes), lines).plot(ax)

    def plot(self, ax: Axes | None = None) -> ProgramDisplay:
        """Draw the boxes and the lines.

        Parameters
        ----------
        ax : Axes, default=None
            Where to draw; None: a new figure.

        Returns
        -------
        self : ProgramDisplay
        """
        import matplotlib.pyplot as plt
        from matplotlib.patches import FancyBboxPatch, Patch

        boxes = {name: _Box(*box) for name, box in self.boxes.items()}
        n_columns = 1 + max(box.column for box in boxes.values())
        n_rows = 1 + max(box.row for box in boxes.values())
        width, height = n_columns * (_WIDTH + _GAP_X), n_rows * (_HEIGHT + _GAP_Y)
        if ax is None:
            size = (max(width + 0.2, 4.5), height + 0.5)
            self.figure_, ax = plt.subplots(figsize=size, layout="constrained")
        else:
            self.figure_ = ax.figure
        self.ax_, self.text_ = ax, []
        place = {
            name: (box.column * (_WIDTH + _GAP_X), -box.row * (_HEIGHT + _GAP_Y))
            for name, box in boxes.items()
        }
        for name, box in boxes.items():
            x, y = place[name]
            ax.add_patch(
                FancyBboxPatch(
                    (x, y), _WIDTH, _HEIGHT, boxstyle="round,pad=0,rounding_size=0.08",
                    facecolor=COLOURS[box.kind], edgecolor="#374151", lw=0.8, zorder=3,
                )
            )  # fmt: skip
            middle = (x + _WIDTH / 2, y + _HEIGHT / 2)
            self.text_.append(
                ax.text(*middle, box.text, ha="center", va="center", fontsize=7.5, zorder=4)
            )
        for (source, target), text in self.lines.items():
            _draw_line(ax, place[source], place[target], text)
        kinds = [kind for kind in LEGEND if any(box.kind == kind for box in boxes.values())]
        handles = [Patch(facecolor=COLOURS[kind], edgecolor="#374151") for kind in kinds]
        ax.legend(
            handles, [LEGEND[kind] for kind in kinds], loc="upper center", ncols=len(kinds),
            bbox_to_anchor=(0.5, 0.0), fontsize=7.5, frameon=False,
        )  # fmt: skip
        ax.set_xlim(-0.2, width)
        ax.set_ylim(-height + _HEIGHT, _HEIGHT + 0.2)
        ax.set_aspect("equal")
        ax.set_axis_off()
        return self


def _draw_line(ax: Axes, begin: tuple[float, float], end: tuple[float, float], text: str) -> None:
    """An arrow from one box to another: to its left side where it stands further right."""
    right, down = end[0] > begin[0], end[1] < begin[1]
    if right:
        start = (begin[0] + _WIDTH, begin[1] + _HEIGHT / 2)
        stop = (end[0], end[1] + _HEIGHT / 2)
    elif down:
        start, stop = (begin[0] + _WIDTH / 2, begin[1]), (end[0] + _WIDTH / 2, end[1] + _HEIGHT)
    else:  # what is remembered goes back
        start = (begin[0] + _WIDTH / 2, begin[1] + _HEIGHT)
        stop = (end[0] + _WIDTH / 2, end[1] + _HEIGHT)
    back = not right and not down
    ax.annotate(
        "", stop, start, arrowprops={
            "arrowstyle": "-|>", "color": "#6b7280", "lw": 0.7, "shrinkA": 0, "shrinkB": 0,
            "linestyle": "--" if back else "-",
            "connectionstyle": "arc3,rad=0.35" if back else "arc3",
        },
    )  # fmt: skip
    middle = ((start[0] + stop[0]) / 2, (start[1] + stop[1]) / 2 + (0.18 if back else 0.0))
    ax.text(
        *middle, text, ha="center", va="center", fontsize=6, color="#1f2937",
        bbox={"facecolor": "white", "edgecolor": "none", "pad": 0.6, "alpha": 0.85},
    )  # fmt: skip


def _format(model: IntegerModel, number: int) -> str:
    """How many numbers an op gives, and the bits that they need."""
    row = model.proof_.loc[number]
    return f"{row['size']} x {row['bits']} bit" if row["size"] > 1 else f"{row['bits']} bit"


def _needs(model: IntegerModel, number: int) -> Iterator[tuple[int, bool]]:
    """What an op takes, and whether it is of the row before."""
    op: Any = model.program.ops[number]
    yield from ((arg, False) for arg in op.args)
    if type(op).__name__ == "State":
        yield op.following, True
    if op.guard is not None:
        yield op.guard, False


def _ops(model: IntegerModel, drawn: list[int]) -> tuple[dict[int, _Box], dict[Any, str]]:
    """A box for every op: rows are the steps, columns how many ops of its step stand before it."""
    ops = model.program.ops
    depth: dict[int, int] = {}
    for number in drawn:
        label = ops[number].label
        before = [
            depth[need] + 1
            for need, late in _needs(model, number)
            if not late and need in depth and ops[need].label == label
        ]
        depth[number] = max(before, default=0)
    boxes: dict[int, _Box] = {}
    rows = 0
    for label in dict.fromkeys(ops[number].label for number in drawn):
        taken: Counter[int] = Counter()
        for number in (n for n in drawn if ops[n].label == label):
            column = depth[number]
            name = type(ops[number]).__name__
            short = label.rsplit(" > ", 1)[-1]
            box = (f"{name}\n{short}", KINDS.get(name, "plain"), rows + taken[column], column)
            boxes[number] = _Box(*box)
            taken[column] += 1
        rows += max(taken.values())
    lines = {
        (need, number): _format(model, need)
        for number in drawn
        for need, _ in _needs(model, number)
        if need in boxes
    }
    return boxes, lines


def _steps(model: IntegerModel, drawn: list[int]) -> tuple[dict[str, _Box], dict[Any, str]]:
    """A box for every step, one below the other, with the ops that it is made of."""
    ops = model.program.ops
    boxes: dict[str, _Box] = {}
    for row, label in enumerate(dict.fromkeys(ops[number].label for number in drawn)):
        found = [type(ops[n]).__name__ for n in drawn if ops[n].label == label]
        counts = [f"{n} {name}" if n > 1 else name for name, n in Counter(found).items()]
        named = counts if len(counts) <= 3 else [f"{len(found)} ops"]
        text = ", ".join(named) if row else f"{len(model.formats)} channels"
        kinds = {KINDS.get(name, "plain") for name in found}
        kind = next((kind for kind in COLOURS if kind in kinds), "plain")
        boxes[label] = _Box(f"{label.rsplit(' > ', 1)[-1]}\n{text}", kind, row, 0)
    lines: dict[Any, str] = {}
    for number in drawn:
        for need, _ in _needs(model, number):
            pair = (ops[need].label, ops[number].label)
            if pair[0] != pair[1] and need in drawn and pair not in lines:
                lines[pair] = _format(model, need)
    return boxes, lines
