"""Take the names out of a report, as far as they can be found.

Fields that name somebody are gone for certain: ids, paths, digests of files. In texts, a submission's id, path, file
name and other names in gradebooks are replaced wherever they stand by themselves. What a student wrote (printed lines,
exceptions, source) is also searched for every word of everybody's names. A name that is in none of these cannot be
known.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from hashlib import sha256
from pathlib import Path, PurePosixPath
from typing import TypeVar

from msgspec import structs

from grader.languages import translated
from grader.model import (
    CodeValue,
    Diagnosis,
    ExceptionValue,
    Finding,
    Message,
    Place,
    PrintedValue,
    Report,
    SubmissionResult,
    TextValue,
    Value,
)
from grader.report.words import handed_in

__all__ = ["anonymised"]

_WORD = re.compile(r"[^\W_]+")
_PLAIN_WORDS = Path(__file__).with_name("plain_words.txt")
"""Words that files and folders are often called by, and that name nobody."""
_LEAST_LETTERS, _LEAST_DIGITS = 3, 5
_FEW = 4
_NOTHING = Message("nothing was handed in")

_Hide = Callable[[str], str]
_Said = TypeVar("_Said", bound=Message)


def anonymised(report: Report) -> Report:
    """Return the report with neutral names, "Submission 1" and so on, in an order that tells nothing.

    The order is that of digests of the whole class's files and each id. It is the same for the same class, and cannot
    be found out from a list of the ids, nor from one's own file.
    """
    files_of_all = sorted(result.sha256 for result in report.submissions)
    ordered = sorted(
        report.submissions, key=lambda result: _digest(*files_of_all, result.sha256, result.id, result.path)
    )
    names = [translated("Submission {number}").format(number=number) for number in range(1, len(ordered) + 1)]
    plain = _plain_words(ordered)
    words = _words_of_names(ordered, names, plain)
    files: dict[str, str] = {}
    hidden = []
    for result, name in zip(ordered, names, strict=True):
        file = result.sha256 and files.setdefault(
            result.sha256, translated("file {number}").format(number=len(files) + 1)
        )
        hidden.append(_hidden(result, name, file, words, plain))
    return replace(report, submissions=tuple(hidden))


def _digest(*texts: str) -> str:
    return sha256("\0".join(texts).encode("utf-8", "surrogatepass")).hexdigest()


def _plain_words(results: Iterable[SubmissionResult]) -> frozenset[str]:
    """Return words that stay even if somebody's folder has such a name: common file names, the criteria's words."""
    criteria = {f"{criterion.id} {criterion.title}" for result in results for criterion in result.criteria}
    texts = [_PLAIN_WORDS.read_text(encoding="utf-8"), *criteria]
    return frozenset(word.casefold() for text in texts for word in _WORD.findall(text))


def _words_of_names(
    results: list[SubmissionResult], names: list[str], plain: frozenset[str]
) -> Mapping[str, str]:
    """Return the words that name somebody, and what replaces each."""
    holders: dict[str, set[str]] = defaultdict(set)
    for result, name in zip(results, names, strict=True):
        for word in _WORD.findall(" ".join((result.id, *result.aliases)).casefold()):
            if len(word) >= _LEAST_LETTERS and _may_name(word, plain):
                holders[word].add(name)
    # A word of most ids, such as the name of the course, names nobody.
    most = max(len(results) // 2, _FEW)
    return {
        word: min(holding) if len(holding) == 1 else translated("[name]")
        for word, holding in holders.items()
        if len(holding) <= most
    }


def _may_name(term: str, plain: frozenset[str]) -> bool:
    """Tell whether a term may stand for a person: it is not an ordinary word, nor a small number such as a line's."""
    return term.casefold() not in plain and (not term.isdigit() or len(term) >= _LEAST_DIGITS)


def _hidden(
    result: SubmissionResult, name: str, file: str, words: Mapping[str, str], plain: frozenset[str]
) -> SubmissionResult:
    own = _own_terms(result, name, plain)

    def any_name(text: str) -> str:
        return _WORD.sub(lambda found: words.get(found[0].casefold(), found[0]), own(text))

    return replace(
        result,
        id=name,
        path=result.path and name,
        sha256=file,
        aliases=(),
        reasons=tuple(_message(one, any_name) for one in result.reasons)
        if handed_in(result)
        else (_NOTHING,),
        output=any_name(result.output),
        criteria=tuple(
            replace(c, finding=c.finding and _finding(c.finding, own, any_name)) for c in result.criteria
        ),
        diagnoses=tuple(_diagnosis(diagnosis, own, any_name) for diagnosis in result.diagnoses),
    )


def _own_terms(result: SubmissionResult, name: str, plain: frozenset[str]) -> _Hide:
    """Return a function that replaces a submission's own path, file name and names where they stand by themselves."""
    path = PurePosixPath(result.path.replace("\\", "/"))
    terms = {result.path: name, path.name: f"submission{path.suffix}"}
    for own in (result.id, *result.aliases):
        if len(own) > 1 and _may_name(own, plain):
            terms.setdefault(own, name)
    found = {term.casefold(): instead for term, instead in terms.items() if term}
    if not found:
        return lambda text: text
    longest_first = sorted(found, key=lambda term: (-len(term), term))
    pattern = re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, longest_first))})(?!\w)", re.IGNORECASE)
    return lambda text: pattern.sub(lambda match: found.get(match[0].casefold(), name), text)


def _finding(finding: Finding, own: _Hide, any_name: _Hide) -> Finding:
    """Return a finding without names; only values and places can hold what a student wrote."""

    def values(named: Mapping[str, Value]) -> dict[str, Value]:
        return {name: _value(value, any_name) for name, value in named.items()}

    place = finding.place and _place(finding.place, own, any_name)
    return structs.replace(
        finding,
        says=_message(finding.says, own),
        seen=values(finding.seen),
        due=values(finding.due),
        facts=values(finding.facts),
        place=place,
    )


def _diagnosis(diagnosis: Diagnosis, own: _Hide, any_name: _Hide) -> Diagnosis:
    """Return a diagnosis without names; a student wrote the line, those around it, and the repaired one."""
    place, excerpt = diagnosis.place, diagnosis.excerpt
    return structs.replace(
        diagnosis,
        says=diagnosis.says and _message(diagnosis.says, own),
        place=place and _place(place, own, any_name),
        excerpt=excerpt and structs.replace(excerpt, lines=tuple(map(any_name, excerpt.lines))),
        repair=any_name(diagnosis.repair),
    )


def _place(place: Place, own: _Hide, any_name: _Hide) -> Place:
    return structs.replace(place, file=own(place.file), source=any_name(place.source))


def _value(value: Value, hide: _Hide) -> Value:
    match value:
        case PrintedValue(line):
            return PrintedValue(hide(line))
        case CodeValue(text):
            return CodeValue(hide(text))
        case ExceptionValue(type=type_, text=text):
            return ExceptionValue(hide(type_), hide(text))
        case TextValue():
            return _message(value, hide)
        case _:
            return value


def _message(message: _Said, hide: _Hide) -> _Said:
    def hidden(value: str | float | Message) -> str | float | Message:
        match value:
            case str():
                return hide(value)
            case Message():
                return _message(value, hide)
            case _:
                return value

    return structs.replace(message, values={name: hidden(value) for name, value in message.values.items()})
