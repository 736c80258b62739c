"""Say a piece of code, which is written in the notation of the task sheet, in a student's own way."""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

__all__ = ["Dialect", "render"]

Product = Callable[[ast.expr, ast.expr], ast.expr]


def _called(function: str, *arguments: ast.expr) -> ast.expr:
    return ast.Call(ast.parse(function, mode="eval").body, list(arguments), [])


def _method(name: str) -> Product:
    return lambda left, right: ast.Call(ast.Attribute(left, name, ast.Load()), [right], [])


PRODUCTS: Mapping[str, Product] = {
    "@": lambda left, right: ast.BinOp(left, ast.MatMult(), right),
    "np.dot": lambda left, right: _called("np.dot", left, right),
    "np.matmul": lambda left, right: _called("np.matmul", left, right),
    ".dot": _method("dot"),
    "einsum": lambda left, right: _called("np.einsum", ast.Constant("ij,jk->ik"), left, right),
    "product": lambda left, right: _called("product", left, right),
}
TRANSPOSES: Mapping[str, Callable[[ast.expr], ast.expr]] = {
    ".T": lambda array: ast.Attribute(array, "T", ast.Load()),
    "np.transpose": lambda array: _called("np.transpose", array),
    ".transpose": lambda array: ast.Call(ast.Attribute(array, "transpose", ast.Load()), [], []),
}


@dataclass(frozen=True)
class Dialect:
    """How somebody writes NumPy."""

    names: Mapping[str, str] = field(default_factory=dict)
    """Expressions for names of the task sheet: ``W`` is ``self.weights``."""
    product: str = "@"
    """A key of ``PRODUCTS``."""
    transpose: str = ".T"
    """A key of ``TRANSPOSES``."""
    multiplies: bool = False
    """Whether elementwise products are written with ``np.multiply``."""
    swaps: bool = False
    """Whether the factors of elementwise products are written the other way round."""
    in_place: bool = False
    """Whether ``W = W - step`` is written as ``W -= step``."""


def render(source: str, dialect: Dialect) -> str:
    """Return ``source`` in a dialect; it has the same meaning."""
    return ast.unparse(ast.fix_missing_locations(_Speaker(dialect).visit(ast.parse(source))))


class _Speaker(ast.NodeTransformer):
    def __init__(self, dialect: Dialect) -> None:
        self._dialect = dialect

    def visit_Name(self, node: ast.Name) -> ast.expr:
        spoken = self._dialect.names.get(node.id)
        return node if spoken is None else ast.parse(spoken, mode="eval").body

    def visit_Attribute(self, node: ast.Attribute) -> ast.expr:
        self.generic_visit(node)
        return TRANSPOSES[self._dialect.transpose](node.value) if node.attr == "T" else node

    def visit_BinOp(self, node: ast.BinOp) -> ast.expr:
        is_of_numbers = any(isinstance(side, ast.Constant) for side in (node.left, node.right))
        self.generic_visit(node)
        match node.op:
            case ast.MatMult():
                return PRODUCTS[self._dialect.product](node.left, node.right)
            case ast.Mult() if not is_of_numbers and self._dialect.multiplies:
                return _called("np.multiply", node.left, node.right)
            case ast.Mult() if not is_of_numbers and self._dialect.swaps:
                return ast.BinOp(node.right, ast.Mult(), node.left)
        return node

    def visit_Assign(self, node: ast.Assign) -> ast.stmt:
        target, value = node.targets[0], node.value
        moves = isinstance(value, ast.BinOp) and isinstance(value.op, ast.Add | ast.Sub)
        if moves and self._dialect.in_place and _is_same(target, value.left):  # type: ignore[attr-defined]
            step = ast.AugAssign(target, value.op, value.right)  # type: ignore[attr-defined, arg-type]
            return self.generic_visit(step)  # type: ignore[return-value]
        return self.generic_visit(node)  # type: ignore[return-value]


def _is_same(target: ast.expr, value: ast.expr) -> bool:
    return isinstance(target, ast.Name) and isinstance(value, ast.Name) and target.id == value.id
