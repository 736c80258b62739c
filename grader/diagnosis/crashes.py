"""Name the exceptions that explain lost criteria.

A name comes from an exception's type and from what the sandbox found out about the expression that raised it. Without
that, or if two mistakes raise the same exception, there is no name, and the exception itself is what is certain.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from grader.candidate.replies import Account, Operand, Raised
from grader.diagnosis.exceptions import Crash, exceptions
from grader.exam.examination import Examination
from grader.model import Diagnosis, Feedback, Message

__all__ = ["crashes", "other_exceptions"]

_UNKNOWN, _NOT_WRITTEN = "unknown", "not-written"

_NEEDS_A_NUMBER = re.compile(
    r"only (?:0-dimensional|length-1|size-1) arrays can be converted"
    r"|unsupported format string passed to numpy\.ndarray\.__format__"
    r"|type numpy\.ndarray doesn't define __round__ method"
    r"|must be real number, not numpy\.ndarray"
    r"|setting an array element with a sequence"
)
_SHAPES_DIFFER = re.compile(
    r"matmul: Input operand"
    r"|shapes \([\d,]*\) and \([\d,]*\) not aligned"
    r"|operands could not be broadcast together"
    r"|non-broadcastable output operand"
    r"|could not broadcast input array"
)
_LINKS = 5
"""A name may be missing because of another one, so many times."""
_OF_KNOWN_OBJECTS = ("attribute of an own class", "attribute of a module")
"""What is missing there is misspelt or was never made, even if nothing has a similar name."""


class _Named(NamedTuple):
    """The name of a mistake, and what is certain about it."""

    id: str
    says: Message
    raised: Raised | None = None
    """The exception whose line holds the mistake, if it is another than the crash's."""


_Naming = Callable[[Examination, Crash], _Named | None]


def crashes(examination: Examination, lost: Sequence[str]) -> list[Diagnosis]:
    """Return the exceptions that cost criteria out of ``lost`` and can have one reason only."""
    imports = (_failed_import, _import_where_it_is_used)
    names = (*imports, _unknown_name, _missing_self, _unknown_attribute, _unwritten)
    return list(_diagnoses(examination, lost, (*names, _array_for_number, _division_by_zero)))


def other_exceptions(examination: Examination, lost: Sequence[str]) -> list[Diagnosis]:
    """Return the exceptions that cost criteria out of ``lost``, if there is no better explanation."""
    names = (_none, _different_shapes, _skipped_statement, _missing_attribute, _unbound_name)
    return list(_diagnoses(examination, lost, (*names, _exception)))


def _diagnoses(
    examination: Examination, lost: Sequence[str], namings: Sequence[_Naming]
) -> Iterator[Diagnosis]:
    for crash in exceptions(examination, lost):
        named = next((found for name in namings if (found := name(examination, crash)) is not None), None)
        if named is None or not crash.criteria:
            continue
        place = None
        if examination.feedback is Feedback.FULL:
            place = crash.place(examination) if named.raised is None else examination.place(named.raised)
        yield Diagnosis(
            named.id,
            crash.method,
            crash.criteria,
            0 if named.id in {_UNKNOWN, _NOT_WRITTEN} else crash.cases,
            says=named.says,
            place=place,
            excerpt=None if place is None or named.id == _NOT_WRITTEN else examination.excerpt(place),
        )


def _says(text: str, crash: Crash, **values: str | int) -> Message:
    raised = crash.raised
    known = {"method": crash.method, "type": raised.type, "text": raised.text.rstrip("."), **values}
    return Message(text, {name: value for name, value in known.items() if f"{{{name}}}" in text})


# --- Names and attributes -----------------------------------------------------------------------------------


def _failed_import(examination: Examination, crash: Crash) -> _Named | None:
    root = _root(examination, crash)
    if root.type not in ("ModuleNotFoundError", "ImportError") or crash.account is None:
        return None
    text = "{name} is not defined, because an import failed: {reason}."
    says = _says(text, crash, name=crash.account.text, reason=root.text.rstrip("."))
    return _Named("package-missing" if root.type == "ModuleNotFoundError" else "name-misspelt", says, root)


