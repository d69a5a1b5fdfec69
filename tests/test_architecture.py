"""The house: no circle of several rooms, nothing private read, composites asked for by flow.

And no compiled function with more arguments than anyone can follow.
"""

from __future__ import annotations

import ast
import importlib
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import pytest

import signalprep
from circles import circles, files, graph, main, room
from signalprep import flow

ROOT = Path(signalprep.__file__).parent
PUBLIC = {"_asdict", "_fields", "_make", "_replace"}  # of every named tuple
OPEN = {"_kernels"}  # private as a whole: its files are what it offers
MOST = 8  # positional parameters of a compiled function


def private(name: str) -> bool:
    return name.startswith("_") and not name.startswith("__") and name not in PUBLIC


def defined(tree: ast.AST) -> Iterator[str]:
    """Names that a file gives to functions, classes, attributes and variables."""
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            yield node.name
        elif isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store):
            yield node.attr
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node.id


def imported(node: ast.AST, own: str) -> Iterator[str]:
    """Private files and names of other rooms that an import takes."""
    if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("signalprep."):
        _, there, *inside = str(node.module).split(".")
        names = [*inside, *(alias.name for alias in node.names)]
        if there != own and there not in OPEN:
            yield from filter(private, names)


def read(node: ast.AST, own: set[str]) -> Iterator[str]:
    """Private members of anything but the object itself that no file of the room defines."""
    if isinstance(node, ast.Attribute) and private(node.attr) and node.attr not in own:
        holder = ast.unparse(node.value)
        if holder not in ("self", "cls", "super()"):
            yield node.attr


def private_reads(root: Path) -> set[str]:
    """Each as "module: name"."""
    found = files(root).items()
    trees = {name: ast.parse(path.read_text(encoding="utf-8")) for name, path in found}
    names: dict[str, set[str]] = defaultdict(set)
    for module, tree in trees.items():
        names[room(module)] |= set(defined(tree))
    return {
        f"{module}: {name}"
        for module, tree in trees.items()
        for node in ast.walk(tree)
        for name in [*imported(node, room(module)), *read(node, names[room(module)])]
    }


def test_no_room_reads_what_is_private_to_another() -> None:
    assert private_reads(ROOT) == set()


def test_no_circle_goes_through_several_rooms() -> None:
    found = circles(graph(ROOT))
    assert [circle for circle in found if len({room(name) for name in circle}) > 1] == []


def long_signatures(root: Path) -> dict[str, int]:
    """Compiled functions with too many positional parameters, and how many they have."""
    found = {}
    for module, path in files(root).items():
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.FunctionDef):
                continue
            compiled = any("njit" in ast.unparse(how) for how in node.decorator_list)
            number = len(node.args.posonlyargs) + len(node.args.args)
            if compiled and number > MOST:
                found[f"{module}: {node.name}"] = number
    return found


def test_compiled_functions_have_few_parameters() -> None:
    assert long_signatures(ROOT) == {}


def test_a_compiled_function_with_many_parameters_is_found(tmp_path: Path) -> None:
    nine = "a, b, c, d, e, f, g, h, /, i"
    text = f"@njit(cache=True)\ndef long({nine}): ...\ndef plain({nine}): ...\n"
    text += "@numba.njit\ndef short(a, b, c, d, e, f, g, h, *, i): ...\n"
    assert long_signatures(package(tmp_path, a___one=text)) == {"pack.a._one: long": 9}


def package(folder: Path, **texts: str) -> Path:
    root = folder / "pack"
    for name, text in texts.items():
        path = root / f"{name.replace('__', '/')}.py"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return root


def test_imports_in_functions_and_for_type_checkers_close_a_circle(tmp_path: Path) -> None:
    upper = "if TYPE_CHECKING:\n    from pack.low import _file\n"
    lower = "def f():\n    from pack.high._file import thing\n"
    root = package(tmp_path, high___file=upper, low___file=lower)
    assert circles(graph(root)) == [["pack.high._file", "pack.low._file"]]
    assert main(root) == 1


def test_a_circle_in_one_room_and_the_doors_are_no_fault(tmp_path: Path) -> None:
    root = package(
        tmp_path,
        a___one="from pack.a import _two\nfrom pack import _doors\n",
        a___two="from pack.a._one import x\n",
        _doors="from pack.a import _one\n",
    )
    assert circles(graph(root)) == [["pack.a._one", "pack.a._two"]]
    assert main(root) == 0


