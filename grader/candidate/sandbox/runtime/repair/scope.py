"""What an expression of a function may name: its local names, and the attributes of the object."""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TypeGuard

from grader.candidate.sandbox.runtime.repair.units import Unit

__all__ = ["Scope", "scope_of"]

_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)
_NUMERIC = ("ndarray", "number")
_ELEMENTS = 12


@dataclass(frozen=True)
class Scope:
    """The names that mean something in a unit."""

    atoms: tuple[str, ...]
    """Local names, and attributes with the name of the object before them; in the order of the text."""
    parameters: tuple[str, ...]
    factors: tuple[str, ...]
    """Products that a gradient may lack: ``self.activation.derivative(self.outputs)``."""
    types: Mapping[str, str]
    """The types of the values that atoms had, as far as they had one."""
    functions: tuple[str, ...]
    """The attributes that are called."""
    uses: Mapping[str, int]
    """How often each local name is read."""
    owner: str
    """The name of the object in a method; empty elsewhere."""

    elements: tuple[str, ...]
    """The elements of lists and arrays that are read, with their indices: ``dz[i]``."""

    @property
    def local_factors(self) -> tuple[str, ...]:
        """The local names and elements by which a product may be multiplied."""
        names = (atom for atom in self.atoms if atom not in self.lasting)
        return (*(name for name in names if self.types.get(name) in _NUMERIC), *self.elements)

    @property
    def lasting(self) -> tuple[str, ...]:
        """The atoms that have a value before the unit runs: parameters and attributes."""
        return tuple(atom for atom in self.atoms if "." in atom or atom in self.parameters)

    def alike(self, text: str) -> Iterator[str]:
        """Yield the other atoms whose values are of the same type as that of ``text``."""
        own = self.types.get(text)
        for atom in self.atoms:
            if atom != text and (own is None or self.types.get(atom, own) == own):
                yield atom

    def unlike(self, text: str) -> Iterator[str]:
        """Yield the atoms whose values are of another type than that of ``text``."""
        alike = {text, *self.alike(text)}
        yield from (atom for atom in self.atoms if atom not in alike)


def scope_of(unit: Unit, types: Mapping[str, str]) -> Scope:
    """Return what is in scope in ``unit``; ``types`` are those of names that had values in its file."""
    first = _first_parameter(unit.node)
    if not unit.classes and first != "self":
        first = ""
    around = unit.classes[-1] if unit.classes else unit.node
    functions = [node for node in ast.walk(around) if isinstance(node, ast.FunctionDef)]
    methods, owners = {node.name for node in functions}, {_first_parameter(node) for node in functions}
    attributes, called = [], []
    for node in ast.walk(around):
        match node:
            case ast.Call(func=ast.Attribute(value=ast.Name(id=owner), attr=name)) if owner in owners:
                called.append(name)
            case ast.Attribute(
                value=ast.Attribute(value=ast.Name(id=owner), attr=name), attr="derivative"
            ) if owner in owners:
                called.append(name)
            case ast.Attribute(value=ast.Name(id=owner), attr=name) if (
                owner in owners and name not in methods
            ):
                attributes.append(name)
    if first and (not unit.classes or unit.classes[-1].bases):
        # Other classes may set attributes, too.
        names = (name.removeprefix(f"{first}.") for name in types if name.startswith(f"{first}."))
        attributes += [name for name in names if name not in methods]
    own = [f"{first}.{name}" for name in dict.fromkeys(attributes) if name not in called] if first else []
    activations = (
        [f"{first}.{name}" for name in dict.fromkeys(called) if name not in methods] if first else []
    )
    factors = [f"{function}.derivative({value})" for function in activations for value in own]
    uses = Counter(node.id for node in ast.walk(unit.node) if _is_read(node))
    parameters = [node.arg for node in ast.walk(unit.node) if isinstance(node, ast.arg) and node.arg != first]
    bound = [name for name in dict.fromkeys([*parameters, *_stored(unit.node)]) if name != first]
    return Scope(
        (*bound, *own),
        tuple(dict.fromkeys(parameters)),
        tuple(factors),
        types,
        tuple(activations),
        uses,
        first,
        tuple(dict.fromkeys(_elements(unit.node)))[:_ELEMENTS],
    )


def _first_parameter(node: ast.AST) -> str:
    if not isinstance(node, _FUNCTIONS):
        return ""
    arguments = [*node.args.posonlyargs, *node.args.args]
    return arguments[0].arg if arguments else ""


def _elements(unit: ast.AST) -> Iterator[str]:
    for node in ast.walk(unit):
        if isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Load):
            yield ast.unparse(node)


def _is_read(node: ast.AST) -> TypeGuard[ast.Name]:
    return isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)


def _stored(unit: ast.AST) -> Iterator[str]:
    for node in ast.walk(unit):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node.id
