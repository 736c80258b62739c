"""Tell which expression of a submission raised an exception, and what its operands were.

Nothing that a submission wrote is run for it. What is not certain is left out.
"""

from __future__ import annotations

import ast
import builtins
import dis
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import islice
from types import FrameType, ModuleType, TracebackType
from typing import Any

import numpy as np

from grader.candidate.sandbox.runtime.operations import operation_of
from grader.candidate.sandbox.runtime.parsing import NotPythonError, first_line, parsed
from grader.candidate.sandbox.runtime.static_values import attribute_names
from grader.protocol import limits

__all__ = ["account_of"]

Account = dict[str, Any]
Sources = Mapping[str, str]

_NAMES = 1000
"""At most so many names are compared with one that is not known."""
_NAME_LENGTH = 60
_ALIKE = 0.7
"""How similar a suggestion must be, by difflib's ratio."""
_OF_TEST_LAYERS = ("backward", "forward")
"""What ``fit`` may use."""
_INNER = frozenset({"<lambda>", "<listcomp>", "<setcomp>", "<dictcomp>", "<genexpr>"})
"""The code in these belongs to the function around it."""

_GIVEN_INPUTS = ("forward", "__init__")
_OF_THE_EXERCISE = ("activation", "biases", "layers", "weights")
_UNBOUND = re.compile(r"cannot access local variable '(\w+)'")
_TAKES_NONE = re.compile(r"(\w+)\(\) takes no arguments")
_TOO_MANY = re.compile(r"([\w.]+)\(\) takes (\d+) positional arguments? but (\d+) (?:was|were) given")


def account_of(error: BaseException, sources: Sources) -> Account | None:
    """Return what is certain about an exception raised in ``sources`` (label → text), as ``Account`` in ``replies``.

    Only exceptions of Python's and NumPy's own types have one.
    """
    try:
        entry = _innermost(error.__traceback__, sources)
        found = _found(error, entry, sources)
        function = "" if entry is None else _function_frame(entry.tb_frame).f_code.co_qualname
        return None if found is None else {**found, "function": function[: limits.EXPRESSION]}
    except Exception:  # noqa: BLE001 - a submission may have changed what this uses
        return None


def _found(error: BaseException, entry: TracebackType | None, sources: Sources) -> Account | None:
    found = None
    if type(error) is UnboundLocalError and entry is not None:
        unbound = _UNBOUND.match(str(error))
        found = None if unbound is None else _unbound_name(unbound[1], entry, sources)
    elif type(error) is NameError and entry is not None:
        found = _unknown_name(error.name or "", _function_frame(entry.tb_frame), sources)
    elif type(error) is AttributeError:
        found = _unknown_attribute(error, sources, is_outside=entry is None)
    elif type(error) is TypeError and (too_many := _TOO_MANY.fullmatch(str(error))):
        found = _missing_self(too_many, sources)
    elif type(error) is TypeError and entry is None and (called := _TAKES_NONE.fullmatch(str(error))):
        found = _missing_init(called[1], sources)
    elif type(error) in (TypeError, ValueError, ZeroDivisionError) and entry is not None:
        found = _operation(error, entry, sources)
    return found


def _operation(error: BaseException, entry: TracebackType, sources: Sources) -> Account | None:
    label = entry.tb_frame.f_code.co_filename
    found = operation_of(str(error), entry, _body(sources[label], label), sources[label])
    return None if found is None else _account(*found)


def _account(
    kind: str,
    text: str,
    operands: Sequence[dict[str, Any]] = (),
    *,
    suggestion: str = "",
    place: tuple[str, int] | None = None,
) -> Account:
    label, line = (None, None) if place is None else place
    return {
        "kind": kind,
        "text": text[: limits.EXPRESSION],
        "operands": list(operands),
        "suggestion": suggestion[: limits.EXPRESSION],
        "label": label,
        "line": line,
    }


def _innermost(entry: TracebackType | None, sources: Sources) -> TracebackType | None:
    found = None
    while entry is not None:
        if entry.tb_frame.f_code.co_filename in sources:
            found = entry
        entry = entry.tb_next
    return found


def _function_frame(frame: FrameType) -> FrameType:
    """Return the frame of the function around a comprehension or a lambda, which has its names."""
    while frame.f_code.co_name in _INNER and frame.f_back is not None:
        frame = frame.f_back
    return frame


@lru_cache(maxsize=32)
def _body(text: str, label: str) -> list[ast.stmt]:
    try:
        return parsed(text, label)
    except NotPythonError:
        return []


def _bodies(sources: Sources) -> Iterator[tuple[str, list[ast.stmt]]]:
    return ((label, _body(text, label)) for label, text in sorted(sources.items()))


# --- Names that are not known -------------------------------------------------------------------------------


def _unknown_name(name: str, frame: FrameType, sources: Sources) -> Account:
    if name == "self":
        return _account("self", name)
    if (owner := _owner_of(name, frame, sources)) is not None:
        return _account("self", name, suggestion=f"{owner}.{name}")
    if (place := _statement_of(name, sources)) is not None:
        return _account("statement", name, place=place)
    names = [*frame.f_locals, *frame.f_globals, *vars(builtins)]
    return _account("name", name, suggestion=_similar(name, names))


def _unbound_name(name: str, entry: TracebackType, sources: Sources) -> Account:
    place = _place_of_use(name, entry)
    owner = _owner_of(name, entry.tb_frame, sources) if name in _OF_THE_EXERCISE else None
    if owner is not None:
        return _account("self", name, suggestion=f"{owner}.{name}", place=place)
    return _account("unbound", name, place=place)


