"""Keep Markdown from acting on a page: take out markup, pictures from elsewhere, and links other than to the web.

nbgrader's pages would run a script in it with the rights of whoever looks at them, who may change scores, and tell
the student's server that somebody does. A blank at each place where such a thing begins is enough, and formulas are the
same with it.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Collection, Sequence
from urllib.parse import quote

from grader.protocol.shown_cells import Picture

__all__ = ["attachments_named", "harmless", "resolved", "with_pictures"]

_TO_THE_WEB = r"[ \t\n]{0,9}(?:https?://|mailto:|#)"
"""Where a link may lead. What else a student handed in lies beside the page, and its scripts would be run there."""
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
"""What might be more than a letter in the description of a picture."""
_PLAIN_NAME = re.compile(r"[\w.-]+", re.ASCII)


def harmless(text: str) -> str:
    """Return Markdown with a blank in whatever would act."""
    return _ACTING.sub(r"\g<0> ", text)


def with_pictures(text: str, pictures: Sequence[Picture]) -> tuple[str, dict[str, dict[str, str]]]:
    """Return Markdown made harmless, but that it shows those of ``pictures`` that it names; and these, as attachments.

    They get names of ours, since nbconvert finds none that has a blank in it.
    """
    spelled = {spelling: picture for picture in pictures for spelling in _spellings(picture.name)}
    if not spelled:
        return harmless(text), {}
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
            harmless(text[end : found.start()]),
            f"![{_NOT_PLAIN.sub('', found[1])}](attachment:{name})",
        ]
        end = found.end()
    return "".join([*whole, harmless(text[end:])]), attachments


def attachments_named(text: str, pictures: Sequence[Picture]) -> dict[str, dict[str, str]]:
    """Return the attachments of a cell that is shown as it was released: those of ``pictures`` that it names."""
    return {picture.name: _bundle(picture) for picture in pictures if f"attachment:{picture.name}" in text}


def resolved(text: str, attachments: Collection[str]) -> str:
    """Return Markdown with a blank in each reference to an attachment that is not there, at which nbconvert fails."""
    plain = [name for name in attachments if _PLAIN_NAME.fullmatch(name)]
    there = rf"(?!(?:{_alternatives(plain)})[)>\s])" if plain else ""
    return re.sub(rf"attachment(?=:{there})", r"\g<0> ", text)


def _spellings(name: str) -> set[str]:
    """Return how a reference may spell a picture's name: as it is, or as a part of an address."""
    return {name, quote(name), quote(name, safe="!$&'()*+,;=:@/?#")}


def _alternatives(names: Collection[str]) -> str:
    return "|".join(re.escape(name) for name in sorted(names, key=len, reverse=True))


def _bundle(picture: Picture) -> dict[str, str]:
    return {picture.kind: base64.b64encode(picture.content).decode()}
