"""Which edits are tried for which mistake: the kinds that a diagnosis implies, and how far-fetched each kind is."""

from __future__ import annotations

__all__ = ["RANKS", "implied_kinds"]

RANKS = {
    "operator": 0,
    "sign": 0,
    "comparison": 0,
    "constant": 0,
    "function": 0,
    "derivative": 0,
    "transpose": 0,
    "assignment": 0,
    "swap-operands": 0,
    "drop-operand": 0,
    "drop-call": 0,
    "slice": 0,
    "loop": 0,
    "move": 0,
    "level": 0,
    "format": 0,
    "argument": 0,
    "name": 1,
    "attribute": 1,
    "return": 1,
    "target": 1,
    "factor": 1,
    "drop-statement": 1,
}
"""The kinds of edits, from the most ordinary to the most far-fetched."""

_OPERATORS = ("operator", "swap-operands", "drop-operand", "function", "drop-call")
_NAMES = ("name", "attribute", "target", "return")
_SIGNS = ("sign", "assignment", "operator", "swap-operands")
_ORDER = ("move", "level")

_IMPLIED: dict[str, tuple[str, ...]] = {
    "derivative-missing": ("factor", *_NAMES),
    "activation-instead-of-derivative": ("derivative", "factor"),
    "derivative-at-activation": (*_NAMES, "drop-call"),
    "dz-not-elementwise": (*_OPERATORS, "transpose"),
    "weights-gradient-transposed": ("transpose", *_OPERATORS),
    "inputs-not-transposed": ("transpose", *_OPERATORS),
    "weights-gradient-from-outputs": _NAMES,
    "weights-gradient-from-da": _NAMES,
    "biases-gradient-from-da": _NAMES,
    "biases-gradient-reduced": ("drop-call", *_NAMES),
    "gradient-rescaled": ("drop-operand", "constant", *_OPERATORS),
    "gradient-ascent": _SIGNS,
    "learning-rate-ignored": ("operator", "name"),
    "learning-rate-hard-coded": ("name", "constant"),
    "learning-rate-in-gradient": ("drop-operand", *_NAMES),
    "weights-overwritten": ("assignment",),
    "gradient-accumulated": ("assignment", *_NAMES),
    "updated-before-da_prev": ("move", *_NAMES),
    "weights-not-transposed": ("transpose", *_OPERATORS),
    "da_prev-from-da": _NAMES,
    "da_prev-elementwise": (*_OPERATORS, "transpose", "argument", "constant"),
    "da_prev-not-returned": ("return",),
    "wrong-gradient-returned": _NAMES,
    "gradient-shape-lost": ("drop-call", "slice", "argument", "transpose"),
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
    "da-not-chained": ("target", *_NAMES),
    "only-last-layer": ("slice", "loop", *_NAMES),
    "backward-once-per-epoch": ("level",),
    "examples-skipped": ("slice", "constant", "operator", "level", "drop-operand"),
    "epochs-ignored": ("constant", "name", "operator", "drop-operand", "drop-call", "level"),
    "fit-learning-rate-ignored": ("name", "constant", "operator", "drop-operand"),
    "labels-misaligned": ("slice", "drop-operand", "constant", "operator", *_NAMES),
    "loss-sign": _SIGNS,
    "loss-one-sided": ("operator", "drop-operand"),
    "loss-not-averaged": ("operator", "drop-operand", "name", "function", "format"),
    "loss-not-reset": ("level", "move"),
    "loss-last-example": ("assignment", "level"),
    "loss-after-update": ("move", *_NAMES),
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
