"""Which edits are tried for which mistake: the kinds that a diagnosis implies, and how far-fetched each kind is."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

__all__ = [
    "ASSIGNED",
    "COSTS",
    "LATEST",
    "MISSING",
    "NEAR",
    "SUM",
    "formulas",
    "implied_kinds",
    "may_hold",
    "other_kinds",
    "preferred_kinds",
]

_LEVELS = (
    "operator doubled-sign comparison constant function derivative transpose assignment swap-operands loop slice "
    "format argument result",
    "name attribute return sign-of-formula",
    "sign only-use negative-constant transpose-operand count",
    "sign-added drop-operand drop-call level factor complement",
    "change-of-value",
    "move-up unlike-name subtraction",
    "sum-missing",
    "transpose-added term",
    "sign-of-part transpose-of-value move-down target drop-statement operand",
    "condition dz-formula weights-formula weights-step returned-formula forward-formula gradient-formula loss-formula",
    "inputs-stored outputs-stored weights-update weights-stored biases-update biases-stored loss-line-from-zero "
    "loss-line-from-one loss-sum-from-zero loss-sum-from-one loss-mean-from-zero loss-mean-from-one assigned",
)
"""The kinds of edits, from those that are closest at hand to the most far-fetched."""
NEAR = 5
"""The number of the last kinds that are more likely than a missing statement."""
MISSING = frozenset(_LEVELS[-1].split())
"""The kinds of edits that add a statement."""
COSTS = {kind: number for number, kinds in enumerate(_LEVELS) for kind in kinds.split()}

ASSIGNED = "assigned"
"""The kind of edits that give a value to a name that has none."""
SUM = "sum-missing"
"""The kind of edits that add to a sum."""

_ALL = tuple(COSTS)
_FORWARD = "forward-wrong"

_OPERATORS = ("operator", "swap-operands", "drop-operand", "function", "drop-call")
_NAMES = ("only-use", "name", "attribute", "target", "return")
_SIGNS = (
    "subtraction",
    "doubled-sign",
    "sign",
    "assignment",
    "operator",
    "swap-operands",
    "sign-added",
    "sign-of-formula",
)

_IMPLIED: dict[str, tuple[str, ...]] = {
    "derivative-missing": ("factor", *_NAMES),
    "activation-instead-of-derivative": ("derivative", "factor"),
    "derivative-at-activation": (*_NAMES, "drop-call"),
    "derivative-at-inputs": _NAMES,
    "dz-not-elementwise": (*_OPERATORS, "transpose", "transpose-operand", "transpose-added"),
    "weights-gradient-transposed": ("transpose", "transpose-operand", "transpose-added", *_OPERATORS),
    "inputs-not-transposed": ("transpose", "transpose-operand", "transpose-added", *_OPERATORS),
    "weights-gradient-from-outputs": _NAMES,
    "weights-gradient-from-da": _NAMES,
    "biases-gradient-from-da": _NAMES,
    "biases-gradient-reduced": ("drop-call", *_NAMES),
    "gradient-rescaled": ("drop-operand", "constant", *_OPERATORS),
    "gradient-ascent": _SIGNS,
    "learning-rate-ignored": ("factor", "operator", "name"),
    "learning-rate-hard-coded": ("name", "constant"),
    "learning-rate-in-gradient": ("drop-operand", *_NAMES),
    "weights-overwritten": ("assignment", "term"),
    "weights-not-updated": ("target",),
    "biases-not-updated": ("target",),
    "gradient-accumulated": ("assignment", "drop-operand", *_NAMES),
    "updated-before-da_prev": ("move-up", "move-down", *_NAMES),
    "weights-not-transposed": ("transpose", "transpose-operand", "transpose-added", *_OPERATORS),
    "da_prev-from-da": _NAMES,
    "da_prev-elementwise": (
        *_OPERATORS,
        "transpose",
        "transpose-operand",
        "transpose-added",
        "argument",
        "constant",
    ),
    "da_prev-not-returned": ("return",),
    "wrong-gradient-returned": _NAMES,
    "gradient-shape-lost": (
        "drop-call",
        "slice",
        "argument",
        "transpose",
        "transpose-operand",
        "transpose-added",
    ),
    "dz-added": ("operator", "function"),
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
    "examples-skipped": (
        "slice",
        "constant",
        "operator",
        "level",
        "drop-operand",
        "drop-statement",
        "condition",
    ),
    "epochs-ignored": ("constant", "name", "operator", "drop-operand", "drop-call", "level"),
    "fit-learning-rate-ignored": ("argument", "name", "constant", "operator", "drop-operand"),
    "labels-misaligned": ("slice", "drop-operand", "constant", "operator", *_NAMES),
    "loss-sign": _SIGNS,
    "loss-one-sided": ("operator", "drop-operand"),
    "loss-not-averaged": ("operator", "operand", "drop-operand", "name", "function", "format"),
    "loss-not-reset": ("level", "move-up", "move-down"),
    "loss-last-example": ("assignment", "level"),
    "loss-after-update": ("move-up", "move-down", "drop-statement", *_NAMES),
    "loss-wrong-formula": ("function", "operator", "constant", *_SIGNS),
    "loss-line-format": ("format", "count", "constant", "drop-operand", "operator", "argument"),
    "loss-printed-per-example": ("level",),
    "loss-printed-seldom": ("level", "comparison", "constant", "condition"),
    "da-accumulated": ("assignment", "drop-operand"),
    "prediction-clipped": ("constant", "drop-call"),
    "gradient-clipped": ("drop-call", "drop-operand", "drop-statement", "condition"),
    "momentum": ("drop-operand", "assignment", "drop-statement"),
    "data-changed": ("drop-call", "drop-operand", "drop-statement"),
    "parameters-reset": ("drop-statement", "level"),
    _FORWARD: _ALL,
}


LATEST = {"learning-rate-ignored", "weights-not-updated", "biases-not-updated", "loss-not-printed"}
"""The mistakes that are in the last of the lines that could be repaired: the one in which parameters change, or the
one before which a statement is missing."""

_MOVES = ("move-up", "move-down")
_SUPERFLUOUS = {"gradient-clipped", "prediction-clipped", "momentum", "adaptive-rate", "data-changed"}
"""Mistakes in a statement that should not be there; moving another one before it hides them, but does not hold them."""

_UPDATE = ("update", "step", "other")
_RETURNED = ("returned", "result", "other")
_NOT_RETURNED = ("update", "step", "shared", "other")
_ROLES = {
    **dict.fromkeys(
        (
            "learning-rate-ignored",
            "learning-rate-hard-coded",
            "gradient-ascent",
            "weights-overwritten",
            "biases-gradient-from-da",
            "biases-gradient-reduced",
        ),
        _UPDATE,
    ),
    **dict.fromkeys(("weights-not-updated", "biases-not-updated"), (*_UPDATE, "shared")),
    **dict.fromkeys(
        (
            "updated-before-da_prev",
            "weights-not-transposed",
            "da_prev-from-da",
            "da_prev-elementwise",
            "wrong-gradient-returned",
        ),
        _RETURNED,
    ),
    **dict.fromkeys(
        (
            "weights-gradient-transposed",
            "inputs-not-transposed",
            "weights-gradient-from-outputs",
            "weights-gradient-from-da",
            "inputs-missing",
        ),
        _NOT_RETURNED,
    ),
}
"""The roles of the statements that may hold a mistake; any, if it is not here.

