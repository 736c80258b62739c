"""Say which mistakes an explanation has, by their formulas, and what is certain about the rest."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from grader.diagnosis.backward.call import Call
from grader.diagnosis.backward.formulas import OWN_DZ, RIGHT_DZ, UNNAMED
from grader.diagnosis.backward.observed import Match, Observed
from grader.diagnosis.backward.search import Explanation
from grader.model import Diagnosis, Message

__all__ = ["told", "unknown"]

METHOD = "Layer.backward"
_ENOUGH = 3
"""In so many cases a mistake must reproduce what differs from the right form."""
_GRADIENTS = {
    "weights": "d_weights = dz · a_prevᵀ",
    "biases": "d_biases = dz",
    "da_prev": "da_prev = Wᵀ · dz",
}
_STEPS = {
    "weights": "W ← W − learning_rate · d_weights",
    "biases": "b ← b − learning_rate · d_biases",
}
_JOINED = {"weights-not-updated": "parameters-not-updated", "biases-not-updated": "parameters-not-updated"}
_WHOLE_STEP = {"weights-overwritten", "weights-not-updated", "biases-not-updated"}
"""Mistakes of a step that hide its direction."""
_RATE = "learning-rate-in-gradient"
_FACTORS = (_RATE, "gradient-rescaled")
"""Mistakes that ``dz`` passes on to all results."""
_NAMES = {"weights": "d_weights", "biases": "d_biases", "da_prev": "da_prev"}
_OWN_DZ = "With your own dz, this is right: {fits}. But your dz is neither da ⊙ f′(z) nor any form of it that we know."
_LEFT = "With dz = {dz}, this is right: {fits}. This is neither right nor a mistake that we know: {left}."
_STEP = (
    "The weights or the biases move along their gradient, but not by −learning_rate times it, nor by any other step "
    "that we know."
)
_NOTHING_FITS = "With dz = {dz}, this is neither right nor a mistake that we know: {left}."


class _Certificate(NamedTuple):
    """Where one mistake was found."""

    seen: str
    due: str
    criteria: frozenset[str]
    cases: frozenset[int]
    """The cases that tell it, by the identity of their records."""


def told(
    observed: Observed, found: Sequence[Explanation], lost: Sequence[str], refused: Sequence[Call]
) -> list[Diagnosis]:
    """Return a diagnosis for each mistake that all explanations in ``found`` have.

    ``refused`` are the calls with other activations than the given ones, if all of them raised.
    """
    if not found:
        return []
    certain = frozenset.intersection(*(each.mistakes for each in found))
    if "learning-rate-ignored" in certain:
        # Beside it, another constant than 1 may as well be a factor of the gradient.
        certain -= {"learning-rate-hard-coded"}
    explanation = found[0]
    certificates = _certificates(observed, explanation)
    if refused:
        certificates["activation-hard-coded"] = [_refusal(refused)]
        certain |= {"activation-hard-coded"}
    is_weak = explanation.cost[0] > 1
    named = {
        name: parts
        for name, parts in certificates.items()
        if not is_weak
        and name in certain - {UNNAMED}
        and len(frozenset().union(*(part.cases for part in parts))) >= _ENOUGH
    }
    has_known_dz = explanation.dz.formula is not OWN_DZ
    explains_all = (
        has_known_dz
        and explanation.cost[0] == 0
        and set(named) == explanation.mistakes | ({*certain} - explanation.mistakes)
    )
    homes = {name: frozenset().union(*(part.criteria for part in parts)) for name, parts in named.items()}
    claimed = frozenset().union(*homes.values())
    diagnoses = [
        _diagnosis(name, parts, lost, homes[name], claimed, explains_all=explains_all)
        for name, parts in named.items()
    ]
    return [each for each in diagnoses if each.criteria]


def _diagnosis(
    name: str,
    parts: Sequence[_Certificate],
    lost: Sequence[str],
    home: frozenset[str],
    claimed: frozenset[str],
    *,
    explains_all: bool,
) -> Diagnosis:
    criteria = tuple(c for c in lost if c in home or (explains_all and c not in claimed))
    if not criteria and explains_all:
        criteria = tuple(lost)
    return Diagnosis(
        name,
        METHOD,
        criteria,
        len(frozenset().union(*(part.cases for part in parts))),
        "; ".join(dict.fromkeys(part.seen for part in parts)),
        "; ".join(dict.fromkeys(part.due for part in parts)),
    )


def _certificates(observed: Observed, explanation: Explanation) -> dict[str, list[_Certificate]]:
    found: dict[str, list[_Certificate]] = {}
    dz = explanation.dz
    for name in dz.formula.mistakes:
        raises = dz.raises.union(*(match.raises for match in explanation.matches.values()))
        cases = _cases(observed, dz.tells, raises)
        criteria = frozenset({"backward.dz"} | ({"backward.update"} if dz.formula.factor else set()))
        found[name] = [_Certificate(f"dz = {dz.formula.text}", f"dz = {RIGHT_DZ.text}", criteria, cases)]
    for result, match in explanation.matches.items():
        cases = _cases(observed, match.tells, match.raises)
        for name, where in match.mistakes.items():
            known = _JOINED[name] if name in _JOINED and _JOINED[name] in explanation.mistakes else name
            found.setdefault(known, []).append(_certificate(result, match, name, where, cases))
    for name in _FACTORS:
        if name in found and (factor := _factor_of_dz(explanation, name)):
            cases = frozenset().union(*(part.cases for part in found[name]))
            seen = f"dz = {factor}{dz.formula.text}"
            found[name] = [_Certificate(seen, f"dz = {RIGHT_DZ.text}", frozenset({"backward.dz"}), cases)]
    return found


def _factor_of_dz(explanation: Explanation, name: str) -> str:
    """Return the wrong factor that all three results have, so that ``dz`` has it; empty if they differ."""
    factors = {
        match.factor + ("learning_rate · " if result != "da_prev" and name == _RATE else "")
        for result, match in explanation.matches.items()
        if name in match.mistakes
    }
    everywhere = len(explanation.matches) == len(_NAMES) and all(
        name in match.mistakes for match in explanation.matches.values()
    )
    return factors.pop() if everywhere and len(factors) == 1 else ""


def _certificate(result: str, match: Match, name: str, where: str, cases: frozenset[int]) -> _Certificate:
    criteria = {f"backward.{result}"}
    seen, due = match.seen, _GRADIENTS[result]
    if where == "step":
        criteria = {"backward.update"} | (criteria if name in _WHOLE_STEP else set())
        seen, due = match.step, _STEPS[result]
    elif where == "shape":
        criteria, due = {"backward.shape"}, f"{due}, in shape (n_inputs, 1)"
    elif result == "da_prev":
        criteria |= (
            {"backward.shape"} if name in {"da_prev-not-returned", "wrong-gradient-returned"} else set()
        )
        due = f"{due}, with W as it was in the forward pass" if name == "updated-before-da_prev" else due
    return _Certificate(seen, due, frozenset(criteria), cases)


def _cases(observed: Observed, tells: frozenset[int], raises: frozenset[int]) -> frozenset[int]:
    calls = (*(observed.returned[i] for i in tells), *(observed.raised[i] for i in raises))
    return frozenset(id(call.case) for call in calls)


def _refusal(refused: Sequence[Call]) -> _Certificate:
    seen = "raise, if f is neither relu nor sigmoid"
    cases = frozenset(id(call.case) for call in refused)
    return _Certificate(seen, f"dz = {RIGHT_DZ.text}", frozenset({"backward.dz"}), cases)


def unknown(
    observed: Observed, found: Sequence[Explanation], lost: Sequence[str], named: Sequence[Diagnosis]
) -> Iterator[Diagnosis]:
    """Yield what is certain of the criteria that no diagnosis explains, if there are any."""
    explained = {criterion for diagnosis in named for criterion in diagnosis.criteria}
    left = tuple(name for name in lost if name not in explained)
    if left:
        says = Message(_STEP) if left == tuple(lost) == ("backward.update",) else _certain(observed, found)
        yield Diagnosis("unknown", METHOD, left, says=says)


def _certain(observed: Observed, found: Sequence[Explanation]) -> Message:
    if not found:
        return Message(
            "Nothing that backward does follows from da ⊙ f′(z), nor from a wrong dz that we know."
        )
    explanation = found[0]
    fits = [_NAMES[name] for name, match in explanation.matches.items() if not match.mistakes]
    left = [_NAMES[name] for name in _NAMES if name not in explanation.matches]
    values: dict[str, str | int | float] = {
        "dz": explanation.dz.formula.text,
        "fits": ", ".join(fits),
        "left": ", ".join(left),
    }
    if explanation.dz.formula is OWN_DZ:
        return Message(_OWN_DZ, values)
    if len(found) > 1 and explanation.cost[0] == 0:
        return Message("More than one of the mistakes that we know would do exactly what backward does.")
    if left:
        return Message(_LEFT if fits else _NOTHING_FITS, values)
    unnamed = [match.seen for match in explanation.matches.values() if UNNAMED in match.mistakes]
    if unnamed:
        return Message(
            "This is neither right nor a mistake that we have a name for: {seen}.",
            {"seen": ", ".join(unnamed)},
        )
    raised = next((call.raised.type for call in observed.raised if call.raised is not None), "")
    return Message("No mistake that we know explains the {type} that backward raises.", {"type": raised})