def asked_for(node: ast.AST) -> Iterator[str]:
    """Names of the classes that something is asked to be of, or handled by."""
    if isinstance(node, ast.Call):
        called = node.func.attr if isinstance(node.func, ast.Attribute) else ast.unparse(node.func)
        if called in ("isinstance", "issubclass"):
            yield from named(node.args[1])
        elif called == "register":
            yield from (name for one in node.args for name in named(one))
    elif isinstance(node, ast.MatchClass):
        yield from named(node.cls)
    elif isinstance(node, ast.Compare):  # type(x) is Pipeline, type(x).__name__ == "Pipeline"
        sides = [node.left, *node.comparators]
        if any("type(" in ast.unparse(side) for side in sides):
            yield from (name for side in sides for name in named(side))
    elif isinstance(node, ast.FunctionDef):
        ways = [ast.unparse(one) for one in node.decorator_list]
        if any(way.endswith(".register") for way in ways) and node.args.args[0].annotation:
            yield from named(node.args.args[0].annotation)


def named(node: ast.AST) -> Iterator[str]:
    for one in ast.walk(node):
        match one:
            case ast.Name():
                yield one.id
            case ast.Attribute():
                yield one.attr
            case ast.Constant(value=str()):
                yield one.value


def composites() -> dict[str, str]:
    """Classes of which flow tells that they are no single step, and the file of each."""
    for name in ("compose", "model_selection", "neural"):
        importlib.import_module(f"signalprep.{name}")
    told = flow.tree.registry.items()
    several = [one for one, way in told if way.__annotations__["return"] != "Leaf"]
    return {one.__name__: one.__module__ for one in several if one not in (object, str, type(None))}


def questions(root: Path, classes: dict[str, str]) -> list[str]:
    """Where it is asked outside of flow and the class's own file, each as "module: name"."""
    found = []
    for module, path in files(root).items():
        parsed = ast.parse(path.read_text(encoding="utf-8"))
        constants = {
            ast.unparse(one.targets[0]): set(named(one.value))
            for one in parsed.body
            if isinstance(one, ast.Assign)
        }
        for node in ast.walk(parsed):
            names = set(asked_for(node))
            names |= {inner for name in names for inner in constants.get(name, ())}
            own = {name for name in names if classes.get(name) == module}
            found += [f"{module}: {name}" for name in names & set(classes) - own]
    return sorted(one for one in found if room(one.split(":")[0]) != "flow")


OWN_ARITHMETIC = {
    "signalprep.embedded.lowering._per_regime: PerRegime",
    "signalprep.embedded.lowering._targets: TransformedTargetRegressor",
}
"""What these make of the inner one's output is a function to the tree, and no integer op."""


def test_what_an_estimator_is_made_of_is_asked_of_the_tree_alone() -> None:
    assert {"Pipeline", "ColumnTransformer", "AtRate", "BayesianSearchCV"} <= set(composites())
    assert set(questions(ROOT, composites())) == OWN_ARITHMETIC


@pytest.mark.parametrize(
    "text",
    [
        "if isinstance(x, Pipeline): pass",
        "if isinstance(x, (int, pipeline.Pipeline)): pass",
        "if isinstance(x, int | Pipeline): pass",
        "HELD = (int, Pipeline)\ndef f(x):\n    return isinstance(x, HELD)",
        "issubclass(type(x), Pipeline)",
        "match x:\n    case Pipeline(): pass",
        "if type(x) is Pipeline: pass",
        "if type(x).__name__ == 'Pipeline': pass",
        "@fold.register\ndef _(x: Pipeline): pass",
        "@fold.register(Pipeline)\ndef _(x): pass",
        "fold.register(Pipeline, f)",
    ],
)
def test_a_question_for_a_composite_is_seen_however_it_is_put(tmp_path: Path, text: str) -> None:
    classes = {"Pipeline": "sklearn.pipeline"}
    root = package(tmp_path, a___one=text, flow___one=text, b___two="x: Pipeline = Pipeline()")
    assert questions(root, classes) == ["pack.a._one: Pipeline"]
    assert questions(root, {"Pipeline": "pack.a._one"}) == []
