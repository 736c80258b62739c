"""Look up values and shapes of expressions in a frame, without running anything that a submission wrote.

Values come from frames, dictionaries, lists and plain arrays alone; properties, ``__getattr__`` and calls are not
followed.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from types import FrameType, GetSetDescriptorType, MappingProxyType, MemberDescriptorType
from typing import Any

import numpy as np

__all__ = ["UNKNOWN", "Shape", "arrays_in", "attribute_names", "namespace_of", "shape_of", "value_of"]

Shape = tuple[int, ...]

UNKNOWN = object()
"""Stands for a value that cannot be looked up."""
_MATRIX = 2
_DEPTH = 20
"""Deeper expressions have no value and no shape."""
_NUMBERS = (int, float, bool, np.float64, np.float32, np.int64)
_MRO, _CLASS_DICT = type.__dict__["__mro__"], type.__dict__["__dict__"]


def value_of(node: ast.AST, frame: FrameType, depth: int = 0) -> Any:
    """Return the value of a name, an attribute, an item or a constant, or ``UNKNOWN``."""
    value: Any = UNKNOWN
    if depth > _DEPTH:
        return value
    match node:
        case ast.Constant(value=constant):
            value = constant
        case ast.UnaryOp(op=ast.USub(), operand=ast.Constant(value=int() | float() as number)):
            value = -number
        case ast.Name(id=name):
            scopes = (frame.f_locals, frame.f_globals)
            value = next((scope[name] for scope in scopes if name in scope), UNKNOWN)
        case ast.Attribute(value=owner, attr=name):
            value = _attribute(value_of(owner, frame, depth + 1), name)
        case ast.Subscript(value=owner, slice=index):
            value = _item(value_of(owner, frame, depth + 1), value_of(index, frame, depth + 1))
    return value


def shape_of(node: ast.AST, frame: FrameType, depth: int = 0) -> Shape | None:
    """Return the shape of an array or ``()`` for a number; ``None`` if it cannot be told without running code."""
    value = value_of(node, frame)
    shape: Shape | None = None
    if type(value) is np.ndarray:
        shape = value.shape
    elif type(value) in _NUMBERS:
        shape = ()
    elif depth < _DEPTH:
        match node:
            case ast.BinOp(left=left, op=op, right=right):
                shapes = shape_of(left, frame, depth + 1), shape_of(right, frame, depth + 1)
                shape = _combined(*shapes, is_product=isinstance(op, ast.MatMult))
            case ast.UnaryOp(op=ast.USub() | ast.UAdd(), operand=operand):
                shape = shape_of(operand, frame, depth + 1)
            case ast.Attribute(value=owner, attr="T"):
                transposed = shape_of(owner, frame, depth + 1)
                shape = None if transposed is None else transposed[::-1]
    return shape


def attribute_names(owner: object) -> list[str]:
    """Return the names of an object's attributes, its own and its classes'."""
    namespaces = [namespace_of(owner), *_class_namespaces(type(owner))]
    if isinstance(owner, type):
        namespaces += _class_namespaces(owner)
    return [name for namespace in namespaces for name in namespace if type(name) is str]


def namespace_of(owner: object) -> Mapping[str, Any]:
    """Return the dictionary of an object, unless its class computes one."""
    found = next((space["__dict__"] for space in _class_namespaces(type(owner)) if "__dict__" in space), None)
    if isinstance(found, GetSetDescriptorType | MemberDescriptorType):
        namespace = found.__get__(owner)
        return namespace if type(namespace) in (dict, MappingProxyType) else {}
    return {}


def arrays_in(namespace: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """Yield the plain arrays in ``namespace``, and in its dictionaries, lists and tuples, by the names there."""
    for name, value in list(namespace.items()):
        values = [value]
        if type(value) is dict:
            values = list(value.values())
        elif type(value) in (list, tuple):
            values = list(value)
        for array in values:
            if type(name) is str and type(array) is np.ndarray:
                yield name, array


def _combined(left: Shape | None, right: Shape | None, *, is_product: bool) -> Shape | None:
    if left is None or right is None:
        return None
    if is_product:
        are_matrices = len(left) == len(right) == _MATRIX and left[1] == right[0]
        return (left[0], right[1]) if are_matrices else None
    try:
        return np.broadcast_shapes(left, right)
    except ValueError:
        return None


def _attribute(owner: Any, name: str) -> Any:
    if type(owner) is np.ndarray:
        return owner.T if name == "T" else UNKNOWN
    in_class = next((space[name] for space in _class_namespaces(type(owner)) if name in space), UNKNOWN)
    if isinstance(in_class, MemberDescriptorType):
        return _slot(in_class, owner)
    if in_class is not UNKNOWN and type(in_class) not in (np.ndarray, *_NUMBERS):
        return UNKNOWN
    return namespace_of(owner).get(name, in_class)


def _slot(slot: MemberDescriptorType, owner: Any) -> Any:
    try:
        return slot.__get__(owner)
    except AttributeError:
        return UNKNOWN


def _item(owner: Any, index: Any) -> Any:
    if type(index) is not int or type(owner) not in (list, tuple, np.ndarray):
        return UNKNOWN
    if type(owner) is np.ndarray and owner.ndim == 0:
        return UNKNOWN
    return owner[index] if -len(owner) <= index < len(owner) else UNKNOWN


def _class_namespaces(cls: type) -> Iterator[Mapping[str, Any]]:
    return (_CLASS_DICT.__get__(base) for base in _MRO.__get__(cls))
