"""Compare the operation that raises in a formula with the one that raised in a submission, by their operands."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from grader.candidate.replies import Operand
from grader.diagnosis.backward.call import Call

__all__ = ["WatchedCall"]

Floats = NDArray[np.float64]

_PAIR = 2
_ATTRIBUTES = {"self.inputs": "a_prev", "self.outputs": "z", "self.weights": "W", "self.biases": "b"}
"""What the task sheet calls the attributes that have their values before ``backward`` begins."""
_DERIVATIVE = ".derivative("
_PRODUCTS = (np.dot, np.outer)


class WatchedCall(Call):
    """A call whose arrays tell which operation with two operands was the last; ``operands`` are those that raised."""

    def __init__(self, call: Call, operands: Sequence[Operand]) -> None:
        vars(self).update(vars(call))
        self._expected = operands
        self._last: tuple[tuple[tuple[int, ...], str], ...] = ()
        for symbol in ("W", "b", "z", "a", "slope", "da", "a_prev"):
            vars(self)[symbol] = self.watched(getattr(call, symbol), symbol)

    def watched(self, values: Floats, symbol: str = "") -> Floats:
        """Return ``values`` as an array that tells this call what is computed with it."""
        array = np.asarray(values).view(_Watched)
        array.call, array.symbol = self, symbol
        return array

    def with_new_weights(self, array: Floats) -> Call:
        """Return the same call as it was after an update; ``self.weights`` has what the update made of them."""
        return super().with_new_weights(self.watched(array, "W"))

    def note(self, operands: Iterable[Any]) -> None:
        """Note the shapes of an operation's two operands, and the symbols of those that are values of the call."""
        self._last = tuple((np.shape(each), getattr(each, "symbol", "")) for each in operands)

    @property
    def is_like_last(self) -> bool:
        """Whether the operands that raised may be those of the last operation, as far as they are known."""
        if len(self._expected) != _PAIR or len(self._last) != _PAIR:
            return True
        orders = (self._last, self._last[::-1])
        return any(all(map(_may_be, self._expected, order)) for order in orders)


def _may_be(operand: Operand, own: tuple[tuple[int, ...], str]) -> bool:
    shape, symbol = own
    if _DERIVATIVE in operand.text and symbol not in {"slope", ""}:
        return False
    return operand.shape in (None, shape) and _ATTRIBUTES.get(operand.text.removesuffix(".T")) in (
        None,
        symbol,
    )


class _Watched(np.ndarray):
    """An array that notes the operations on it; a view of it has its symbol, too."""

    call: WatchedCall | None = None
    symbol: str = ""

    def __array_finalize__(self, made_from: object) -> None:
        self.call, self.symbol = getattr(made_from, "call", None), getattr(made_from, "symbol", "")

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *inputs: Any, **options: Any) -> Any:
        if method == "__call__" and len(inputs) == _PAIR:
            self._note(inputs)
        if "out" in options:
            options["out"] = tuple(map(_plain, options["out"]))
        return self._watched(getattr(ufunc, method)(*map(_plain, inputs), **options))

    def __array_function__(
        self, func: Any, _types: object, args: Iterable[Any], options: Mapping[str, Any]
    ) -> Any:
        if func in _PRODUCTS:
            self._note(args)
        return self._watched(func(*map(_plain, args), **options))

    def _note(self, operands: Iterable[Any]) -> None:
        if self.call is not None:
            self.call.note(operands)

    def _watched(self, result: Any) -> Any:
        return (
            result if self.call is None or not isinstance(result, np.ndarray) else self.call.watched(result)
        )


def _plain(value: Any) -> Any:
    return value.view(np.ndarray) if isinstance(value, _Watched) else value