def _import_where_it_is_used(_examination: Examination, crash: Crash) -> _Named | None:
    if crash.raised.type != "ModuleNotFoundError":
        return None
    return _Named("package-missing", _says("{method} raises {type}: {text}.", crash))


def _root(examination: Examination, crash: Crash) -> Raised:
    """Return the exception because of which a name is not known: that of a statement that would have bound it."""
    failed = {(each.label, each.line): each.raised for each in examination.loaded.skipped}
    root, account = crash.raised, crash.account
    for _ in range(_LINKS):
        cause = None
        if account is not None and account.kind == "statement" and account.label and account.line:
            cause = failed.get((account.label, account.line))
        if cause is None:
            break
        root, account = cause, cause.account
    return root


def _unknown_name(_examination: Examination, crash: Crash) -> _Named | None:
    if (account := _account(crash, "name")) is None:
        return None
    if not account.suggestion:
        return _Named("name-misspelt", _says("{name} is not defined.", crash, name=account.text))
    text = "{name} is not defined. Did you mean {suggestion}?"
    return _Named("name-misspelt", _says(text, crash, name=account.text, suggestion=account.suggestion))


def _missing_self(_examination: Examination, crash: Crash) -> _Named | None:
    if (account := _account(crash, "self")) is None:
        return None
    if account.suggestion:
        text = "{name} is not defined here, but {suggestion} is."
    elif account.label is not None:
        text = "{name} is called on an object, but it has no parameter for that object."
    else:
        text = "{name} is used in a function that has no such parameter."
    return _Named("self-missing", _says(text, crash, name=account.text, suggestion=account.suggestion))


def _unknown_attribute(_examination: Examination, crash: Crash) -> _Named | None:
    account = _account(crash, *_OF_KNOWN_OBJECTS, "attribute of a test layer", "attribute of something else")
    if account is None:
        return None
    if account.suggestion and account.function:
        text = "{text}. Did you mean {suggestion}?"
    elif account.suggestion:
        # The exercise's own name is right, so the one in the file is not.
        text = "The class has no {name}, but it has {suggestion}. Should that be {name}?"
    elif account.function and account.kind in _OF_KNOWN_OBJECTS:
        text = "{text}."
    else:
        return None
    says = _says(text, crash, name=account.text, suggestion=account.suggestion)
    return _Named("name-misspelt", says)


def _account(crash: Crash, *kinds: str) -> Account | None:
    """Return what is certain about an exception if it is of one of these kinds."""
    return crash.account if crash.account is not None and crash.account.kind in kinds else None


# --- Numbers and arrays -------------------------------------------------------------------------------------


def _array_for_number(examination: Examination, crash: Crash) -> _Named | None:
    account = _account(crash, "conversion", "operation")
    if account is None or not _NEEDS_A_NUMBER.match(crash.raised.text):
        return None
    # An assignment has two operands, of which the second is the value.
    array = next(iter(account.operands[-1:]), None)
    if array is None:
        return _Named(
            "array-for-number", _says("{expression} needs a number.", crash, expression=account.text)
        )
    text = "{expression} needs a number, but {array} is an array of shape {shape}."
    if not array.shape or examination.feedback is not Feedback.FULL:
        text = "{expression} needs a number, but {array} is an array."
    values = {"expression": account.text, "array": array.text, "shape": _shape(array)}
    return _Named("array-for-number", _says(text, crash, **values))


def _division_by_zero(_examination: Examination, crash: Crash) -> _Named | None:
    account = _account(crash, "operation")
    if account is None or crash.raised.type != "ZeroDivisionError":
        return None
    divisor = account.operands[-1].text
    text = "{expression} divides by {divisor}, which is 0 here."
    return _Named("division-by-zero", _says(text, crash, expression=account.text, divisor=divisor))


