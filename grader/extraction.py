"""Find the messages that students read, for Babel (``pyproject.toml``); only developers run this.

In Python, a message is a text that reaches one of ``_CALLS`` as its first argument, or any function as ``says`` or
``unjudged``, also by default: written there, or bound to a name that is passed there. In a conditional expression both
texts are messages.
"""

from __future__ import annotations

import ast
import tomllib
from collections.abc import Iterator, Mapping
from typing import BinaryIO

__all__ = ["criteria", "phrases", "python", "sentences"]

Extracted = tuple[int, str | None, str | tuple[str, str], list[str]]
"""The line, ``ngettext`` if there is a plural, the message or its singular and plural, and comments for translators."""

_CALLS = frozenset(
    {
        *("Message", "TextValue", "translated", "name_text"),
        # What raises, or stands for, why a submission cannot be read.
        *("UnreadableError", "BrokenArchiveError", "broken_if_it_fails"),
        # Short ways to write a message, in the modules that say many.
        *("_says", "unknown", "_finding", "exception_failure", "marked"),
    }
)
_PLURALS = frozenset({"counted", "plural"})
_KEYWORDS = frozenset({"says", "unjudged"})


def python(file: BinaryIO, *_keywords: object, **_options: object) -> Iterator[Extracted]:
    """Yield the messages in a Python module."""
    tree = ast.parse(file.read())
    yield from _of_scope(tree, {})


def sentences(file: BinaryIO, *_keywords: object, **_options: object) -> Iterator[Extracted]:
    """Yield the values of the members of an enumeration."""
    for node in ast.walk(ast.parse(file.read())):
        if isinstance(node, ast.ClassDef):
            for member in node.body:
                if isinstance(member, ast.Assign):
                    yield from _texts(member.value, {})


def criteria(file: BinaryIO, *_keywords: object, **_options: object) -> Iterator[Extracted]:
    """Yield the titles of the criteria in a TOML file; the comment is the criterion's name."""
    content = file.read().decode()
    lines = content.splitlines()
    for name, title in tomllib.loads(content).items():
        line = next(number for number, text in enumerate(lines, 1) if text.startswith(f'"{name}"'))
        yield line, None, title, [name]


def phrases(file: BinaryIO, *_keywords: object, **_options: object) -> Iterator[Extracted]:
    """Yield the lines of a text, except empty ones and comments."""
    for number, line in enumerate(file.read().decode().splitlines(), 1):
        if line and not line.startswith("#"):
            yield number, None, line, []


_Bound = Mapping[str, list[ast.expr]]
"""The expressions that are bound to a name in a scope and those around it."""


def _of_scope(scope: ast.AST, around: _Bound) -> Iterator[Extracted]:
    """Yield the messages in a module or a function, and in the functions within."""
    own, inner = _nodes(scope)
    bound: dict[str, list[ast.expr]] = {}
    for node in own:
        match node:
            case ast.Assign(targets=[ast.Name(name)], value=value):
                bound.setdefault(name, []).append(value)
            case ast.AnnAssign(target=ast.Name(name), value=ast.expr() as value):
                bound.setdefault(name, []).append(value)
    known = {**around, **bound}
    for function in inner:
        yield from _of_defaults(function, known)
    for node in own:
        if isinstance(node, ast.Call):
            yield from _of_call(node, known)
    for function in inner:
        yield from _of_scope(function, known)


def _of_defaults(function: ast.FunctionDef, bound: _Bound) -> Iterator[Extracted]:
    """Yield what parameters that are messages are by default."""
    for parameter, default in zip(function.args.kwonlyargs, function.args.kw_defaults, strict=True):
        if parameter.arg in _KEYWORDS and default is not None:
            yield from _texts(default, bound)


def _nodes(scope: ast.AST) -> tuple[list[ast.AST], list[ast.FunctionDef]]:
    """Return the nodes of a scope in the order of the source, and the functions that have scopes of their own."""
    own: list[ast.AST] = []
    inner: list[ast.FunctionDef] = []

    def visit(node: ast.AST) -> None:
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.FunctionDef):
                inner.append(child)
                for decorator in child.decorator_list:
                    own.append(decorator)
                    visit(decorator)
            else:
                own.append(child)
                visit(child)

    visit(scope)
    return own, inner


def _of_call(call: ast.Call, bound: _Bound) -> Iterator[Extracted]:
    name = call.func.id if isinstance(call.func, ast.Name) else ""
    match call.args:
        case [ast.Constant(str(one)), ast.Constant(str(many)), *_] if name in _PLURALS:
            yield call.lineno, "ngettext", (one, many), []
        case [first, *_] if name in _CALLS:
            yield from _texts(first, bound)
    for keyword in call.keywords:
        if keyword.arg in _KEYWORDS:
            yield from _texts(keyword.value, bound)


def _texts(value: ast.expr, bound: _Bound) -> Iterator[Extracted]:
    """Yield the texts that an expression may be."""
    match value:
        case ast.Constant(str(text)):
            yield value.lineno, None, text, []
        case ast.IfExp(body=one, orelse=other):
            yield from (*_texts(one, bound), *_texts(other, bound))
        case ast.Dict(values=values):
            yield from (text for each in values for text in _texts(each, bound))
        case ast.Subscript(value=table):
            yield from _texts(table, bound)
        case ast.Name(name):
            others = {known: values for known, values in bound.items() if known != name}
            yield from (text for each in bound.get(name, ()) for text in _texts(each, others))
