"""Sanitize Markdown that students wrote: no markup, no pictures from elsewhere, no links except to the web.

nbgrader's pages would run its scripts with the rights of whoever looks at them, and that person may change scores. A
picture would tell the student's server that somebody is looking. A blank where such a thing begins is enough to stop
it, and does not change formulas.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Collection, Sequence
from urllib.parse import quote

from grader.protocol.shown_cells import Picture

__all__ = ["attachments_named", "sanitized", "sanitized_with_pictures", "without_missing_attachments"]

_TO_THE_WEB = r"[ \t\n]{0,9}(?:https?://|mailto:|#)"
"""The links that are allowed. Other files of the student's lie beside the page, and their scripts would run there."""
_ACTING = re.compile(
    r"<(?=[a-z/!?])"  # a tag, a comment, an address in brackets
    r"|&(?=#|\w+;)"  # a character by its name or number
    r"|!(?=\[)"  # a picture
    rf"|\](?=\((?!{_TO_THE_WEB}))"  # a link
    rf"|\](?=:(?!{_TO_THE_WEB}))"  # a link's definition
    r"|(?:javascript|vbscript)(?=\\*:)",
    re.IGNORECASE,
)
_NOT_PLAIN = re.compile(r"[^\w .,:()+=-]")
"""Characters that may be more than text in the description of a picture."""
_PLAIN_NAME = re.compile(r"[\w.-]+", re.ASCII)


def sanitized(text: str) -> str:
    """Return Markdown with a blank in everything that would act on a page."""
    return _ACTING.sub(r"\g<0> ", text)


def sanitized_with_pictures(text: str, pictures: Sequence[Picture]) -> tuple[str, dict[str, dict[str, str]]]:
    """Return sanitized Markdown that still shows those of ``pictures`` that it names, and these as attachments.

    They get new names, because nbconvert does not find names with blanks.
    """
    spelled = {spelling: picture for picture in pictures for spelling in _spellings(picture.name)}
    if not spelled:
        return sanitized(text), {}
    reference = re.compile(
        rf"(?<!\\)!\[([^\[\]\n]{{0,300}})\]\([ \t]*<?attachment:({_alternatives(spelled)})>?"
        r"(?:[ \t]+\"[^\"\n]{0,300}\")?[ \t]*\)"
    )
    whole, attachments, end = [], {}, 0
    for found in reference.finditer(text):
        picture = spelled[found[2]]
        name = f"picture-{pictures.index(picture) + 1}"
        attachments[name] = _bundle(picture)
        whole += [
            sanitized(text[end : found.start()]),
            f"![{_NOT_PLAIN.sub('', found[1])}](attachment:{name})",
        ]
        end = found.end()
    return "".join([*whole, sanitized(text[end:])]), attachments


def attachments_named(text: str, pictures: Sequence[Picture]) -> dict[str, dict[str, str]]:
    """Return those of ``pictures`` that the text of a released cell names, as attachments."""
    return {picture.name: _bundle(picture) for picture in pictures if f"attachment:{picture.name}" in text}


def without_missing_attachments(text: str, attachments: Collection[str]) -> str:
    """Return Markdown with a blank in each reference to a missing attachment, on which nbconvert would fail."""
    plain = [name for name in attachments if _PLAIN_NAME.fullmatch(name)]
    there = rf"(?!(?:{_alternatives(plain)})[)>\s])" if plain else ""
    return re.sub(rf"attachment(?=:{there})", r"\g<0> ", text)


def _spellings(name: str) -> set[str]:
    """Return how a reference may spell a picture's name: as it is, or quoted as in an address."""
    return {name, quote(name), quote(name, safe="!$&'()*+,;=:@/?#")}


def _alternatives(names: Collection[str]) -> str:
    return "|".join(re.escape(name) for name in sorted(names, key=len, reverse=True))


def _bundle(picture: Picture) -> dict[str, str]:
    return {picture.kind: base64.b64encode(picture.content).decode()}
