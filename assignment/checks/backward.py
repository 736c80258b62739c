"""The checks of `Layer.backward`, each of one quantity."""

from __future__ import annotations

from collections.abc import Sequence

from checks.backward_mistakes import (
    OF_BIASES,
    OF_DA_PREV,
    OF_DZ,
    OF_WEIGHTS,
    Variants,
    later_calls,
    recognized,
    wrong_factor,
)
from checks.calls import Answer, Call
from checks.carrying import (
    DIRECTIONS,
    column_of,
    due_step,
    is_right,
    judged,
    read_calls,
    right_somewhere,
    shown_entries,
)
from checks.exceptions import is_of_shapes, raised
from checks.results import Seen, Wrong, entries
from checks.tolerance import close
from checks.words import _
from utils import Array

STEPS = ("shape", "dz", "weights", "biases", "da_prev", "update")
_KNOWN = {"weights": OF_WEIGHTS, "biases": OF_BIASES, "da_prev": OF_DA_PREV}


class Checks:
    """The checks of all steps, on the answers to all cases."""

    def __init__(self, answers: Sequence[Answer]) -> None:
        given = [answer for answer in answers if answer.case.family == "given"]
        self._answers = answers
        failing = {answer.case.size for answer in given if answer.error is not None}
        self._sound = [answer for answer in answers if answer.case.size not in failing]
        self._given = given
        self._calls = [call for answer in self._family("given") for call in answer.calls]
        self._reading = read_calls(self._calls)
        rule, holds = self._reading
        self._pairs = judged(self._calls, rule)
        self._right = [name for name in DIRECTIONS if name in holds] if "dz" in holds else []
        self._moving = [name for name in ("weights", "biases") if name in holds]

    def _family(self, name: str) -> list[Answer]:
        return [answer for answer in self._sound if answer.case.family == name]

    def does_nothing(self) -> bool:
        """Tell whether `backward` returns None and changes nothing, as an empty one does."""
        calls = [call for answer in self._answers for call in answer.calls]
        return bool(calls) and all(
            call.seen["da_prev"].what == "None"
            and all(moved is not None and not moved.any() for moved in call.results[1:])
            for call in calls
        )

    def always_raises(self) -> bool:
        """Tell whether no call returned, so that there is one reason for all."""
        return not any(answer.calls for answer in self._answers)

    def hold_in_part(self) -> bool:
        """Tell whether any parameters move along their gradient."""
        return bool(self._moving)

    def wrong(self, step: str) -> Wrong | None:
        """Return what is wrong in a step, or None if it is right."""
        found: Wrong | None = getattr(self, f"_{step}")()
        if found is not None and not found.hint and not found.place and not self.is_forward_right():
            found.hint = _("Your forward does not return f(W·a_prev + b), which backward builds on.")
        return found

    def is_forward_right(self) -> bool:
        """Tell whether `forward` returned f(W·a_prev + b) in all calls."""
        return all(call.is_forward_right for answer in self._answers for call in answer.calls)

    def _shape(self) -> Wrong | None:
        for answer in self._given:
            n_neurons, n_inputs = answer.case.size
            due = {"da_prev": (n_inputs, 1), "weights": (n_neurons, n_inputs), "biases": (n_neurons, 1)}
            for call in answer.calls:
                for name, shape in due.items():
                    if call.seen[name].array is None or call.seen[name].shape != shape:
                        return self._wrong_shape(call, name, shape)
            if answer.error is not None:
                return _exception(answer)
        if right_somewhere(self._calls):
            return None
        return Wrong(
            _("The shapes are right, but they count only once some number is right, and none is."),
            hint=_("Begin with dz: compare your lines with the formulas of the task sheet, one by one."),
        )

    def _wrong_shape(self, call: Call, name: str, shape: tuple[int, int]) -> Wrong:
        says = _("{name} should have the shape {shape}, but is {what}.")
        if name == "da_prev":
            says = _("What backward returns should be da_prev of the shape {shape}, but is {what}.")
        what, hint = call.seen[name].what, ""
        if what == "None":
            hint = _("Does backward end with a return?")
        elif call.seen[name].reshaped(*shape) is not None:
            hint = _("The number of entries is right. Keep columns as columns, with two axes.")
        elif sentence := recognized(_KNOWN[name], self._pairs, []):
            hint = sentence
        elif name == "weights":
            hint = _("What are the shapes of the two factors of d_weights, and which of them is a row?")
        elif name == "biases":
            hint = _("d_biases has the shape of dz: one number for each neuron.")
        else:
            hint = _("What is the shape of each factor of da_prev? One of them is transposed.")
        return Wrong(says.format(name=name, shape=shape, what=what), hint=hint, facts=call.facts())

    def _dz(self) -> Wrong | None:
        if "dz" not in self._reading.holds:
            return self._wrong_dz() or self._not_judged()
        for answer in self._family("others"):
            for call in answer.calls:
                for name in self._right:
                    if not is_right(name, call, call.true_dz):
                        return Wrong(
                            _(
                                "With an activation function other than relu and sigmoid, dz is not da ⊙ f′(z)."
                            ),
                            shown_entries(name, call, call.true_dz),
                            _("by finite differences"),
                            _("Use the layer's own activation.derivative, not a formula for one function."),
                            call.facts(),
                        )
            if answer.error is not None:
                return _exception(answer)
        for answer in self._family("sums"):
            if answer.error is not None:
                return _exception(answer)
            one, other, both = (
                dict(zip(("da_prev", "biases", "weights"), c.results, strict=True)) for c in answer.calls
            )
            for name in [name for name in ("da_prev", "biases", "weights") if name in self._right][:1]:
                a, b, total = one[name], other[name], both[name]
                if a is None or b is None or total is None or close(total, a + b, answer.case.weights, a, b):
                    continue
                says = _("If da is the sum of two others, dz should be the sum of theirs, but is not.")
                hint = _("Is anything clipped, or does anything depend on the size or the sign of da?")
                return Wrong(
                    says, entries(name, total, a + b), _("sum of the two"), hint, answer.calls[2].facts()
                )
        return None

    def _wrong_dz(self) -> Wrong | None:
        rule = self._reading.rule
        if self._calls and all(call.is_dead for call in self._calls):
            return Wrong(_("Nothing changed, and zeros came back."), facts=self._calls[0].facts())
        wrong = [
            (call, dz)
            for call in self._calls
            if not call.is_dead and (dz := call.dz(rule)) is not None and not close(dz, call.true_dz)
        ]
        if wrong and rule != "true":
            call, dz = _simplest(wrong)
            return Wrong(
                _("dz should be da ⊙ f′(z)."),
                shown_entries("dz", call, dz),
                _("by finite differences"),
                recognized(OF_DZ, self._pairs, wrong),
                [*call.facts(), (_("dz seen in"), rule)],
            )
        dead = next((call for call in self._calls if call.is_dead), None)
        if self._reading.holds and dead is not None:
            return Wrong(_("Nothing changed, and zeros came back."), facts=dead.facts())
        for call in self._calls:
            if not any(is_right(name, call, call.true_dz) for name in DIRECTIONS):
                says = _("Nothing that backward does agrees with dz = da ⊙ f′(z).")
                shown = [entry for name in DIRECTIONS for entry in shown_entries(name, call, call.true_dz)]
                return Wrong(says, shown, _("by finite differences"), facts=call.facts())
        return None

    def _weights(self) -> Wrong | None:
        return self._direction("weights", _("The weights do not move along dz · a_prevᵀ."), OF_WEIGHTS)

    def _biases(self) -> Wrong | None:
        return self._direction("biases", _("The biases do not move along dz."), OF_BIASES)

    def _da_prev(self) -> Wrong | None:
        says = _("What backward returns is not Wᵀ · dz, with W as it was in the forward pass.")
        return self._direction("da_prev", says, OF_DA_PREV)

    def _direction(self, name: str, says: str, known: Variants) -> Wrong | None:
        if name in self._reading.holds:
            return None
        wrong = [(call, dz) for call, dz in self._pairs if not is_right(name, call, dz)]
        if not wrong:
            return self._not_judged()
        call, dz = _simplest(wrong)
        shown = shown_entries(name, call, dz)
        if not shown:
            what = call.seen[name].what
            if name == "da_prev":
                says += " " + _("It is {what}.").format(what=what)
            else:
                says += " " + _("After the call, self.{name} is {what}.").format(name=name, what=what)
        return Wrong(says, shown, column_of(call, dz), recognized(known, self._pairs, wrong), call.facts(dz))

    def _update(self) -> Wrong | None:
        if "update" not in self._reading.holds:
            if not self._moving:
                says = _(
                    "Neither the weights nor the biases move along their gradient, so there is no step to measure."
                )
                return Wrong(says, hint=_("Fix weights or biases first."))
            wrong = [
                (call, dz)
                for call, dz in self._pairs
                if not all(close(*due_step(name, call, dz)) for name in self._moving)
            ]
            call, dz = _simplest(wrong)
            shown = [entry for name in self._moving for entry in entries(name, *due_step(name, call, dz))]
            says = _("The parameters do not move by −learning_rate times their gradient.")
            by = _("−learning_rate · gradient")
            hint = wrong_factor(self._pairs, self._moving) or later_calls(wrong)
            hint = hint or _("By which factor are your numbers off, and which line has this factor?")
            return Wrong(says, shown, by, hint, call.facts(dz), entries_are=_("change of"))
        return self._wrong_rate()

    def _wrong_rate(self) -> Wrong | None:
        is_true = self._reading.rule == "true"
        for answer in self._family("rates"):
            if is_true and len(answer.calls) < 2 and answer.error is not None:
                return _exception(answer)
            for name in self._moving:
                steps = [due_step(name, call, call.true_dz)[0] for call in answer.calls]
                once = None if not is_true or len(steps) < 2 else steps[0]
                if once is not None and not close(steps[1], 2 * once, answer.case.weights):
                    says = _("Twice the learning rate does not move the parameters twice as far.")
                    shown = [] if steps[1] is None else entries(name, steps[1], 2 * once)
                    facts = answer.calls[1].facts()
                    return Wrong(
                        says, shown, _("twice the first change"), facts=facts, entries_are=_("change of")
                    )
                if len(steps) > 2 and (
                    steps[2] is None or not close(steps[2], 0 * steps[2], answer.case.weights)
                ):
                    says = _("At learning rate 0 the parameters should stay as they were.")
                    return Wrong(says, facts=answer.calls[2].facts())
        return None

    def _not_judged(self) -> Wrong:
        failing = next((answer for answer in self._given if answer.error is not None), None)
        if failing is not None:
            return _exception(failing)
        return Wrong(
            _("Too little of backward is right to judge this step by."),
            hint=_("Fix the steps before it first."),
        )


def _simplest(pairs: Sequence[tuple[Call, Array]]) -> tuple[Call, Array]:
    """Return the smallest call, if possible one without a zero, which looks as if nothing was computed."""
    return min(pairs, key=lambda pair: (pair[1] == 0).any() + pair[0].weights.size / 100)


def _exception(answer: Answer) -> Wrong:
    case, done = answer.case, min(len(answer.calls), len(answer.case.steps) - 1)
    nothing = Seen(None, "", None)
    facts = Call(case, done, *[nothing] * 4).facts()
    n_neurons, n_inputs = case.size
    size = _("{neurons} × {inputs} (neurons × inputs)").format(neurons=n_neurons, inputs=n_inputs)
    error = answer.error or RuntimeError()
    wrong = raised(error, answer.during, [(_("layer"), size), *facts])
    if is_of_shapes(error):
        says = _(
            "The right shapes in this layer: da, z and dz {dz}; W and d_weights {weights}; a_prev and da_prev {a_prev}."
        )
        shapes = says.format(dz=(n_neurons, 1), weights=case.size, a_prev=(n_inputs, 1))
        wrong.hint = f"{wrong.hint} {shapes}"
    return wrong
