"""Enumerate small edits of expressions: another operator, sign, name or constant, a factor or ``.T`` more or less."""

from __future__ import annotations

import ast
import re
from collections.abc import Container, Iterator
from functools import singledispatchmethod

from grader.candidate.sandbox.runtime.repair.edit import Edit
from grader.candidate.sandbox.runtime.repair.scope import Scope
from grader.candidate.sandbox.runtime.repair.source_text import SourceText

__all__ = ["ExpressionEdits", "functions_replaced"]

_SYMBOLS = {
    ast.Add: "+",
    ast.Sub: "-",
    ast.Mult: "*",
    ast.MatMult: "@",
    ast.Div: "/",
    ast.Pow: "**",
    ast.FloorDiv: "//",
    ast.Mod: "%",
    ast.Lt: "<",
    ast.LtE: "<=",
    ast.Gt: ">",
    ast.GtE: ">=",
    ast.Eq: "==",
    ast.NotEq: "!=",
}
_OPERATORS = {
    "+": ("-", "*", "/", "@"),
    "-": ("+", "*", "/", "@"),
    "*": ("@", "/", "+", "-", "**"),
    "@": ("*", "-", "+", "/"),
    "/": ("*", "//", "-", "+", "@"),
    "//": ("/", "%"),
    "**": ("*",),
    "%": ("//", "/"),
}
_COMPARISONS = {
    "<": ("<=", ">", ">=", "==", "!="),
    "<=": ("<", ">=", ">", "==", "!="),
    ">": (">=", "<", "<=", "==", "!="),
    ">=": (">", "<=", "<", "==", "!="),
    "==": ("!=", ">", "<", ">=", "<="),
    "!=": ("==", ">", "<", ">=", "<="),
}
_FUNCTIONS = {
    "dot": ("multiply", "outer"),
    "matmul": ("multiply", "outer"),
    "multiply": ("dot", "outer"),
    "outer": ("dot", "multiply"),
    "sum": ("mean",),
    "mean": ("sum",),
    "add": ("subtract", "multiply"),
    "subtract": ("add",),
    "log10": ("log",),
    "log2": ("log",),
    "log1p": ("log",),
    "exp": ("log",),
    "log": ("exp",),
    "maximum": ("minimum",),
    "minimum": ("maximum",),
    "divide": ("multiply",),
    "append": ("extend",),
    "extend": ("append",),
}
_PRODUCTS = {"dot", "matmul", "outer", "multiply"}
_SIZED = {"ndarray", "list", "tuple"}
_LOOSE = (ast.BinOp, ast.UnaryOp, ast.BoolOp, ast.Compare, ast.IfExp, ast.Lambda, ast.NamedExpr)


def functions_replaced(text: str) -> Iterator[str]:
    """Yield ``text`` with another function in all places in which one of those with a counterpart is called."""
    for name, others in _FUNCTIONS.items():
        pattern = rf"\b{name}(?=\()"
        if len(re.findall(pattern, text)) > 1:
            yield from (re.sub(pattern, other, text) for other in others)


