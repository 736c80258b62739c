"""Which edits are tried for which mistake: the kinds that a diagnosis implies, and how far-fetched each kind is."""

from __future__ import annotations

__all__ = ["COSTS", "implied_kinds"]

COSTS = {
    "operator": 1,
    "doubled-sign": 1,
    "comparison": 1,
    "constant": 1,
    "function": 1,
    "derivative": 1,
    "transpose": 1,
    "assignment": 1,
    "swap-operands": 1,
    "loop": 1,
    "slice": 1,
    "format": 1,
    "argument": 1,
    "result": 1,
    "name": 1,
    "attribute": 1,
    "return": 1,
    "drop-operand": 2,
    "drop-call": 2,
    "sign": 2,
    "sign-added": 2,
    "transpose-added": 2,
    "level": 2,
    "factor": 2,
    "target": 2,
    "move-up": 2,
    "complement": 2,
    "unlike-name": 2,
    "operand": 3,
    "drop-statement": 3,
    "sign-of-part": 3,
    "subtraction": 3,
    "transpose-of-value": 3,
    "move-down": 3,
}
"""The kinds of edits, and how far-fetched each is."""

_OPERATORS = ("operator", "swap-operands", "drop-operand", "function", "drop-call")
_NAMES = ("name", "attribute", "target", "return")
_SIGNS = ("subtraction", "doubled-sign", "sign", "assignment", "operator", "swap-operands", "sign-added")

_IMPLIED: dict[str, tuple[str, ...]] = {
    "derivative-missing": ("factor", *_NAMES),
    "activation-instead-of-derivative": ("derivative", "factor"),
    "derivative-at-activation": (*_NAMES, "drop-call"),
    "dz-not-elementwise": (*_OPERATORS, "transpose", "transpose-added"),
    "weights-gradient-transposed": ("transpose", "transpose-added", *_OPERATORS),
    "inputs-not-transposed": ("transpose", "transpose-added", *_OPERATORS),
    "weights-gradient-from-outputs": _NAMES,
    "weights-gradient-from-da": _NAMES,
    "biases-gradient-from-da": _NAMES,
    "biases-gradient-reduced": ("drop-call", *_NAMES),
    "gradient-rescaled": ("drop-operand", "constant", *_OPERATORS),
    "gradient-ascent": _SIGNS,
    "learning-rate-ignored": ("operand", "operator", "name"),
    "learning-rate-hard-coded": ("name", "constant"),
    "learning-rate-in-gradient": ("drop-operand", *_NAMES),
    "weights-overwritten": ("assignment",),
    "gradient-accumulated": ("assignment", *_NAMES),
    "updated-before-da_prev": ("move-up", "move-down", *_NAMES),
    "weights-not-transposed": ("transpose", "transpose-added", *_OPERATORS),
    "da_prev-from-da": _NAMES,
    "da_prev-elementwise": (*_OPERATORS, "transpose", "transpose-added", "argument", "constant"),
    "da_prev-not-returned": ("return",),
    "wrong-gradient-returned": _NAMES,
    "gradient-shape-lost": ("drop-call", "slice", "argument", "transpose", "transpose-added"),
    "dz-added": ("operator",),
    "inputs-missing": (*_OPERATORS, *_NAMES),
    "activation-of-gradient": (*_OPERATORS, *_NAMES, "drop-call"),
    "output-gradient-sign": (*_SIGNS, *_NAMES),
    "output-gradient-without-denominator": ("operator", "drop-operand"),
    "output-gradient-squared-error": ("drop-operand", "operator", "constant"),
    "output-gradient-one-sided": ("operator", "drop-operand"),
    "output-gradient-is-loss": _NAMES,
    "output-gradient-rescaled": ("drop-operand", "operator"),
    "layers-not-reversed": ("loop", "slice", "drop-call"),
    "da-not-chained": ("result", "target", *_NAMES),
    "only-last-layer": ("slice", "loop", *_NAMES),
    "backward-once-per-epoch": ("level",),
    "examples-skipped": ("slice", "constant", "operator", "level", "drop-operand"),
    "epochs-ignored": ("constant", "name", "operator", "drop-operand", "drop-call", "level"),
    "fit-learning-rate-ignored": ("name", "constant", "operator", "drop-operand"),
    "labels-misaligned": ("slice", "drop-operand", "constant", "operator", *_NAMES),
    "loss-sign": _SIGNS,
    "loss-one-sided": ("operator", "drop-operand"),
    "loss-not-averaged": ("operator", "operand", "drop-operand", "name", "function", "format"),
    "loss-not-reset": ("level", "move-up", "move-down"),
    "loss-last-example": ("assignment", "level"),
    "loss-after-update": ("move-up", "move-down", *_NAMES),
    "loss-wrong-formula": ("function", "operator", "constant", *_SIGNS),
    "loss-line-format": ("format", "constant", "drop-operand", "operator", "argument"),
    "loss-printed-per-example": ("level",),
    "loss-printed-seldom": ("level", "comparison", "constant"),
    "da-accumulated": ("assignment",),
    "prediction-clipped": ("constant", "drop-call"),
}


def implied_kinds(diagnosis: str) -> tuple[str, ...]:
    """Return the kinds of edits that a diagnosis implies; none if it is not known, or too many."""
    return _IMPLIED.get(diagnosis, ())
