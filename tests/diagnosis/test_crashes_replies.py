"""What the sandbox says about an exception is bounded and harmless, and replies with anything else are refused."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from grader.candidate.reply_checks import backward_reply, forward_reply
from grader.protocol import limits
from grader.protocol.frames import ProtocolError

NO_NUMBERS = np.zeros(0)


def raised(**changes: Any) -> dict[str, Any]:
    """Return an exception as a reply has it, with changes to its account."""
    operand = {"text": "dz", "shape": [2, 1], "is_none": False}
    account = {"kind": "operation", "text": "dz @ x", "operands": [operand], "suggestion": "", "function": ""}
    return {
        "type": "ValueError",
        "text": "shapes",
        "label": "perceptron.py",
        "line": 3,
        "account": {**account, "label": None, "line": None, **changes},
    }


def read(exception: dict[str, Any]) -> Any:
    header = {"cases": [{"steps": [], "raised": exception, "during": "Layer.backward"}]}
    return backward_reply(header, NO_NUMBERS, [{"steps": 1}])[0].raised


def test_an_account_is_read() -> None:
    account = read(raised()).account
    assert (account.text, account.operands[0].shape) == ("dz @ x", (2, 1))


def test_characters_that_act_are_escaped() -> None:
    account = read(raised(text="a\u202eb", suggestion="\x1b[2J", function="f\n")).account
    assert (account.text, account.suggestion, account.function) == ("a\\u202eb", "\\x1b[2J", "f\\n")


@pytest.mark.parametrize(
    "changes",
    [
        {"kind": "another"},
        {"text": "x" * (limits.EXPRESSION + 1)},
        {"suggestion": "x" * (limits.EXPRESSION + 1)},
        {"operands": [{"text": "x", "shape": None, "is_none": False}] * 3},
        {"operands": [{"text": "x", "shape": [1] * 9, "is_none": False}]},
        {"operands": [{"text": "x", "shape": [-1], "is_none": False}]},
        {"line": "3"},
    ],
)
def test_an_account_of_another_form_is_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(ProtocolError):
        read(raised(**changes))


@pytest.mark.parametrize(
    "case",
    [
        {"returned": {"shape": [1], "kept": True}, "kept": []},
        {"returned": None, "kept": [["x", {"shape": [], "kept": False}]] * (limits.KEPT + 1)},
        {"returned": None},
    ],
)
def test_a_reply_about_forward_of_another_form_is_refused(case: dict[str, Any]) -> None:
    with pytest.raises(ProtocolError):
        forward_reply({"cases": [case]}, NO_NUMBERS, [{}])