class ExpressionEdits:
    """Yields edits of single nodes of a text's syntax tree.

    ``values`` has the ids of those that are all that a statement assigns or returns, ``operands`` of those that are
    multiplied as matrices.
    """

    def __init__(
        self, source: SourceText, scope: Scope, values: Container[int], operands: Container[int]
    ) -> None:
        self._source, self._scope = source, scope
        self._values, self._operands = values, operands

    @singledispatchmethod
    def edits(self, _node: ast.AST) -> Iterator[Edit]:
        """Yield the edits of a node itself, not of its parts."""
        yield from ()

    @edits.register
    def _binary(self, node: ast.BinOp) -> Iterator[Edit]:
        source, (start, end) = self._source, self._source.span(node)
        left, right = source.segment(node.left), source.segment(node.right)
        symbol = _SYMBOLS.get(type(node.op), "")
        at = source.skip_blank(source.span(node.left)[1], ")")
        if not symbol or not source.text.startswith(symbol, at):
            return
        for other in _OPERATORS.get(symbol, ()):
            yield Edit("operator", at, at + len(symbol), other)
        inner_left, inner_right = source.span(node.left)[1], source.span(node.right)[0]
        if symbol in "-/@*":
            left_text = source.text[start:at].rstrip()
            right_text = source.text[source.skip_blank(at + len(symbol)) : end]
            wrapped = f"({left_text})" if isinstance(node.left, _LOOSE) else left_text
            if inner_left <= inner_right:
                kind = "sign-added" if symbol == "-" else "swap-operands"
                yield Edit(kind, start, end, f"{right_text} {symbol} {wrapped}")
        if isinstance(node.op, ast.MatMult):
            yield Edit("transpose-added", start, end, f"({source.text[start:end]}).T")
        for operand in (node.left, node.right):
            yield from self.with_operand(operand)
        if isinstance(node.op, (ast.Add, ast.Sub)):
            yield from self._of_sum(node, at)
        yield Edit("drop-operand", start, end, self._wrapped(node.left, left))
        yield Edit("drop-operand", start, end, self._wrapped(node.right, right))
        if isinstance(node.left, ast.UnaryOp) and isinstance(node.left.op, ast.USub):
            # -a * b + c
            yield Edit("sign", start, end, f"-({source.segment(node.left.operand)} {source.text[at:end]})")

    def _of_sum(self, node: ast.BinOp, at: int) -> Iterator[Edit]:
        source, (start, end) = self._source, self._source.span(node)
        text = source.text[start:end]
        yield Edit(self.sign_kind(start, end), start, end, f"-({text})")
        if isinstance(node.op, ast.Add) and "epoch" in text.lower():
            yield Edit("format", at, at + 1, '+ ": " +')
        if (log := re.search(r"[\w.]*\blog(?=\()", text)) is not None:
            for operand in (node.left, node.right):
                segment = self._wrapped(operand, source.segment(operand))
                for atom in self._scope.atoms:
                    for value in (atom, f"1 - {atom}"):
                        yield Edit("factor", *source.span(operand), f"{segment} * {log[0]}({value})")

    @edits.register
    def _unary(self, node: ast.UnaryOp) -> Iterator[Edit]:
        if isinstance(node.op, (ast.USub, ast.Not)):
            start, end = self._source.span(node)
            is_doubled = isinstance(node.operand, ast.UnaryOp)
            operand = self._wrapped(node.operand, self._source.segment(node.operand))
            yield Edit("doubled-sign" if is_doubled else "sign", start, end, operand)

    @edits.register
    def _comparison(self, node: ast.Compare) -> Iterator[Edit]:
        before = node.left
        for operator, after in zip(node.ops, node.comparators, strict=True):
            at = self._source.skip_blank(self._source.span(before)[1], ")")
            symbol, before = _SYMBOLS.get(type(operator), ""), after
            if symbol and self._source.text.startswith(symbol, at):
                for other in _COMPARISONS[symbol]:
                    yield Edit("comparison", at, at + len(symbol), other)

    @edits.register
    def _constant(self, node: ast.Constant) -> Iterator[Edit]:
        span = self._source.span(node)
        if isinstance(node.value, bool):
            yield Edit("constant", *span, str(not node.value))
        elif isinstance(node.value, str) and "epoch" in node.value.lower():
            yield from self._formats(*span)
        elif isinstance(node.value, (int, float)):
            others = (
                [1, 0, 2, -1, node.value + 1, node.value - 1]
                if isinstance(node.value, int)
                else [1.0, 0.0, 2.0, 0.5, 1e-7]
            )
            for other in dict.fromkeys(others):
                if other != node.value or type(other) is not type(node.value):
                    kind = "negative-constant" if other < 0 else "constant"
                    yield Edit(kind, *span, f"({other})" if other < 0 else str(other))
            for parameter in self._scope.parameters:
                yield Edit("name", *span, parameter)

    @edits.register
    def _name(self, node: ast.Name) -> Iterator[Edit]:
        if isinstance(node.ctx, ast.Load) and self._source.segment(node) == node.id:
            yield from self._replaced(node, node.id, "name")

    @edits.register
    def _attribute(self, node: ast.Attribute) -> Iterator[Edit]:
        start, end = self._source.span(node)
        text = self._source.text[start:end]
        if not isinstance(node.ctx, ast.Load) or not text.endswith(node.attr):
            return
        if node.attr == "T":
            yield Edit("transpose", start, end, self._wrapped(node.value, self._source.segment(node.value)))
        elif text in self._scope.atoms:
            yield from self._replaced(node, text, "attribute")
        elif text in self._scope.functions:
            yield from (Edit("unlike-name", start, end, atom) for atom in self._scope.atoms)

    def _replaced(self, node: ast.expr, text: str, kind: str) -> Iterator[Edit]:
        start, end = self._source.span(node)
        if text not in self._scope.atoms:
            return
        # Without its only use, a name would be there for nothing.
        own_kind = "only-use" if self._scope.uses.get(text) == 1 else kind
        for atom in self._scope.alike(text):
            yield Edit(own_kind, start, end, atom)
        for atom in self._scope.unlike(text):
            yield Edit("unlike-name", start, end, atom)
        yield Edit(self._transposing(node), start, end, f"{text}.T")
        if self._scope.types.get(text) in _SIZED:
            yield Edit("loop", start, end, f"{text}[::-1]")
        yield Edit("sign-of-part", start, end, f"(-{text})")
        for factor in self._scope.factors:
            yield Edit("factor", start, end, f"({text} * {factor})")

    @edits.register
    def _call(self, node: ast.Call) -> Iterator[Edit]:
        source, (start, end) = self._source, self._source.span(node)
        text, arguments = source.text[start:end], [source.segment(argument) for argument in node.args]
        is_logarithm = text.partition("(")[0].endswith("log")
        yield Edit(self.sign_kind(start, end) if is_logarithm else "sign-of-part", start, end, f"-{text}")
        for atom in self._scope.atoms if is_logarithm else ():
            yield Edit("factor", start, end, f"{atom} * {text}")
            yield Edit("factor", start, end, f"(1 - {atom}) * {text}")
        if isinstance(node.func, ast.Attribute):
            yield from self._call_of_attribute(node, node.func)
        elif isinstance(node.func, ast.Name):
            yield from self._call_of_name(node, node.func)
        for argument, segment in zip(node.args, arguments, strict=True):
            if not isinstance(argument, ast.Starred):
                yield Edit("drop-call", start, end, self._wrapped(argument, segment))
            if isinstance(argument, _LOOSE):
                is_shown = isinstance(node.func, ast.Name) and node.func.id in ("print", "round", "float")
                yield Edit(
                    "sign-of-part" if is_shown else "sign-added", *source.span(argument), f"-({segment})"
                )
            if not isinstance(argument, ast.Starred):
                yield from self.with_operand(argument)
        for keyword in node.keywords:
            yield from self._without_keyword(node, keyword)
        if len(arguments) == 2:  # noqa: PLR2004
            first, second = source.span(node.args[0]), source.span(node.args[1])
            between = source.text[first[1] : second[0]]
            yield Edit("swap-operands", first[0], second[1], arguments[1] + between + arguments[0])
            if isinstance(node.func, ast.Attribute) and node.func.attr in _PRODUCTS:
                yield Edit("operator", start, end, f"({arguments[0]}) * ({arguments[1]})")
        if len(arguments) == 1 and isinstance(node.func, ast.Attribute) and node.func.attr == "dot":
            yield Edit("operator", start, end, f"({source.segment(node.func.value)} * ({arguments[0]}))")

    def _call_of_name(self, node: ast.Call, func: ast.Name) -> Iterator[Edit]:
        start, end = self._source.span(func)
        yield from (Edit("function", start, end, other) for other in _FUNCTIONS.get(func.id, ()))
        if func.id == "range" and node.args:
            last = self._source.span(node.args[min(1, len(node.args) - 1)])[1]
            yield from (Edit("constant", last, last, more) for more in (" + 1", " - 1"))

    def _call_of_attribute(self, node: ast.Call, func: ast.Attribute) -> Iterator[Edit]:
        source, (start, end) = self._source, self._source.span(node)
        func_start, func_end = source.span(func)
        if not source.text[func_start:func_end].endswith(func.attr):
            return
        name_start = func_end - len(func.attr)
        for other in _FUNCTIONS.get(func.attr, ()):
            yield Edit("function", name_start, func_end, other)
        if func.attr == "derivative":
            yield Edit("derivative", func_start, func_end, source.segment(func.value))
        else:
            yield Edit("derivative", func_end, func_end, ".derivative")
        if func.attr == "transpose":
            yield Edit("transpose", start, end, source.segment(func.value))
        if func.attr == "backward" and len(node.args) == 1:
            last = source.span(node.args[0])[1]
            yield from (Edit("argument", last, last, f", {each}") for each in self._scope.parameters)
        yield Edit("drop-call", start, end, source.segment(func.value))
        yield Edit("transpose-added", end, end, ".T")

    def _without_keyword(self, node: ast.Call, keyword: ast.keyword) -> Iterator[Edit]:
        if keyword.arg is None:
            return
        start, _ = self._source.span(node)
        value_end = self._source.span(keyword.value)[1]
        text = self._source.text[start:value_end]
        if (found := re.search(rf",\s*{keyword.arg}\s*=", text)) is not None:
            yield Edit("argument", start + found.start(), value_end, "")

    @edits.register
    def _subscript(self, node: ast.Subscript) -> Iterator[Edit]:
        if isinstance(node.ctx, ast.Load):
            start, end = self._source.span(node)
            yield Edit("slice", start, end, self._source.segment(node.value))

    @edits.register
    def _choice(self, node: ast.IfExp) -> Iterator[Edit]:
        start, end = self._source.span(node)
        body, test, other = (self._source.segment(part) for part in (node.body, node.test, node.orelse))
        yield Edit("comparison", start, end, f"{other} if {test} else {body}")

    @edits.register
    def _text(self, node: ast.JoinedStr) -> Iterator[Edit]:
        start, end = self._source.span(node)
        text = self._source.text[start:end]
        yield from self._formats(start, end)
        for found in re.finditer(r"\{([^{}:!]+?)(:[^{}]*|)\}", text):
            inner, at = found[1], start + found.start(1)
            shorter = re.fullmatch(r"(.*?)\s*[-+]\s*\d+", inner)
            others = [shorter[1]] if shorter else []
            for count in (f"{inner} + 1", f"{inner} - 1"):
                yield Edit("count", at, at + len(inner), count)
            others += self._scope.atoms
            others += [f"{inner} / len({parameter})" for parameter in self._sized_parameters]
            yield Edit("sign-of-part", at, at + len(inner), f"-({inner})")
            if not found[2]:
                others.append(f"{inner}:.3f")
            for other in others:
                if other != inner:
                    yield Edit("format", at, at + len(inner), other)
        for found in re.finditer(r"(?i)loss (at|after|in|of|for)?\s*epoch\s*", text):
            if found[0] != "Loss at epoch ":
                yield Edit("format", start + found.start(), start + found.end(), "Loss at epoch ")

    def _formats(self, start: int, end: int) -> Iterator[Edit]:
        """Yield edits that give numbers in a text the format of a loss, or none."""
        for found in re.finditer(r":[^{}:]*(?=\})|%[-+ 0-9.]*[a-z]", self._source.text[start:end]):
            is_percent = found[0][0] == "%"
            for other in ("%.3f", "%d") if is_percent else (":.3f", ""):
                if found[0] != other:
                    yield Edit("format", start + found.start(), start + found.end(), other)

    def _transposing(self, node: ast.expr) -> str:
        if id(node) in self._operands:
            return "transpose-operand"
        return "transpose-of-value" if id(node) in self._values else "transpose-added"

    def sign_kind(self, start: int, end: int) -> str:
        """Return the kind of edit that adds a minus sign to what lies between two offsets."""
        has_sign = self._source.text[:start].rstrip(" (").endswith("-") or self._source.text[start] == "-"
        if has_sign:
            return "sign-of-part"
        return "sign-of-formula" if "log(" in self._source.text[start:end] else "sign-added"

    def with_operand(self, node: ast.expr) -> Iterator[Edit]:
        """Yield edits that add, multiply or divide by something in scope, or subtract from 1."""
        start, end = self._source.span(node)
        text = self._wrapped(node, self._source.text[start:end])
        yield Edit("complement", start, end, f"(1 - {text})")
        for atom in self._scope.lasting:
            if atom != text:
                is_parameter = atom in self._scope.parameters
                yield Edit("factor" if is_parameter else "operand", start, end, f"({text} * {atom})")
                yield Edit("operand" if is_parameter else "term", start, end, f"({text} + {atom})")
                yield Edit("operand", start, end, f"({text} / {atom})")
                yield Edit("term", start, end, f"({atom} - {text})")
                if not is_parameter:
                    yield Edit("term", start, end, f"({atom} @ {text})")
                    yield Edit("term", start, end, f"({text} @ {atom})")
        for parameter in self._sized_parameters:
            yield Edit("operand", start, end, f"{text} / len({parameter})")
        yield from self._with_value_of_its_kind(node, text)

    def with_another_value(self, node: ast.expr) -> Iterator[Edit]:
        """Yield edits that multiply by a local name or an element, divide by a name, or add or subtract 1."""
        text = self._wrapped(node, self._source.segment(node))
        yield from (
            Edit("change-of-value", *self._source.span(node), f"{text} {more}") for more in ("- 1", "+ 1")
        )
        for factor in self._scope.local_factors:
            if factor != text:
                yield Edit("change-of-value", *self._source.span(node), f"{text} * {factor}")
                if factor not in self._scope.elements:
                    yield Edit("change-of-value", *self._source.span(node), f"{text} / {factor}")

    def _with_value_of_its_kind(self, node: ast.expr, text: str) -> Iterator[Edit]:
        """Yield edits that multiply a name by, or subtract from a constant, what has a value in the function."""
        span, own = self._source.span(node), self._scope.types.get(text)
        if isinstance(node, ast.Constant) and not isinstance(node.value, str):
            yield from (Edit("term", *span, f"({text} - {atom})") for atom in self._scope.atoms)
        if own is None:
            return
        for atom in self._scope.alike(text):
            if own == "ndarray":
                yield Edit("term", *span, f"({text} @ {atom}.T)")
                yield Edit("term", *span, f"({atom}.T @ {text})")
            if atom not in self._scope.lasting:
                yield Edit("term", *span, f"({text} * {atom})")

    @property
    def _sized_parameters(self) -> list[str]:
        return [name for name in self._scope.parameters if self._scope.types.get(name) in _SIZED]

    def _wrapped(self, node: ast.expr, text: str) -> str:
        return f"({text})" if isinstance(node, _LOOSE) or "\n" in text else text
