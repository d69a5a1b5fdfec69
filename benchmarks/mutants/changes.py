"""What can be altered in a module: one expression or statement at a time."""

from __future__ import annotations

import ast
import copy
from collections.abc import Iterator
from dataclasses import dataclass

COMPARED: dict[type[ast.cmpop], tuple[type[ast.cmpop], ...]] = {
    ast.Lt: (ast.LtE, ast.GtE),
    ast.LtE: (ast.Lt, ast.Gt),
    ast.Gt: (ast.GtE, ast.LtE),
    ast.GtE: (ast.Gt, ast.Lt),
    ast.Eq: (ast.NotEq,),
    ast.NotEq: (ast.Eq,),
    ast.Is: (ast.IsNot,),
    ast.IsNot: (ast.Is,),
    ast.In: (ast.NotIn,),
    ast.NotIn: (ast.In,),
}
COMPUTED: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.Div,
    ast.Div: ast.Mult,
    ast.FloorDiv: ast.Div,
    ast.Mod: ast.Mult,
    ast.Pow: ast.Mult,
    ast.BitAnd: ast.BitOr,
    ast.BitOr: ast.BitAnd,
    ast.LShift: ast.RShift,
    ast.RShift: ast.LShift,
}
UNREAD = frozenset({"annotation", "returns", "decorator_list", "format_spec", "type_params"})
REMOVED = "(removed)"


@dataclass(frozen=True)
class Change:
    """One alteration.

    Attributes
    ----------
    path : tuple of (field, position or None)
        The way from the module to what is replaced.
    new : AST
    lines : range
        Those of the innermost statement it lies in; of a compound one, its head.
    line : int
    before, after : str
    """

    path: tuple[tuple[str, int | None], ...]
    new: ast.AST
    lines: range
    line: int
    before: str
    after: str


def changes(tree: ast.Module) -> list[Change]:
    """All of a module, in the order of its text."""
    return list(_inside(tree, (), range(0)))


def changed(tree: ast.Module, change: Change) -> ast.Module:
    """A copy of the module, altered."""
    new = copy.deepcopy(tree)
    holder: ast.AST = new
    for field, position in change.path[:-1]:
        holder = _at(holder, field, position)
    field, position = change.path[-1]
    if position is None:
        setattr(holder, field, change.new)
    else:
        getattr(holder, field)[position] = change.new
    return ast.fix_missing_locations(new)


def _at(node: ast.AST, field: str, position: int | None) -> ast.AST:
    found = getattr(node, field)
    return found if position is None else found[position]


def _inside(node: ast.AST, path: tuple, lines: range) -> Iterator[Change]:
    for field, held in ast.iter_fields(node):
        if field in UNREAD:
            continue
        for position, child in enumerate(held) if isinstance(held, list) else [(None, held)]:
            if not isinstance(child, ast.AST) or _left_alone(child):
                continue
            there = (*path, (field, position))
            around = head(child) if isinstance(child, ast.stmt) else lines
            for new in _alternatives(child, is_default=field in ("defaults", "kw_defaults")):
                before, after = _told(child, new)
                line = getattr(child, "lineno", around.start)
                yield Change(there, new, around, line, before, after)
            yield from _inside(child, there, around)


def head(statement: ast.stmt) -> range:
    """Lines of a statement, without the body it holds."""
    body = getattr(statement, "body", None)
    last = body[0].lineno - 1 if body else (statement.end_lineno or statement.lineno)
    return range(statement.lineno, max(last, statement.lineno) + 1)


def _left_alone(node: ast.AST) -> bool:
    """What is not run, or only helps readers of types."""
    match node:
        case ast.Assert() | ast.Import() | ast.ImportFrom():
            return True
        case ast.If(test=ast.Name(id="TYPE_CHECKING")):
            return True
        case ast.Assign(targets=[ast.Name(id="__all__")]):
            return True
    return False


def _alternatives(node: ast.AST, is_default: bool) -> Iterator[ast.AST]:
    """What can stand in the place of a node."""
    if isinstance(node, ast.Constant):
        yield from _constants(node.value, is_default)
    elif isinstance(node, ast.stmt):
        yield from _statements(node)
    else:
        yield from _operators(node)
    if isinstance(node, ast.If | ast.IfExp) and _worth_negating(node.test):
        new = copy.copy(node)
        new.test = ast.UnaryOp(ast.Not(), node.test)
        yield new


def _operators(node: ast.AST) -> Iterator[ast.AST]:
    """Other comparisons, arithmetic and logic."""
    match node:
        case ast.Compare():
            for k, op in enumerate(node.ops):
                for other in COMPARED[type(op)]:
                    ops = [*node.ops[:k], other(), *node.ops[k + 1 :]]
                    yield ast.Compare(node.left, ops, node.comparators)
        case ast.BoolOp():
            yield ast.BoolOp(ast.Or() if isinstance(node.op, ast.And) else ast.And(), node.values)
        case ast.UnaryOp(op=ast.Not() | ast.USub() | ast.Invert()):
            yield node.operand
        case ast.BinOp() if type(node.op) in COMPUTED and not _joins_text(node):
            yield ast.BinOp(node.left, COMPUTED[type(node.op)](), node.right)
        case ast.comprehension():
            for k, test in enumerate(node.ifs):
                if _worth_negating(test):
                    ifs = [*node.ifs[:k], ast.UnaryOp(ast.Not(), test), *node.ifs[k + 1 :]]
                    yield ast.comprehension(node.target, node.iter, ifs, node.is_async)


def _statements(node: ast.stmt) -> Iterator[ast.stmt]:
    """Other statements, or none."""
    match node:
        case ast.AugAssign() if type(node.op) in COMPUTED:
            yield ast.AugAssign(node.target, COMPUTED[type(node.op)](), node.value)
            yield ast.Pass()
        case ast.Expr(value=ast.Call()) | ast.Raise():
            yield ast.Pass()
        case ast.Assign(targets=[ast.Attribute() | ast.Subscript()]):
            yield ast.Pass()
        case ast.Return(value=ast.expr()) if not isinstance(node.value, ast.Constant):
            yield ast.Return(ast.Constant(None))
        case ast.Break():
            yield ast.Continue()
        case ast.Continue():
            yield ast.Break()


def _constants(value: object, is_default: bool) -> Iterator[ast.Constant]:
    """Another flag or number; another word only where it is a default, as messages are many."""
    if isinstance(value, bool):
        yield ast.Constant(not value)
    elif isinstance(value, int):
        yield ast.Constant(value + 1)
    elif isinstance(value, float):
        yield ast.Constant(2.0 * value if value else 1.0)
    elif isinstance(value, str) and is_default:
        yield ast.Constant(f"not {value}")


def _joins_text(node: ast.BinOp) -> bool:
    sides = (node.left, node.right)
    return any(
        isinstance(side, ast.JoinedStr)
        or (isinstance(side, ast.Constant) and isinstance(side.value, str))
        for side in sides
    )


def _worth_negating(test: ast.expr) -> bool:
    """Whether no other alternative already turns it round."""
    return not (
        (isinstance(test, ast.Compare) and len(test.ops) == 1)
        or (isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not))
    )


def _told(old: ast.AST, new: ast.AST) -> tuple[str, str]:
    """Both as text."""
    if isinstance(old, ast.If):
        return f"if {ast.unparse(old.test)}", f"if {ast.unparse(new.test)}"  # type: ignore[attr-defined]
    return ast.unparse(old), REMOVED if isinstance(new, ast.Pass) else ast.unparse(new)