A factor in the statement of ``dz`` may pass for one in an update, since the laws carry errors forward.
"""


@dataclass(frozen=True)
class _Formula:
    text: str
    roles: tuple[str, ...]
    diagnoses: frozenset[str]


_FORMULAS = {
    "dz-formula": _Formula(
        "{array} * {factor}",
        ("shared", "step", "other"),
        frozenset(
            {
                "derivative-missing",
                "activation-instead-of-derivative",
                "activation-hard-coded",
                "activation-of-gradient",
                "derivative-at-activation",
                "derivative-at-inputs",
                "dz-not-elementwise",
                "dz-added",
            }
        ),
    ),
    "weights-formula": _Formula(
        "{array} @ {array}.T",
        ("step", "shared", "other"),
        frozenset(
            {
                "weights-gradient-transposed",
                "inputs-not-transposed",
                "weights-gradient-from-outputs",
                "weights-gradient-from-da",
                "inputs-missing",
                "gradient-rescaled",
            }
        ),
    ),
    "returned-formula": _Formula(
        "{array}.T @ {array}",
        ("returned", "result"),
        frozenset(
            {
                "weights-not-transposed",
                "da_prev-from-da",
                "da_prev-elementwise",
                "wrong-gradient-returned",
                "gradient-shape-lost",
            }
        ),
    ),
    "forward-formula": _Formula("{array} @ {array} + {array}", ("forward",), frozenset({_FORWARD})),
    "gradient-formula": _Formula(
        "(1 - {first}) / (1 - {second}) - {first} / {second}",
        ("shared", "step", "returned", "other"),
        frozenset(
            {
                "output-gradient-sign",
                "output-gradient-without-denominator",
                "output-gradient-squared-error",
                "output-gradient-one-sided",
                "output-gradient-is-loss",
                "output-gradient-rescaled",
            }
        ),
    ),
    "loss-formula": _Formula(
        "-({first} * {log}({second}) + (1 - {first}) * {log}(1 - {second}))",
        ("shared", "step", "returned", "other"),
        frozenset({"loss-sign", "loss-one-sided", "loss-wrong-formula"}),
    ),
    "weights-step": _Formula(
        "{rate} * {array} @ {array}.T",
        ("update",),
        frozenset({"weights-not-updated", "inputs-missing"}),
    ),
    SUM: _Formula("{total} += {sum}", ("gap",), frozenset()),
    "inputs-stored": _Formula("{stored} = {given}.reshape(-1, 1)", ("gap",), frozenset({_FORWARD})),
    "outputs-stored": _Formula("{stored} = {array} @ {array} + {array}", ("gap",), frozenset({_FORWARD})),
    "weights-update": _Formula(
        "{self}.weights = {self}.weights - {rate} * {array} @ {array}.T",
        ("gap",),
        frozenset({"weights-not-updated"}),
    ),
    "weights-stored": _Formula(
        "{self}.weights = {asarray}({collection})", ("gap",), frozenset({"weights-not-updated"})
    ),
    "biases-update": _Formula(
        "{self}.biases = {self}.biases - {rate} * {array}", ("gap",), frozenset({"biases-not-updated"})
    ),
    "biases-stored": _Formula(
        "{self}.biases = {asarray}({collection})", ("gap",), frozenset({"biases-not-updated"})
    ),
    "loss-line-from-zero": _Formula(
        'print("Loss at epoch %d: %.3f" % ({number} + 1, {number}))',
        ("gap",),
        frozenset({"loss-not-printed"}),
    ),
    "loss-line-from-one": _Formula(
        'print("Loss at epoch %d: %.3f" % ({number}, {number}))', ("gap",), frozenset({"loss-not-printed"})
    ),
    "loss-sum-from-zero": _Formula(
        'print("Loss at epoch %d: %.3f" % ({number} + 1, {number} / len({data})))',
        ("gap",),
        frozenset({"loss-not-printed"}),
    ),
    "loss-mean-from-zero": _Formula(
        'print("Loss at epoch %d: %.3f" % ({number} + 1, sum({collection}) / len({collection})))',
        ("gap",),
        frozenset({"loss-not-printed"}),
    ),
    "loss-mean-from-one": _Formula(
        'print("Loss at epoch %d: %.3f" % ({number}, sum({collection}) / len({collection})))',
        ("gap",),
        frozenset({"loss-not-printed"}),
    ),
    "loss-sum-from-one": _Formula(
        'print("Loss at epoch %d: %.3f" % ({number}, {number} / len({data})))',
        ("gap",),
        frozenset({"loss-not-printed"}),
    ),
}
_OF_FIT = tuple(kind for kind in _FORMULAS if kind.startswith(("gradient-", "loss-")))
_OF_BACKWARD = tuple(kind for kind in _FORMULAS if kind not in (*_OF_FIT, SUM))
_VALUES_OF_BACKWARD = (
    "{array} * {factor}",
    "{factor}",
    "{array}.T @ {array}",
    "{array} @ {array}.T",
    "[]",
    "0.0",
)
_VALUES_OF_FIT = (
    "-{log}({operand})",
    "-{log}(1 - {operand})",
    "-1 / {operand}",
    "1 / (1 - {operand})",
    "(1 - {label}) / (1 - {operand}) - {label} / {operand}",
    "-({label} * {log}({operand}) + (1 - {label}) * {log}(1 - {operand}))",
    "{self}.forward({label})",
    "{self}.forward({label}).item()",
    "{self}.forward({given}[{sum}]).item()",
    "{array}.item()",
    "{given}[{sum}]",
    "[]",
    "0.0",
)
"""What a name may stand for to which nothing assigns a value."""


def implied_kinds(diagnosis: str) -> tuple[str, ...]:
    """Return the kinds of edits that a diagnosis implies; all if it is ``unknown``, and none if no edit is small."""
    if diagnosis == "unknown":
        return _ALL
    return _IMPLIED.get(diagnosis, ()) + tuple(
        kind for kind, formula in _FORMULAS.items() if diagnosis in formula.diagnoses
    )


def other_kinds(diagnosis: str) -> tuple[str, ...]:
    """Return the kinds of edits that are tried if those that a diagnosis implies do not help."""
    without = _MOVES if diagnosis in _SUPERFLUOUS else ()
    return tuple(kind for kind in _ALL if kind not in without and kind not in MISSING)


def may_hold(diagnosis: str, role: str) -> bool:
    """Tell whether a statement of this role, as ``SourceEdit`` has it, may hold the mistake."""
    if diagnosis == "unknown":
        return True
    return (role == "forward") is (diagnosis == _FORWARD) and role in _ROLES.get(diagnosis, (role,))


def formulas(
    method: str, diagnoses: Collection[str], names: Collection[str] = ()
) -> list[tuple[str, str, tuple[str, ...]]]:
    """Return the right formulas of ``backward`` or ``fit``, or of both in training, and values for ``names``.

    Each is the kind of edit, the text with its slots, and the roles of the statements. Missing statements are only
    those of ``diagnoses``.
    """
    values = {"backward": _VALUES_OF_BACKWARD, "fit": _VALUES_OF_FIT}.get(method, ())
    assigned = [(ASSIGNED, f"{name} = {value}", ("gap",)) for name in names for value in values]
    other = {"backward": _OF_FIT, "fit": _OF_BACKWARD}.get(method, ())
    right = [
        (kind, formula.text, formula.roles)
        for kind, formula in _FORMULAS.items()
        if kind not in other and (kind not in MISSING or not formula.diagnoses.isdisjoint(diagnoses))
    ]
    return assigned + right


def preferred_kinds(diagnoses: Collection[str]) -> list[str]:
    """Return all kinds of edits, first those that ``diagnoses`` imply, and then from the closest at hand."""
    implied = [kind for diagnosis in diagnoses if diagnosis != "unknown" for kind in implied_kinds(diagnosis)]
    return list(dict.fromkeys([ASSIGNED, *implied, *COSTS]))