def _none(_examination: Examination, crash: Crash) -> _Named | None:
    account = _account(crash, "operation")
    nothing = [] if account is None else [operand.text for operand in account.operands if operand.is_none]
    if account is None or len(nothing) != 1:
        return None
    text = "In {expression}, {operand} is None."
    return _Named(_UNKNOWN, _says(text, crash, expression=account.text, operand=nothing[0]))


def _different_shapes(examination: Examination, crash: Crash) -> _Named | None:
    account = _account(crash, "operation")
    if account is None or not _SHAPES_DIFFER.match(crash.raised.text):
        return None
    left, right = account.operands
    name = _UNKNOWN if _may_be_a_wrong_dz(crash, left.shape, right.shape) else "shapes-do-not-fit"
    values: dict[str, str | int] = {"expression": account.text, "left": left.text, "right": right.text}
    if None in (left.shape, right.shape) or examination.feedback is not Feedback.FULL:
        text = "In {expression}, the shapes of {left} and {right} do not fit."
        return _Named(name, _says(text, crash, **values))
    text = "In {expression}, {left} has shape {left_shape} and {right} has shape {right_shape}."
    if crash.size is not None:
        text = (
            "In {expression}, {left} has shape {left_shape} and {right} has shape {right_shape}. Here n_inputs is "
            "{n_inputs} and n_neurons is {n_neurons}."
        )
        values |= dict(zip(("n_inputs", "n_neurons"), crash.size, strict=True))
    shapes = {"left_shape": _shape(left), "right_shape": _shape(right)}
    return _Named(name, _says(text, crash, **values, **shapes))


def _may_be_a_wrong_dz(crash: Crash, left: tuple[int, ...] | None, right: tuple[int, ...] | None) -> bool:
    """Tell whether a dz that is not elementwise raises the same, with Wᵀ, with a_prevᵀ or with the biases.

    Such a dz is a mistake of its own, for which the shapes are no proof.
    """
    if crash.size is None or crash.method != "Layer.backward":
        return False
    m, n = crash.size
    pairs = (((n, 1), (n, 1)), ((m, n), (1, 1)), ((n, n), (1, m)), ((n, 1), (n, n)))
    return any(left in (None, own) and right in (None, other) for own, other in pairs)


def _shape(operand: Operand) -> str:
    return "()" if operand.shape is None else str(operand.shape)


# --- Everything else ----------------------------------------------------------------------------------------


def _unwritten(_examination: Examination, crash: Crash) -> _Named | None:
    if crash.raised.type == "NotImplementedError" and crash.is_everywhere:
        return _Named(_NOT_WRITTEN, _says("{method} is not written yet: it raises {type}.", crash))
    account = _account(crash, "attribute of an own class")
    if account is None or account.line is not None:
        return None
    return _Named(_NOT_WRITTEN, _says("The class has no {name}.", crash, name=account.text))


def _missing_attribute(_examination: Examination, crash: Crash) -> _Named | None:
    account = _account(crash, "attribute of a test layer", "attribute of an own class")
    if account is None:
        return None
    if account.kind == "attribute of a test layer":
        text = "{text}. fit can use a layer only through forward and backward."
    else:
        text = "{name} is defined, but not as a method of the class. Is it indented as it should be?"
    return _Named(_UNKNOWN, _says(text, crash, name=account.text))


def _unbound_name(_examination: Examination, crash: Crash) -> _Named | None:
    if (account := _account(crash, "unbound")) is None:
        return None
    return _Named(_UNKNOWN, _says("{name} is used before it has a value.", crash, name=account.text))


def _skipped_statement(examination: Examination, crash: Crash) -> _Named | None:
    root = _root(examination, crash)
    if root is crash.raised or crash.account is None:
        return None
    text = "{name} is not defined, because a statement that it needs raises {reason}."
    return _Named(_UNKNOWN, _says(text, crash, name=crash.account.text, reason=root.type), root)


def _exception(examination: Examination, crash: Crash) -> _Named:
    if not crash.raised.text or examination.feedback is not Feedback.FULL:
        return _Named(_UNKNOWN, _says("{method} raises {type}.", crash))
    return _Named(_UNKNOWN, _says("{method} raises {type}: {text}.", crash))