def _place_of_use(name: str, entry: TracebackType) -> tuple[str, int] | None:
    """Return the place of the instruction that reads ``name``.

    Python 3.11 runs it together with the instruction before it, and then reports the line of that one.
    """
    code = entry.tb_frame.f_code
    for instruction in dis.get_instructions(code):
        line = None if instruction.positions is None else instruction.positions.lineno
        if instruction.offset >= entry.tb_lasti and instruction.argval == name and line is not None:
            return code.co_filename, line
    return None


def _owner_of(name: str, frame: FrameType, sources: Sources) -> str | None:
    """Return the name of the first parameter if it is an own object with an attribute ``name``.

    Returns ``None`` if the name could be that of another parameter.
    """
    code = frame.f_code
    if code.co_argcount == 0 or (code.co_name in _GIVEN_INPUTS and name in ("inputs", "outputs")):
        return None
    first = code.co_varnames[0]
    owner = frame.f_locals.get(first)
    if not (first == "self" or type(owner).__name__ in _classes(sources)):
        return None
    return first if name in attribute_names(owner) else None


def _statement_of(name: str, sources: Sources) -> tuple[str, int] | None:
    """Return the place of a statement at the top of a file that would define or import ``name``."""
    for label, body in _bodies(sources):
        for node in body:
            if name in _bound_by(node):
                return label, first_line(node)
    return None


def _bound_by(node: ast.stmt) -> set[str]:
    match node:
        case ast.Import(names=aliases) | ast.ImportFrom(names=aliases):
            return {alias.asname or alias.name.partition(".")[0] for alias in aliases}
        case ast.FunctionDef(name=name) | ast.ClassDef(name=name):
            return {name}
        case ast.Assign(targets=targets):
            return {part.id for target in targets for part in ast.walk(target) if isinstance(part, ast.Name)}
    return set()


def _unknown_attribute(error: AttributeError, sources: Sources, *, is_outside: bool) -> Account:
    """Describe an attribute that an object lacks; ``is_outside`` if the kit asked for it."""
    name, owner = error.name or "", error.obj
    kind, names = "attribute of something else", attribute_names(owner)
    if type(owner) is ModuleType:
        kind = "attribute of a module"
    elif type(owner).__module__.startswith("grader.candidate."):
        kind, names = "attribute of a test layer", list(_OF_TEST_LAYERS)
    elif type(owner).__name__ in _classes(sources):
        kind = "attribute of an own class"
    # NumPy says more about names that it once had.
    is_plain = str(error).endswith(f"has no attribute {name!r}")
    suggestion = _similar(name, names) if is_plain else ""
    # If the kit asked, the definition has another name or another place.
    place = _definition(suggestion or name, sources) if is_outside else None
    return _account(kind, name, suggestion=suggestion, place=place)


def _missing_init(called: str, sources: Sources) -> Account | None:
    names = [node.name for _, owner, node in _methods(sources) if owner == called]
    if not names or "__init__" in names:
        return None
    suggestion = _similar("__init__", names)
    place = _definition(suggestion, sources) if suggestion else None
    return _account("attribute of an own class", "__init__", suggestion=suggestion, place=place)


def _classes(sources: Sources) -> set[str]:
    trees = (node for _, body in _bodies(sources) for statement in body for node in ast.walk(statement))
    return {node.name for node in trees if isinstance(node, ast.ClassDef)}


def _definition(name: str, sources: Sources) -> tuple[str, int] | None:
    """Return the place of the only function called ``name``, wherever it is defined."""
    places = [
        (label, node.lineno)
        for label, body in _bodies(sources)
        for statement in body
        for node in ast.walk(statement)
        if isinstance(node, ast.FunctionDef) and node.name == name
    ]
    return places[0] if len(places) == 1 else None


def _methods(sources: Sources) -> Iterator[tuple[str, str, ast.FunctionDef]]:
    """Yield the label, the class and the definition of every method of the classes at the top of the files."""
    for label, body in _bodies(sources):
        for statement in body:
            if isinstance(statement, ast.ClassDef):
                for node in statement.body:
                    if isinstance(node, ast.FunctionDef):
                        yield label, statement.name, node


def _similar(name: str, names: Iterable[str]) -> str:
    """Return the one of ``names`` that ``name`` may be a misspelling of, or an empty text."""
    from difflib import get_close_matches  # noqa: PLC0415 - only if a name is not known

    if not 0 < len(name) <= _NAME_LENGTH:
        return ""
    known = dict.fromkeys(other for other in islice(names, _NAMES) if len(other) <= _NAME_LENGTH)
    same = [other for other in known if other.lower() == name.lower()]
    return next(iter(same or get_close_matches(name, known, n=1, cutoff=_ALIKE)), "")


# --- A method without self ----------------------------------------------------------------------------------


def _missing_self(too_many: re.Match[str], sources: Sources) -> Account | None:
    called, takes, given = too_many[1], int(too_many[2]), int(too_many[3])
    found = [(label, node) for label, owner, node in _methods(sources) if f"{owner}.{node.name}" == called]
    if given != takes + 1 or len(found) != 1 or not _lacks_self(found[0][1]):
        return None
    label, function = found[0]
    return _account("self", called, place=(label, function.lineno))


def _lacks_self(function: ast.FunctionDef) -> bool:
    """Tell whether a method has no parameter for the object: it uses none, or one that is called ``self``."""
    names = [argument.arg for argument in (*function.args.posonlyargs, *function.args.args)]
    if not names or "self" in names or function.decorator_list:
        return False
    nodes = [node for statement in function.body for node in ast.walk(statement)]
    if any(isinstance(node, ast.Name) and node.id == "self" for node in nodes):
        return True
    owners = (node for node in nodes if isinstance(node, ast.Attribute))
    asked = {node.attr for node in owners if isinstance(node.value, ast.Name) and node.value.id == names[0]}
    return asked <= set(dir(np.ndarray))
