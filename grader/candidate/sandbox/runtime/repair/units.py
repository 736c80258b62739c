"""Recompile single functions of a loaded submission, and put them into its place for a while."""

from __future__ import annotations

import ast
import gc
import re
from collections.abc import Collection, Generator, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from itertools import takewhile
from types import CodeType, FunctionType

from grader.candidate.sandbox.runtime.repair.edit import Edit
from grader.candidate.sandbox.runtime.repair.source_text import SourceText

__all__ = ["CannotApplyError", "TextEdit", "Unit", "patched", "units_of"]

_FUTURES = 0xFF << 17
"""The flags of a code object that ``from __future__ import …`` sets."""
_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)

TextEdit = tuple[int, int, str]
"""From and to which offset a text is replaced, and by what."""
_Key = tuple[str, int]


class CannotApplyError(Exception):
    """An edit does not give valid Python, or other functions than before."""


@dataclass(frozen=True, eq=False)
class Unit:
    """A function outside all others, or a statement with a lambda: what is compiled again after an edit."""

    label: str
    source: SourceText
    node: ast.stmt
    classes: tuple[ast.ClassDef, ...]
    """The classes around it, outermost first."""

    @property
    def first_line(self) -> int:
        """The first line, decorators included."""
        decorators: list[ast.expr] = getattr(self.node, "decorator_list", [])
        return min([self.node.lineno, *(decorator.lineno for decorator in decorators)])

    @cached_property
    def start(self) -> int:
        """The offset at which its first line begins."""
        return self.source.line_start(self.first_line)

    @cached_property
    def end(self) -> int:
        """The offset after its last line."""
        return self.source.line_start((self.node.end_lineno or self.node.lineno) + 1)

    def line_of(self, edit: Edit) -> int:
        """Return the number of the line that ``edit`` is about."""
        if edit.at >= 0:
            return self.source.line_at(edit.at)
        before = self.source.text[edit.start : edit.end]
        pairs = zip(before, edit.text, strict=False)
        same = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], pairs))
        return self.source.line_at(edit.start + same)

    def contains(self, code: CodeType) -> bool:
        """Tell whether ``code`` is that of a function in this unit."""
        return (code.co_firstlineno, code.co_name) in self._places

    @cached_property
    def _places(self) -> set[tuple[int, str]]:
        places = set()
        for node in ast.walk(self.node):
            if isinstance(node, _FUNCTIONS):
                places.add((min([node.lineno, *(each.lineno for each in node.decorator_list)]), node.name))
            elif isinstance(node, ast.Lambda):
                places.add((node.lineno, "<lambda>"))
        return places

    @cached_property
    def functions(self) -> dict[_Key, list[FunctionType]]:
        """The functions made of this unit that live now, by the name and place of their code."""
        places = {
            (code.co_qualname, code.co_firstlineno): key
            for key, code in _codes(self.compiled(self._text())).items()
        }
        found: dict[_Key, list[FunctionType]] = {}
        for each in gc.get_objects():
            if type(each) is FunctionType and each.__code__.co_filename == self.label:
                code = each.__code__
                if (key := places.get((code.co_qualname, code.co_firstlineno))) is not None:
                    found.setdefault(key, []).append(each)
        return found

    def compiled(self, text: str, flags: int = 0) -> CodeType:
        """Compile ``text``, which stands for the unit; raises ``SyntaxError`` or ``ValueError``."""
        around = [f"class {each.name}:" for each in self.classes]
        if not around and text[:1] in " \t\f":
            around = ["if 1:"]
        # The text is indented by at least one character for each class.
        heads = "".join(f"{' ' * depth}{head}\n" for depth, head in enumerate(around))
        source = "\n" * (self.first_line - 1 - len(around)) + heads + text
        code: CodeType = compile(source, self.label, "exec", flags=flags, dont_inherit=True)
        return code

    def recompiled(self, edits: Sequence[TextEdit]) -> dict[_Key, CodeType]:
        """Return the code of each function after ``edits``, which do not overlap; raises ``CannotApplyError``."""
        flags = next(
            (each.__code__.co_flags & _FUTURES for many in self.functions.values() for each in many), 0
        )
        try:
            return _codes(self.compiled(self._text(edits), flags))
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            raise CannotApplyError from None

    def _text(self, edits: Sequence[TextEdit] = ()) -> str:
        text, end = "", self.end
        for start, stop, replacement in sorted(edits, reverse=True):
            if not self.start <= start <= stop <= end:
                raise CannotApplyError
            text, end = replacement + self.source.text[stop:end] + text, start
        return self.source.text[self.start : end] + text


def _codes(code: CodeType) -> dict[_Key, CodeType]:
    """Return the code of all functions in ``code``, by their names and the number of earlier ones of the same name."""
    found: dict[_Key, CodeType] = {}

    def add(outer: CodeType) -> None:
        for inner in outer.co_consts:
            if isinstance(inner, CodeType):
                number = 0
                while (inner.co_qualname, number) in found:
                    number += 1
                found[inner.co_qualname, number] = inner
                add(inner)

    add(code)
    return found


def units_of(label: str, text: str) -> list[Unit]:
    """Return the units of a source text; raises ``SyntaxError`` if it is not valid Python."""
    source = SourceText(text)
    found = _outermost(ast.parse(text, label).body, ())
    return [Unit(label, source, node, classes) for node, classes in found if _begins_a_line(source, node)]


def _outermost(
    body: Sequence[ast.stmt], classes: tuple[ast.ClassDef, ...]
) -> Iterator[tuple[ast.stmt, tuple[ast.ClassDef, ...]]]:
    for node in body:
        if isinstance(node, ast.ClassDef):
            yield from _outermost(node.body, (*classes, node))
        elif blocks := _blocks(node):
            for block in blocks:
                yield from _outermost(block, classes)
        else:
            yield node, classes


def _blocks(node: ast.stmt) -> list[list[ast.stmt]]:
    if isinstance(node, _FUNCTIONS):
        return []
    blocks = [getattr(node, name, []) for name in ("body", "orelse", "finalbody")]
    handlers: list[ast.ExceptHandler] = getattr(node, "handlers", [])
    return [block for block in (*blocks, *(handler.body for handler in handlers)) if block]


def _begins_a_line(source: SourceText, node: ast.stmt) -> bool:
    start, _ = source.span(node)
    return not re.search(r"\S", source.text[source.line_start(node.lineno) : start])


@contextmanager
def patched(units: Collection[Unit], edits: Sequence[tuple[str, TextEdit]]) -> Generator[None, None, None]:
    """Have the live functions do what they do after ``edits``, each with the label of its text.

    Raises ``CannotApplyError`` if that is not possible.
    """
    replaced: list[tuple[FunctionType, CodeType]] = []
    for unit in units:
        own = [edit for label, edit in edits if label == unit.label and unit.start <= edit[0] < unit.end]
        replaced += _replacements(unit, own) if own else []
    if edits and not replaced:
        raise CannotApplyError
    before = [(function, function.__code__) for function, _ in replaced]
    try:
        for function, code in replaced:
            function.__code__ = code
        yield
    finally:
        for function, code in before:
            function.__code__ = code


def _replacements(unit: Unit, edits: Sequence[TextEdit]) -> list[tuple[FunctionType, CodeType]]:
    codes = unit.recompiled(edits)
    found = [(each, codes.get(key)) for key, functions in unit.functions.items() for each in functions]
    if any(code is None or code.co_freevars != each.__code__.co_freevars for each, code in found):
        raise CannotApplyError
    return [(each, code) for each, code in found if code is not None]
