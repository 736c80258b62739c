"""Why a submission cannot be read, or a notebook cannot be shown: the sandbox sends a name, and never a sentence.

So nothing that a submission may get the sandbox to say is translated or filled in but these sentences.
"""

from __future__ import annotations

import re
from enum import Enum

__all__ = ["Problem", "names_in"]


class Problem(Enum):
    """A reason, as a sentence with the name of each value in braces."""

    EMPTY = "the file is empty: there is no code in it"
    OUT_OF_MEMORY = "it needs more memory to be read than a submission may use"
    SEVERAL_FILES = "{count} files could be the one to examine: {files} and {last}; hand in one of them"
    NO_CLASS = "no class Layer and no class Perceptron is defined in {files}"
    NO_CLASS_BUT_ALIKE = (
        "no class Layer and no class Perceptron is defined in {files}; there is {name}: "
        "did you mean {wanted}?"
    )
    NOT_PYTHON = "line {line} of {file} is not valid Python ({reason})"
    NOT_THIS_PYTHON = (
        "line {line} of {file} is not valid Python {version}; it may be of a newer version ({reason})"
    )
    WIDE_CHARACTERS = "{file} is saved as UTF-16 or UTF-32, which Python does not read; save it as UTF-8"
    UNKNOWN_ENCODING = "{file} declares an encoding that Python does not know ({reason})"
    NO_ENCODING = "{file} declares {encoding} as its encoding, which is not one for text"
    NUL = "{file} is not text: it has a NUL character in line {line}"
    OTHER_ENCODING = (
        "{file} is not {encoding} text: byte 0x{byte} in line {line}; save it as UTF-8, or declare its encoding in "
        "the first line"
    )
    NOT_TEXT = "{file} is not text in {encoding}"
    BROKEN_NOTEBOOK = "{file} is not a notebook: its JSON is broken"
    BROKEN_NOTEBOOK_AT = "{file} is not a notebook: its JSON is broken in line {line}"
    NO_NOTEBOOK = "{file} is not a notebook: it has no cells"
    TOO_MANY_CODE_CELLS = "{file} has more than {limit} code cells"
    TOO_MANY_CELLS = "it has more than {limit} cells"
    TOO_MANY_CHARACTERS = "there are more than {limit} characters in its cells"
    TOO_MUCH_TEXT = "there are more than {limit} characters of text in it"


def names_in(sentence: str) -> frozenset[str]:
    """Return the names in braces."""
    return frozenset(re.findall(r"{(\w+)}", sentence))
